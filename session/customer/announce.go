package customer

import (
	"slices"
	"sync"
	"time"

	"handrail/session"
)

// announcements are what the operator has yet to be told of how things stand. Only the newest counts. Nothing here waits
// for the network: whatever the customer takes is in force, and can be followed by more, whether or not the operator's
// program, or anything on the way to it, takes what is sent.
type announcements struct {
	wake chan struct{} // buffered 1: there is something

	mu          sync.Mutex
	begun       *session.ControlMessage // sharing has started; nil: not yet
	told        chan struct{}           // closed when the operator has been told so
	known       bool                    // the operator is being told so or has been
	permissions bool                    // what is allowed
	control     bool                    // who has control
	limits      bool
}

// tell changes what is to be told.
func (a *announcements) tell(change func(*announcements)) {
	a.mu.Lock()
	change(a)
	a.mu.Unlock()
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// news is what is to be told, in this order.
type news struct {
	begun                        *session.ControlMessage
	told                         chan struct{}
	limits, permissions, control bool
}

// take is what is to be told now. Before the operator knows that sharing has started, that is only what does not work.
func (a *announcements) take() (n news) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n.limits, a.limits = a.limits, false
	if a.begun == nil {
		return n
	}
	if !a.known {
		n.begun, n.told, a.known = a.begun, a.told, true
	}
	n.permissions, a.permissions = a.permissions, false
	n.control, a.control = a.control, false
	return n
}

// announceChanges tells the operator what there is to tell, until the session ends.
func (s *Session) announceChanges() error {
	for {
		select {
		case <-s.ctx.Done():
			return s.ctx.Err()
		case <-s.announce.wake:
		}
		if err := s.announceNow(s.announce.take()); err != nil {
			return err
		}
	}
}

// announceNow sends messages about how things stand now.
func (s *Session) announceNow(n news) error {
	var messages []session.ControlMessage
	if n.limits {
		messages = append(messages, session.ControlMessage{Type: session.MsgLimits, Limits: s.currentLimits()})
	}
	if n.begun != nil {
		messages = append(messages, *n.begun)
	}
	if n.permissions {
		now := s.Permissions()
		messages = append(messages, session.ControlMessage{Type: session.MsgPermission, Permissions: &now})
	}
	if n.control {
		messages = append(messages, s.controlMessage())
	}
	for _, m := range messages {
		if err := s.peer.SendControl(s.ctx, m); err != nil {
			return err
		}
		if m.Type == session.MsgStarted {
			close(n.told)
		}
	}
	return nil
}

func (s *Session) currentLimits() []session.Limit {
	s.limitsMu.Lock()
	defer s.limitsMu.Unlock()
	return slices.Clone(s.limits)
}

// controlMessage says who has control now.
func (s *Session) controlMessage() session.ControlMessage {
	holder, until := s.Control()
	m := session.ControlMessage{Type: session.MsgControl, Holder: holder}
	if !until.IsZero() {
		m.Left = max(1, int(time.Until(until).Milliseconds()))
	}
	return m
}
