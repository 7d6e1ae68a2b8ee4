package relay

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/coder/websocket"

	"handrail/session/wire"
)

// message is one message of a peer in a lent buffer.
type message struct {
	kind   websocket.MessageType
	data   []byte
	buffer *[wire.MaxPacket + 1]byte
}

// buffers are lent from a message's first byte until it is written to the other peer. The byte beyond the largest
// packet shows that one is too large.
var buffers = sync.Pool{New: func() any { return new([wire.MaxPacket + 1]byte) }}

func (m *message) free() {
	if m.buffer != nil {
		buffers.Put(m.buffer)
		m.buffer, m.data = nil, nil
	}
}

// gone is the reason of a read that failed because the connection is gone. Nobody is left to be told.
const gone = wire.ReasonPeerLeft

// keptWait is how long a new session waits for the store at most. A session without a history is better than none.
const keptWait = 5 * time.Second

// read reads the next message. The caller frees it.
func (l *link) read() (message, wire.Reason) {
	l.readingSince.Store(ticks())
	defer l.readingSince.Store(0)
	kind, r, err := l.conn.Reader(context.Background())
	if err != nil {
		var closing websocket.CloseError
		if errors.As(err, &closing) {
			l.recorded(false, RecordControl, []byte(closing.Reason))
		}
		return message{}, gone
	}
	m := message{kind: kind, buffer: buffers.Get().(*[wire.MaxPacket + 1]byte)}
	limit := wire.MaxPacket
	if kind == websocket.MessageText {
		limit = wire.MaxText
	}
	n := 0
	for n <= limit && err == nil {
		var k int
		k, err = r.Read(m.buffer[n : limit+1])
		n += k
	}
	m.data = m.buffer[:n]
	if kind == websocket.MessageText {
		l.recorded(false, RecordText, m.data)
	} else {
		l.recorded(false, RecordPacket, m.data)
	}
	switch {
	case n > limit:
		m.free()
		return message{}, wire.ReasonTooLarge
	case !errors.Is(err, io.EOF):
		m.free()
		return message{}, gone
	}
	return m, ""
}

// run is the reader of a link that has been let in: it reads until the link is closed.
func (l *link) run(d *directory) {
	start := time.Now()
	defer func() {
		l.log().Info("link closed", "seconds", int(time.Since(start).Seconds()), "packets", l.packets, "bytes", l.bytes)
	}()
	for {
		m, reason := l.read()
		if reason == gone {
			return
		}
		if reason == "" && !l.ending.Load() { // when ending, read on only so that the peer's closing is seen
			reason = l.handle(d, m)
		}
		m.free()
		if reason != "" {
			l.finish(l.refusal(), reason)
			return
		}
	}
}

// refusal is the kind of notice with which a link ends that breaks the protocol.
func (l *link) refusal() wire.NoticeType {
	if l.peer.Load() == nil {
		return wire.Refused
	}
	return wire.Ended
}

// handle does what a message asks, or says why the link must end.
func (l *link) handle(d *directory, m message) wire.Reason {
	if m.kind == websocket.MessageBinary {
		peer := l.peer.Load()
		if peer == nil {
			return wire.ReasonMalformed
		}
		l.packets++
		l.bytes += int64(len(m.data))
		l.metrics.packets.Add(1)
		l.metrics.bytes.Add(int64(len(m.data)))
		peer.forward(m.data)
		return ""
	}
	var n wire.Notice
	if err := json.Unmarshal(m.data, &n); err != nil {
		return wire.ReasonMalformed
	}
	if n.Type == wire.Ended && d.endedByPeer(l) {
		return ""
	}
	if n.Type != wire.Accepted {
		return wire.ReasonMalformed
	}
	kept := d.accepted(l)
	if kept == nil {
		return wire.ReasonMalformed
	}
	// What the operator's program says next is forwarded when the session would outlive this relay: the peers will
	// count on that.
	select {
	case <-kept:
	case <-time.After(keptWait):
	case <-l.gone:
	}
	l.log().Info("session is active", "try", n.Try)
	return ""
}

// forward writes a packet to this link, and waits as long as its peer is slow; the keeper ends that when it is too
// long. Errors are not for the sender: this link's own reader finds its connection gone, after it has forwarded
// what the peer still said, and the directory tells the sender.
func (l *link) forward(packet []byte) {
	select {
	case <-l.ready:
	case <-l.gone:
		return
	}
	l.recorded(true, RecordPacket, packet)
	start := ticks()
	l.writingSince.Store(start)
	l.conn.Write(context.Background(), websocket.MessageBinary, packet)
	l.writingSince.Store(0)
	if end := ticks(); end-start > int64(slowWrite) {
		l.slowUntil.Store(end)
	}
}
