package operator

import (
	"context"
	"errors"
	"image"
	"sync"

	"handrail/screen"
	"handrail/session"
	"handrail/session/mux"
	"handrail/session/wire"
)

// ahead is how many parts of updates may be under way between the channel and the picture: while one is painted, others
// are decoded. When all are, nothing more is received, and the customer's side waits for acknowledgements.
const ahead = 4

// arriving is a part on its way to the picture.
type arriving struct {
	part  *screen.Part
	data  []byte
	err   error         // of the channel: no part
	ready chan struct{} // buffered 1: it has been prepared
}

// receiveScreen paints updates and acknowledges each whole one. One goroutine receives, this one paints in order, and
// what takes long to decode is decoded by others meanwhile.
func (s *Session) receiveScreen(peer *session.Peer) error {
	ctx, cancel := context.WithCancel(s.ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	free, queue := make(chan *arriving, ahead), make(chan *arriving, ahead)
	for range ahead {
		free <- &arriving{part: s.picture.newPart(), ready: make(chan struct{}, 1)}
	}
	wg.Go(func() { receiveParts(ctx, peer, free, queue) })
	var p painting
	for {
		var a *arriving
		select {
		case a = <-queue:
		case <-ctx.Done():
			return ctx.Err()
		}
		if a.err != nil {
			return a.err
		}
		<-a.ready
		if err := s.paint(peer, a, &p); err != nil {
			return err
		}
		free <- a
	}
}

// receiveParts passes on parts in the order in which they come, until the channel ends or ctx does.
func receiveParts(ctx context.Context, peer *session.Peer, free <-chan *arriving, queue chan<- *arriving) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		var a *arriving
		select {
		case a = <-free:
		case <-ctx.Done():
			return
		}
		a.data, a.err = peer.ReceivePart(ctx)
		for errors.Is(a.err, mux.ErrRestarted) { // what comes next begins with a whole picture
			a.data, a.err = peer.ReceivePart(ctx)
		}
		queue <- a // there is room for all
		if a.err != nil {
			return
		}
		if screen.Heavy(a.data) {
			wg.Go(a.prepare)
		} else {
			a.prepare()
		}
	}
}

func (a *arriving) prepare() {
	a.part.Prepare(a.data)
	a.ready <- struct{}{}
}

// maxPainted is how many rectangles are known of an update that is being painted; more become the one around them.
const maxPainted = 4096

// painting is the update that is being painted.
type painting struct {
	rects []image.Rectangle // at most maxPainted
	bytes int
	ack   []byte // used again
}

// add notes what a part has painted. What came of an update that another one follows before its end is forgotten.
func (p *painting) add(part applied, bytes int) {
	if part.first {
		p.rects, p.bytes = p.rects[:0], 0
	}
	p.bytes += bytes
	p.rects = append(p.rects, part.rects...)
	if len(p.rects) > maxPainted {
		around := p.rects[0]
		for _, r := range p.rects {
			around = around.Union(r)
		}
		p.rects = append(p.rects[:0], around)
	}
}

// paint paints a part. When it is the update's last, the update is published and acknowledged.
func (s *Session) paint(peer *session.Peer, a *arriving, p *painting) error {
	update, err := s.picture.apply(a.part)
	bytes := len(a.data)
	mux.Recycle(a.data)
	a.data = nil
	if err != nil {
		return wire.Fail(wire.ReasonProtocol, err)
	}
	p.add(update, bytes)
	if !update.last {
		return nil
	}
	s.PublishUpdate(p.rects, p.bytes)
	p.rects, p.bytes = p.rects[:0], 0
	s.board.Painted(update.sequence)
	p.ack = session.Ack{Sequence: update.sequence}.AppendTo(p.ack[:0])
	err = peer.SendPart(s.ctx, p.ack)
	for errors.Is(err, mux.ErrRestarted) {
		// The update may have come after the break: without its acknowledgement the customer's side would wait for ever.
		err = peer.SendPart(s.ctx, p.ack)
	}
	return err
}
