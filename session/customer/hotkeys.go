package customer

import (
	"fmt"
	"slices"
	"strings"

	"handrail/screen"
	"handrail/session"
)

// HotKeys are the keys that work on the customer's computer during a session whichever window is in front, as
// screen.ParseKeys reads them. Only the customer's own keyboard counts. Empty ones are the defaults.
type HotKeys struct {
	Panic   string // stops everything at once
	Control string // gives or takes control
	Files   string // allows or forbids files
}

// Defaults are the keys with the defaults filled in.
func (h HotKeys) Defaults() HotKeys {
	for _, key := range []struct {
		key  *string
		keys string
	}{{&h.Panic, "ctrl+alt+shift+esc"}, {&h.Control, "f12"}, {&h.Files, "f11"}} {
		if *key.key == "" {
			*key.key = key.keys
		}
	}
	return h
}

// Check gives the keys with the defaults in the place of what cannot be used: what is no key, what people type, and what
// would do two things. The error is a sentence about the first of these.
func (h HotKeys) Check() (HotKeys, error) {
	h = h.Defaults()
	defaults := HotKeys{}.Defaults()
	keys := [hotCount]*string{&h.Panic, &h.Control, &h.Files}
	usual := [hotCount]string{defaults.Panic, defaults.Control, defaults.Files}
	var failed error
	for i, key := range keys {
		_, err := chord(*key)
		if err == nil && *key != usual[i] && slices.ContainsFunc(keys[:], func(other *string) bool {
			return other != key && strings.EqualFold(*other, *key)
		}) {
			err = fmt.Errorf("%q is there for two things", *key)
		}
		if err != nil {
			if failed == nil {
				failed = fmt.Errorf("The settings have a key that cannot be used, so %s is used: %w.", usual[i], err) //nolint:staticcheck // a sentence for people
			}
			*key = usual[i]
		}
	}
	return h, failed
}

// chord reads a combination: keysyms, sorted, sides of modifiers made equal.
func chord(keys string) ([]uint32, error) {
	keysyms, err := screen.ParseKeys(strings.ToLower(keys))
	if err != nil {
		return nil, err
	}
	typed := true
	for i, k := range keysyms {
		keysyms[i] = oneSide(k)
		switch keysyms[i] {
		case screen.KeyCtrl, screen.KeyAlt, screen.KeySuper:
			typed = false
		}
		if k >= screen.KeyF1 && k < screen.KeyF1+24 {
			typed = false
		}
	}
	if typed {
		return nil, fmt.Errorf("%q is what people type; please take a function key, or something with Ctrl or Alt", keys)
	}
	slices.Sort(keysyms)
	return slices.Compact(keysyms), nil
}

// hotKey is what a hot key does.
type hotKey int

const (
	hotPanic hotKey = iota
	hotControl
	hotFiles
	hotCount
)

// chords finds hot keys in what the customer's keyboard does. One goroutine uses it.
type chords struct {
	wanted [hotCount][]uint32 // keysyms, sorted, sides of modifiers made equal
	held   []uint32           // the same of what is down, sorted
}

// newChords reads the keys. What cannot be used gets its default, and is said in the error.
func newChords(keys HotKeys) (*chords, error) {
	keys, failed := keys.Check()
	c := &chords{}
	for i, text := range [hotCount]string{keys.Panic, keys.Control, keys.Files} {
		c.wanted[i], _ = chord(text)
	}
	return c, failed
}

// maxHeld bounds what is believed to be held down: nobody has more fingers.
const maxHeld = 16

// event takes a key and tells which hot key it completes.
func (c *chords) event(e screen.LocalEvent) (hotKey, bool) {
	if e.Keysym == 0 {
		return 0, false
	}
	k := oneSide(e.Keysym)
	at, is := slices.BinarySearch(c.held, k)
	switch {
	case !e.Down && is:
		c.held = slices.Delete(c.held, at, at+1)
		return 0, false
	case !e.Down || is: // repeated
		return 0, false
	case len(c.held) >= maxHeld:
		c.held = c.held[:0] // releases were missed
		at = 0
	}
	c.held = slices.Insert(c.held, at, k)
	for i, wanted := range c.wanted {
		// Whoever presses the panic keys may have others under the hand.
		if slices.Equal(c.held, wanted) || hotKey(i) == hotPanic && containsAll(c.held, wanted) {
			return hotKey(i), true
		}
	}
	return 0, false
}

func containsAll(have, want []uint32) bool {
	for _, k := range want {
		if !slices.Contains(have, k) {
			return false
		}
	}
	return true
}

// oneSide makes the right one of two equal modifiers the left one.
func oneSide(keysym uint32) uint32 {
	switch keysym {
	case screen.KeyShiftRight:
		return screen.KeyShift
	case screen.KeyCtrlRight:
		return screen.KeyCtrl
	case screen.KeyAltRight:
		return screen.KeyAlt
	case screen.KeySuperRight:
		return screen.KeySuper
	}
	return keysym
}

// pressed does what a hot key is for, apart from panic.
func (s *Session) pressed(key hotKey) {
	permission := session.Control
	if key == hotFiles {
		permission = session.Files
	}
	if err := s.SetPermission(permission, !s.Permissions().Has(permission)); err != nil {
		s.config.Log.Warn("hot key", "permission", string(permission), "error", err)
	}
}
