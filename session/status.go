package session

import (
	"image"
	"slices"
	"sync"
	"time"

	"handrail/session/wire"
)

// Status is what both programs show of a session, and the events of its changes. Embed it by value; set ID
// and Parent before use. All methods are safe for concurrent use.
type Status struct {
	Hub
	ID     string
	Parent *Hub // also gets every event; nil: none

	mu          sync.Mutex
	state       State
	reason      wire.Reason
	permissions Permissions
	holder      Holder
	until       time.Time
	since       map[State]time.Time
	transcript  transcript
}

// State is where the session stands and, once ended, why.
func (s *Status) State() (State, wire.Reason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state, s.reason
}

// Since is when the session first came into a state, Reconnecting the last time; zero if it has not.
func (s *Status) Since(state State) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.since[state]
}

// SetState changes the state and publishes it; more fills further fields of the event. A session that has
// ended stays so: false is returned then.
func (s *Status) SetState(state State, reason wire.Reason, more ...func(*Event)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == Ended {
		return false
	}
	s.state, s.reason = state, reason
	if s.since == nil {
		s.since = map[State]time.Time{}
	}
	if _, ok := s.since[state]; !ok || state == Reconnecting {
		s.since[state] = time.Now()
	}
	e := Event{Type: EventState, State: state, Reason: reason}
	if reason != "" {
		e.Text = reason.Sentence()
	}
	for _, fill := range more {
		fill(&e)
	}
	s.publish(e)
	return true
}

// Permissions is what the customer allows at the moment.
func (s *Status) Permissions() Permissions {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.permissions
}

// SetPermissions changes what is allowed and publishes each difference.
func (s *Status) SetPermissions(now Permissions) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.permissions
	s.permissions = now
	for _, p := range AllPermissions {
		if granted := now.Has(p); granted != before.Has(p) {
			s.publish(Event{Type: EventPermission, Name: p, Granted: &granted, By: wire.Customer})
		}
	}
}

// Control is who has control and, where the customer has it for a while, until when.
func (s *Status) Control() (holder Holder, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holder == "" {
		return Nobody, time.Time{}
	}
	return s.holder, s.until
}

// SetControl changes who has control and publishes it; until is zero where no end is known.
func (s *Status) SetControl(holder Holder, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holder == holder && s.until.Equal(until) {
		return
	}
	s.holder, s.until = holder, until
	e := Event{Type: EventControl, Holder: holder}
	if !until.IsZero() {
		e.Until = &until
	}
	s.publish(e)
}

// AddChat keeps a line of chat and publishes it.
func (s *Status) AddChat(from wire.Role, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.transcript.add(ChatLine{Time: time.Now(), From: from, Text: text})
	s.publish(Event{Type: EventChat, From: from, Text: text})
}

// Transcript is the chat so far; of a very long one its newest part.
func (s *Status) Transcript() []ChatLine {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.transcript.lines)
}

// Warn publishes a sentence that people should read.
func (s *Status) Warn(text string) { s.publish(Event{Type: EventWarning, Text: text}) }

// WarnAbout publishes a warning that programs can tell from others, and say in the language of whoever reads it.
func (s *Status) WarnAbout(about, problem, text string) {
	s.publish(Event{Type: EventWarning, Text: text, About: about, Problem: problem})
}

// PublishPlain publishes that wallpaper and effects have been taken off this computer's desktop, or put back.
func (s *Status) PublishPlain(plain bool) { s.publish(Event{Type: EventPlain, Granted: &plain}) }

// PublishUpdate publishes that the picture has changed in these rectangles, if anybody listens.
func (s *Status) PublishUpdate(rects []image.Rectangle, bytes int) {
	if !s.updatesWanted() && (s.Parent == nil || !s.Parent.updatesWanted()) {
		return
	}
	quads := make([][4]int, len(rects))
	for i, r := range rects {
		quads[i] = [4]int{r.Min.X, r.Min.Y, r.Dx(), r.Dy()}
	}
	s.publish(Event{Type: EventUpdate, Rects: quads, Bytes: bytes})
}

func (s *Status) publish(e Event) {
	e.Session, e.Time = s.ID, time.Now()
	s.Publish(e)
	if s.Parent != nil {
		s.Parent.Publish(e)
	}
}
