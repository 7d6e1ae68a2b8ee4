package operator

import (
	"errors"

	"handrail/screen"
	"handrail/session"
)

// ErrNoControl says that the customer does not let the operator control the computer now. The customer's
// program would refuse the input; this spares it the way.
var ErrNoControl = errors.New("operator: the customer has not given control")

// Move moves the customer's pointer to a pixel of the desktop; positions outside go to the edge.
func (s *Session) Move(x, y int) error {
	err := s.input(session.Input{Kind: session.InputMove, X: clamp(x), Y: clamp(y)})
	if err == nil {
		s.picture.setPointer(nil) // from now on it is where this side's is
	}
	return err
}

// Button presses or releases a button where the pointer is.
func (s *Session) Button(b screen.Button, down bool) error {
	return s.input(session.Input{Kind: session.InputButton, Button: b, Down: down})
}

// Scroll turns the wheel by parts of a notch (screen.Notch is a whole one); positive is right and down.
func (s *Session) Scroll(dx, dy int) error {
	const most = session.MaxNotches * screen.Notch
	dx, dy = max(-most, min(dx, most)), max(-most, min(dy, most))
	s.mu.Lock()
	parts := s.parts
	if !parts {
		dx, dy = s.wheel.Add(dx, dy, screen.Notch)
	}
	s.mu.Unlock()
	switch {
	case parts:
		return s.input(session.Input{Kind: session.InputWheel, X: dx, Y: dy})
	case dx == 0 && dy == 0:
		return nil
	}
	return s.input(session.Input{Kind: session.InputScroll, X: dx, Y: dy})
}

// Key presses or releases a key by its X11 keysym.
func (s *Session) Key(keysym uint32, down bool) error {
	return s.input(session.Input{Kind: session.InputKey, Keysym: keysym, Down: down})
}

// Type enters text as if typed.
func (s *Session) Type(text string) error {
	for _, piece := range session.Pieces(text) {
		if err := s.input(session.Input{Kind: session.InputText, Text: piece}); err != nil {
			return err
		}
	}
	return nil
}

// ReleaseAll lets go of every key and button that is held.
func (s *Session) ReleaseAll() error { return s.input(session.Input{Kind: session.InputRelease}) }

func (s *Session) input(in session.Input) error {
	peer := s.connected()
	if peer == nil {
		return ErrNotConnected
	}
	if state, _ := s.State(); state == session.Reconnecting {
		return ErrReconnecting
	}
	if !s.Permissions().Has(session.Control) {
		return ErrNoControl
	}
	if holder, _ := s.Control(); holder == session.HolderCustomer {
		return ErrCustomerHasControl
	}
	s.engine.use(s)
	return peer.SendInput(s.ctx, in)
}

func clamp(v int) int { return max(0, min(v, 1<<16-1)) }
