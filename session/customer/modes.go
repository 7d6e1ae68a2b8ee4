package customer

import (
	"sync"

	"handrail/screen"
	"handrail/session"
)

// modeDesk changes the resolution of this computer's monitors for the operator, and puts it back at the end.
type modeDesk struct {
	mu     sync.Mutex
	setter screen.ModeSetter // nil: not yet, no longer, or it cannot be done here
}

func (s *Session) openModes(capturer screen.Capturer) {
	setter, _ := capturer.(screen.ModeSetter)
	s.modes.mu.Lock()
	defer s.modes.mu.Unlock()
	s.modes.setter = setter
}

// putBackModes ends changing resolutions for good.
func (s *Session) putBackModes() {
	s.modes.mu.Lock()
	defer s.modes.mu.Unlock()
	if s.modes.setter == nil {
		return
	}
	if err := s.modes.setter.PutBack(); err != nil {
		s.config.Log.Error("putting the resolution back", "error", err)
	}
	s.modes.setter = nil
}

// setMode does what the operator asks for, if the customer has given control. The error is that of the channel.
func (s *Session) setMode(m *screen.Mode) error {
	if m == nil {
		return nil
	}
	if !s.Permissions().Has(session.Control) {
		return s.refuse(session.Control)
	}
	if !s.arbiter.allowed() {
		return nil // the customer has it; dropped, as all that hands do
	}
	s.modes.mu.Lock()
	defer s.modes.mu.Unlock()
	if s.modes.setter == nil {
		return nil
	}
	var err error
	if m.Width == 0 {
		err = s.modes.setter.PutBack()
	} else {
		err = s.modes.setter.SetMode(*m)
	}
	if err == nil {
		return nil
	}
	s.config.Log.Warn("changing the resolution", "monitor", m.Monitor, "width", m.Width, "height", m.Height, "error", err)
	return s.peer.SendControl(s.ctx, session.ControlMessage{
		Type: session.MsgWarning, Text: "The resolution of the customer's screen could not be changed.", About: "refused.resolution",
	})
}
