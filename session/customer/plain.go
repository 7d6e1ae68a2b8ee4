package customer

import (
	"io"
	"sync"

	"handrail/session"
)

// PlainChoice is what the person at this computer wants done with wallpaper and effects while the desktop is shared.
type PlainChoice string

// The choices; the zero value is PlainAsked.
const (
	PlainAsked  PlainChoice = "asked"  // off if the operator asks for it
	PlainAlways PlainChoice = "always" // off
	PlainNever  PlainChoice = "never"  // as they are, whatever the operator asks for
)

// PlainChoices are all of them.
var PlainChoices = []PlainChoice{PlainAsked, PlainAlways, PlainNever}

// plainDesk keeps the desktop plain while somebody wants it and sees it.
type plainDesk struct {
	changed chan struct{} // buffered 1: what is wanted may have changed

	mu     sync.Mutex
	wished bool // by the operator
	choice PlainChoice
}

// wish takes what the operator wants.
func (p *plainDesk) wish(plain bool) {
	p.mu.Lock()
	p.wished = plain
	p.mu.Unlock()
	p.poke()
}

func (p *plainDesk) poke() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// wanted says whether the desktop is to be plain, and whether the operator wants it in vain.
func (p *plainDesk) wanted() (plain, refused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch p.choice {
	case PlainAlways:
		return true, false
	case PlainNever:
		return false, p.wished
	}
	return p.wished, false
}

// SetPlain takes what the person at this computer wants done with wallpaper and effects.
func (s *Session) SetPlain(choice PlainChoice) {
	s.plain.mu.Lock()
	s.plain.choice = choice
	s.plain.mu.Unlock()
	s.plain.poke()
}

// keepPlain takes wallpaper and effects off while the desktop is seen and somebody wants it, and puts them back at the latest at
// the end of the session.
func (s *Session) keepPlain() {
	var plain io.Closer // nil: the desktop is as it was
	putBack := func() {
		if plain == nil {
			return
		}
		if err := plain.Close(); err != nil {
			s.config.Log.Error("putting wallpaper and effects back", "error", err)
		}
		plain = nil
		s.PublishPlain(false)
	}
	defer putBack()
	for {
		wanted, refused := s.plain.wanted()
		if refused {
			s.limit("plain", "The customer keeps wallpaper and effects of windows as they are.", nil)
		} else {
			s.unlimit("plain")
		}
		switch wanted = wanted && s.Permissions().Has(session.View) && s.ctx.Err() == nil; {
		case !wanted:
			putBack()
			s.unlimit("wallpaper")
			s.unlimit("effects")
		case plain == nil:
			plain = s.takePlain()
		}
		select {
		case <-s.ctx.Done():
			return
		case <-s.plain.changed:
		}
	}
}

// takePlain takes off what can be taken off here, and says what cannot. It is nil if nothing can.
func (s *Session) takePlain() io.Closer {
	why := map[string]string{
		"wallpaper": "The wallpaper of the customer's desktop cannot be taken off there.",
		"effects":   "Effects of windows on the customer's desktop cannot be switched off there.",
	}
	plain, left := s.openPlain()
	for _, kind := range left {
		s.limit(kind, why[kind], nil)
	}
	if len(left) == len(why) && plain != nil { // it has changed nothing
		_ = plain.Close()
		plain = nil
	}
	if plain != nil {
		s.PublishPlain(true)
	}
	return plain
}

// openPlain opens the plain desktop; nil, with everything left, where that fails.
func (s *Session) openPlain() (plain io.Closer, left []string) {
	if s.config.OpenPlain != nil {
		plain, left, err := s.config.OpenPlain()
		if err == nil {
			return plain, left
		}
		s.config.Log.Warn("taking wallpaper and effects off", "error", err)
	}
	return nil, []string{"wallpaper", "effects"}
}
