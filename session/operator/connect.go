package operator

import (
	"context"
	"time"

	"handrail/session"
	"handrail/session/link"
	"handrail/session/wire"
)

// Connect starts a session with a customer whose program shows an ID and a password, as session.ParseOffer reads
// them. The password stays here: the customer's program sees whether it is right, the relay does not.
func (e *Engine) Connect(ctx context.Context, code session.Code) (*Session, error) {
	e.mu.Lock()
	api, account := e.api, e.account
	e.mu.Unlock()
	if api == nil {
		return nil, ErrSignedOut
	}
	record, err := api.Connect(ctx, code.Routing)
	if err != nil {
		return nil, err
	}
	s := newSession(e, api, account, record)
	s.code, s.offered = code, true
	return e.begin(s)
}

// offeredTimeout bounds the wait for a customer's program that is there already.
const offeredTimeout = 15 * time.Second

// waitPaired waits for the customer's program: until the code's end, or not long where it waits already.
func (s *Session) waitPaired(l *link.Link) (wire.Notice, error) {
	if !s.offered {
		return l.WaitPaired(s.ctx)
	}
	ctx, cancel := context.WithTimeout(s.ctx, offeredTimeout)
	defer cancel()
	return l.WaitPaired(ctx)
}

// offeredError says of a wrong secret what the person who typed it can do.
func offeredError(err error) error {
	if session.ReasonOf(err) == wire.ReasonWrongCode {
		return wire.Fail(wire.ReasonWrongPassword, err)
	}
	return err
}
