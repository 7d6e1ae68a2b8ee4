package session

import (
	"context"
	"fmt"
	"sync"

	"handrail/screen"
	"handrail/session/mux"
)

// Kinds of messages on the clipboard stream: kind u8, then the text as UTF-8 or the PNG file.
const (
	clipText = 1
	clipPNG  = 2
)

// AppendClip appends a clip's message.
func AppendClip(b []byte, clip screen.Clip) []byte {
	if len(clip.PNG) > 0 {
		return append(append(b, clipPNG), clip.PNG...)
	}
	return append(append(b, clipText), clip.Text...)
}

// ParseClip reads a clip from a peer.
func ParseClip(data []byte) (screen.Clip, error) {
	var clip screen.Clip
	switch {
	case len(data) > 0 && data[0] == clipText:
		clip.Text = string(data[1:])
	case len(data) > 0 && data[0] == clipPNG:
		clip.PNG = append([]byte(nil), data[1:]...)
	default:
		return clip, fmt.Errorf("%w: clipboard of %d bytes", ErrMessage, len(data))
	}
	if err := clip.Check(); err != nil {
		return clip, fmt.Errorf("%w: clipboard: %v", ErrMessage, err)
	}
	return clip, nil
}

// SendClip sends what was copied here.
func (p *Peer) SendClip(ctx context.Context, clip screen.Clip) error {
	return p.conn.Send(ctx, mux.Clipboard, AppendClip(make([]byte, 0, 1+len(clip.Text)+len(clip.PNG)), clip))
}

// ReceiveClip waits for what was copied at the other side.
func (p *Peer) ReceiveClip(ctx context.Context) (screen.Clip, error) {
	data, err := p.conn.Receive(ctx, mux.Clipboard)
	if err != nil {
		return screen.Clip{}, err
	}
	defer mux.Recycle(data)
	return ParseClip(data)
}

// Outbox holds the newest clip until it is sent: older ones are replaced. The zero value is not ready.
type Outbox struct {
	wake chan struct{} // buffered 1
	mu   sync.Mutex
	clip *screen.Clip
}

// NewOutbox makes an Outbox.
func NewOutbox() *Outbox { return &Outbox{wake: make(chan struct{}, 1)} }

// Put replaces what waits. It never blocks.
func (o *Outbox) Put(clip screen.Clip) {
	o.mu.Lock()
	o.clip = &clip
	o.mu.Unlock()
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Run sends what is put, until ctx ends or send fails.
func (o *Outbox) Run(ctx context.Context, send func(screen.Clip) error) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.wake:
		}
		o.mu.Lock()
		clip := o.clip
		o.clip = nil
		o.mu.Unlock()
		if clip != nil && send(*clip) != nil {
			return
		}
	}
}
