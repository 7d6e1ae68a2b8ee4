package operator

import (
	"sync"

	"handrail/session"
)

// Label is what the operator writes down about a session, for the operator's own list. It is never sent.
type Label struct {
	Customer string // who is helped, when the computer's name says little
	Topic    string // in a few words
	Notes    string // may have several lines
}

// Longest texts of a Label, in bytes; what is longer is cut.
const (
	maxLabelLine  = 200
	maxLabelNotes = 8 << 10
)

// wishes are what the operator wants of a session. The zero value asks for session.DefaultPermissions. All
// methods are safe for concurrent use.
type wishes struct {
	mu     sync.Mutex
	asked  bool
	wanted session.Permissions
	label  Label
}

// Ask says what the customer will be asked to allow, before the customer joins; later it changes nothing. To
// see the screen is always asked for.
func (s *Session) Ask(p session.Permissions) {
	s.wishes.mu.Lock()
	defer s.wishes.mu.Unlock()
	s.wishes.asked, s.wishes.wanted = true, p.With(session.View).Only(s.account.Allowed)
}

// Asked is what the customer is asked to allow.
func (s *Session) Asked() session.Permissions {
	s.wishes.mu.Lock()
	defer s.wishes.mu.Unlock()
	if !s.wishes.asked {
		return session.DefaultPermissions().Only(s.account.Allowed)
	}
	return s.wishes.wanted
}

// SetLabel writes down what the session is about.
func (s *Session) SetLabel(l Label) {
	l.Customer, l.Topic = session.CleanName(cut(l.Customer, maxLabelLine)), session.CleanName(cut(l.Topic, maxLabelLine))
	l.Notes = session.CleanText(cut(l.Notes, maxLabelNotes))
	s.wishes.mu.Lock()
	defer s.wishes.mu.Unlock()
	s.wishes.label = l
}

// Label is what was written down.
func (s *Session) Label() Label {
	s.wishes.mu.Lock()
	defer s.wishes.mu.Unlock()
	return s.wishes.label
}

func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return text[:most]
}
