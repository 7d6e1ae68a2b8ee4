package operator

import (
	"context"
	"sync"
	"time"

	"handrail/session"
)

// pings measures how long a message takes to the customer's program and back. The zero value is ready.
type pings struct {
	one sync.Mutex // held by Ping: one at a time

	mu     sync.Mutex
	answer chan struct{} // buffered 1; nil while nothing is asked
}

// Ping asks the customer's program to answer at once and returns how long that took. It waits in line behind
// nothing but other control messages, so it is what a click takes there and back without the picture.
func (s *Session) Ping(ctx context.Context) (time.Duration, error) {
	s.pings.one.Lock()
	defer s.pings.one.Unlock()
	peer := s.connected()
	if peer == nil {
		return 0, ErrNotConnected
	}
	answer := make(chan struct{}, 1)
	s.pings.set(answer)
	defer s.pings.set(nil)
	start := time.Now()
	if err := peer.SendControl(ctx, session.ControlMessage{Type: session.MsgPing}); err != nil {
		return 0, err
	}
	select {
	case <-answer:
		return time.Since(start), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-s.ctx.Done():
		return 0, ErrNotConnected
	}
}

func (p *pings) set(answer chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = answer
}

// answered is called for every answer; those that nobody waits for mean nothing.
func (p *pings) answered() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answer != nil {
		p.answer <- struct{}{}
		p.answer = nil
	}
}
