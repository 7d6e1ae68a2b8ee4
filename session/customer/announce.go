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
	begun       bool                 // the operator knows that sharing has started
	permissions *session.Permissions // nil: known
	control     bool                 // who has control
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

// take is what is to be told now. Before the operator knows that sharing has started, that is only what does not work.
func (a *announcements) take() (permissions *session.Permissions, control, limits bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	limits, a.limits = a.limits, false
	if a.begun {
		permissions, a.permissions = a.permissions, nil
		control, a.control = a.control, false
	}
	return permissions, control, limits
}

// announceChanges tells the operator what there is to tell, until the session ends.
func (s *Session) announceChanges() error {
	for {
		select {
		case <-s.ctx.Done():
			return s.ctx.Err()
		case <-s.announce.wake:
		}
		permissions, control, limits := s.announce.take()
		var messages []session.ControlMessage
		if limits {
			messages = append(messages, session.ControlMessage{Type: session.MsgLimits, Limits: s.currentLimits()})
		}
		if permissions != nil {
			messages = append(messages, session.ControlMessage{Type: session.MsgPermission, Permissions: permissions})
		}
		if control {
			messages = append(messages, s.controlMessage())
		}
		for _, m := range messages {
			if err := s.peer.SendControl(s.ctx, m); err != nil {
				return err
			}
		}
	}
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
