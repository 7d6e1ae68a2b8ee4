package customer

import (
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	"handrail/screen"
	"handrail/session"
)

var discard = slog.New(slog.DiscardHandler)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestHotKeys(t *testing.T) {
	down := func(k uint32) screen.LocalEvent { return screen.LocalEvent{Keysym: k, Down: true} }
	up := func(k uint32) screen.LocalEvent { return screen.LocalEvent{Keysym: k} }
	const none = hotCount
	for name, test := range map[string]struct {
		keys   HotKeys
		events []screen.LocalEvent
		want   hotKey
	}{
		"panic":               {events: []screen.LocalEvent{down(screen.KeyCtrl), down(screen.KeyAltRight), down(screen.KeyShift), down(screen.KeyEscape)}, want: hotPanic},
		"panic, other order":  {events: []screen.LocalEvent{down(screen.KeyEscape), down(screen.KeyShiftRight), down(screen.KeyAlt), down(screen.KeyCtrlRight)}, want: hotPanic},
		"panic, more fingers": {events: []screen.LocalEvent{down('x'), down(screen.KeyCtrl), down(screen.KeyAlt), down(screen.KeyShift), down(screen.KeyEscape)}, want: hotPanic},
		"not yet":             {events: []screen.LocalEvent{down(screen.KeyCtrl), down(screen.KeyAlt), down(screen.KeyEscape)}, want: none},
		"released before":     {events: []screen.LocalEvent{down(screen.KeyCtrl), down(screen.KeyAlt), down(screen.KeyShift), up(screen.KeyCtrl), down(screen.KeyEscape)}, want: none},
		"control":             {events: []screen.LocalEvent{down(screen.KeyF1 + 11)}, want: hotControl},
		"files":               {events: []screen.LocalEvent{down(screen.KeyF1 + 10)}, want: hotFiles},
		"repeated":            {events: []screen.LocalEvent{down(screen.KeyF1 + 11), down(screen.KeyF1 + 11)}, want: none},
		"another's shortcut":  {events: []screen.LocalEvent{down(screen.KeyCtrl), down(screen.KeyF1 + 11)}, want: none},
		"chosen":              {keys: HotKeys{Control: "ctrl+f9"}, events: []screen.LocalEvent{down(screen.KeyCtrl), down(screen.KeyF1 + 8)}, want: hotControl},
		"pointer":             {events: []screen.LocalEvent{{Down: true}, {}}, want: none},
	} {
		c, err := newChords(test.keys)
		if err != nil {
			t.Fatal(err)
		}
		got := none
		for _, e := range test.events {
			got = none
			if key, is := c.event(e); is {
				got = key
			}
		}
		if got != test.want {
			t.Errorf("%s: %v instead of %v", name, got, test.want)
		}
	}
	if _, err := newChords(HotKeys{Panic: "nonsense"}); err == nil {
		t.Error("nonsense is taken for a key")
	}
}

func TestHotKeysOfSettings(t *testing.T) {
	defaults := HotKeys{}.Defaults()
	for _, test := range []struct{ given, want HotKeys }{
		{HotKeys{}, defaults},
		{HotKeys{Control: "ctrl+f9", Panic: "pause", Files: "alt+shift+f"}, HotKeys{Control: "ctrl+f9", Panic: defaults.Panic, Files: "alt+shift+f"}},
		{HotKeys{Control: "f11"}, defaults},                                                                   // does two things
		{HotKeys{Control: "a", Files: "shift+b"}, defaults},                                                   // people type that
		{HotKeys{Control: "no such key"}, defaults},                                                           // is none
		{HotKeys{Control: "f11", Files: "f12"}, HotKeys{Control: "f11", Files: "f12", Panic: defaults.Panic}}, // changed places
	} {
		got, err := test.given.Check()
		if got != test.want || (err == nil) != (got == test.given.Defaults()) {
			t.Errorf("%+v: %+v, %v", test.given, got, err)
		}
	}
}

func TestChordsAreBounded(t *testing.T) {
	c, _ := newChords(HotKeys{})
	for k := range uint32(1000) {
		c.event(screen.LocalEvent{Keysym: 0x1000 + k, Down: true})
		if len(c.held) > maxHeld {
			t.Fatalf("%d keys are believed to be held", len(c.held))
		}
	}
}

func TestRefusalsAreJournalledInGroups(t *testing.T) {
	var r refusals
	now := time.Now()
	lines, told := 0, 0
	for range 10_000 {
		journal, tell := r.note(session.Control, now)
		now = now.Add(time.Millisecond)
		if journal > 0 {
			lines++
		}
		if tell {
			told++
		}
	}
	if lines != 10 || told != 1 {
		t.Errorf("10 000 refusals in ten seconds make %d lines, and the operator is told %d times", lines, told)
	}
	if rest := r.flush()[session.Control]; rest != 999 {
		t.Errorf("%d are left to be written", rest)
	}
	r.given(session.Control)
	if _, tell := r.note(session.Control, now); !tell {
		t.Error("the operator is not told again after the permission was given in between")
	}
}
