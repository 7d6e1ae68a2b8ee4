package operator

import (
	"errors"
	"slices"
	"time"

	"handrail/session"
)

// ErrCustomerHasControl says that the customer is using the computer just now. Input is dropped, not kept.
var ErrCustomerHasControl = errors.New("operator: the customer has control at the moment; it comes back a few seconds after they stop")

// setControl takes over what the customer's program says about who has control.
func (s *Session) setControl(m session.ControlMessage) {
	switch m.Holder {
	case session.HolderOperator, session.HolderCustomer, session.Nobody:
	default:
		return
	}
	var until time.Time
	if m.Left > 0 {
		until = time.Now().Add(time.Duration(m.Left) * time.Millisecond)
	}
	s.SetControl(m.Holder, until)
}

// KeyAt presses or releases a key by where it is on the keyboard, numbered as Linux does; what it means is up to
// the customer's layout.
func (s *Session) KeyAt(position uint16, down bool) error {
	return s.input(session.Input{Kind: session.InputPosition, Position: position, Down: down})
}

// setLimits takes over what does not work on the customer's computer, and says what is new.
func (s *Session) setLimits(limits []session.Limit) {
	s.mu.Lock()
	before := s.limits
	s.limits = limits
	s.mu.Unlock()
	for _, l := range limits {
		if !slices.Contains(before, l) {
			s.WarnAbout(l.About(), l.Problem, l.Why)
		}
	}
}
