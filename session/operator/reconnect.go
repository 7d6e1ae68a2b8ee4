package operator

import (
	"context"
	"errors"
	"time"

	"handrail/session"
	"handrail/session/link"
	"handrail/session/secure"
	"handrail/session/wire"
)

// ErrReconnecting says that the connection to the customer is being restored: what hands do now would come too late.
var ErrReconnecting = errors.New("operator: the connection is being restored; please try again in a moment")

// arrival is a customer who has proved the code.
type arrival struct {
	channel *secure.Channel
	link    *link.Link
	resume  string // the relay's token for coming back
	address string // of the customer, as the relay sees it
}

// The pauses between tries to reach the relay while nobody has joined yet.
const firstPause, longestPause = 100 * time.Millisecond, 2 * time.Second

// mayWaitOn tells whether a session that waits for its customer can wait on after its link broke or the relay was
// restarted: the relay has kept the code.
func (s *Session) mayWaitOn(err error) bool {
	switch session.ReasonOf(err) {
	case wire.ReasonRelayLost, wire.ReasonUnreachable, wire.ReasonStopping, wire.ReasonTimeout, wire.ReasonInternal, wire.ReasonPeerLeft,
		wire.ReasonElsewhere:
		return s.ctx.Err() == nil && time.Now().Before(s.record.Expires)
	}
	return false
}

func (s *Session) pause(d time.Duration) {
	select {
	case <-time.After(d):
	case <-s.ctx.Done():
	}
}

// rejoining is how this session comes back after a broken link.
func (s *Session) rejoining(came arrival) session.Rejoin {
	return session.Rejoin{
		Relay: s.account.Relay, Channel: came.channel, Link: came.link, Log: s.engine.config.Log, Renew: s.engine.config.Renew,
		Hello: wire.Hello{
			Version: wire.Version, Role: wire.Operator, Program: s.engine.config.Program,
			Session: s.record.ID, Token: s.api.Token(), Resume: came.resume,
		},
		Broken: func(error) {},
		Lost:   s.lost,
		Back:   s.back,
	}
}

func (s *Session) lost(reason wire.Reason) {
	if state, _ := s.State(); state != session.Active {
		return
	}
	until := time.Now().Add(wire.Grace)
	s.SetState(session.Reconnecting, reason, func(e *session.Event) { e.Until = &until })
}

// releaseWait bounds how long a link that stands again waits until there is room for more input.
const releaseWait = 100 * time.Millisecond

func (s *Session) back() {
	// What was on its way when the link broke may be old by now. This says to the customer's program where that ends.
	if peer := s.connected(); peer != nil {
		ctx, cancel := context.WithTimeout(s.ctx, releaseWait)
		_ = peer.SendInput(ctx, session.Input{Kind: session.InputRelease}) // else what is old is known by its time
		cancel()
	}
	if state, _ := s.State(); state != session.Reconnecting {
		return
	}
	s.mu.Lock()
	customer := s.customer
	s.mu.Unlock()
	s.SetState(session.Active, "", func(e *session.Event) { e.Peer = &customer })
}
