package customer

import (
	"testing"
	"testing/synctest"
	"time"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session"
)

// TestWhatComesTooLate: after a long break what was sent before it is dropped, up to the release that says where it ends; movements
// of the pointer arrive all the same. After a short break everything is done.
func TestWhatComesTooLate(t *testing.T) {
	begun := time.Now()
	click, move, release := session.Input{Kind: session.InputButton}, session.Input{Kind: session.InputMove}, session.Input{Kind: session.InputRelease}
	for _, test := range []struct {
		name  string
		broke time.Duration
		wait  time.Duration // from when the link stands again
		in    session.Input
		late  bool
	}{
		{"a click after a short break", time.Second, 0, click, false},
		{"a click after a long break", time.Minute, 0, click, true},
		{"a movement after a long break", time.Minute, 0, move, false},
		{"a click that comes by itself", time.Minute, 2 * staleAfter, click, false},
	} {
		var a away
		a.broke(begun)
		a.broke(begun.Add(time.Second / 2)) // the way back broke, too
		if !a.broken() {
			t.Errorf("%s: the link is not broken", test.name)
		}
		back := begun.Add(test.broke)
		a.came(back)
		if a.broken() || a.late(test.in, back.Add(test.wait)) != test.late {
			t.Errorf("%s: broken %v, late %v", test.name, a.broken(), !test.late)
		}
		if a.late(release, back.Add(test.wait)) || a.late(click, back.Add(test.wait)) {
			t.Errorf("%s: what comes after the release is dropped", test.name)
		}
	}
}

// TestNothingIsPressedWhileTheLinkIsBroken: what was received before waits, since nobody could let go of it.
func TestNothingIsPressedWhileTheLinkIsBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t)
		computer := &screentest.Injector{}
		st.s.injector.Store(&injection{computer})
		if _, err := st.s.injectAttached(session.Input{Kind: session.InputButton, Button: screen.ButtonLeft, Down: true}); err != nil {
			t.Fatal(err)
		}
		st.s.broken(nil)
		if held := computer.Held(); len(held) > 0 {
			t.Errorf("%q is held", held)
		}
		go func() {
			_, _ = st.s.injectAttached(session.Input{Kind: session.InputKey, Keysym: screen.KeyDelete, Down: true})
		}()
		time.Sleep(staleAfter / 2)
		synctest.Wait()
		if held := computer.Held(); len(held) > 0 {
			t.Errorf("%q is held while the link is broken", held)
		}
		st.s.back()
		synctest.Wait()
		if held := computer.Held(); len(held) != 1 {
			t.Errorf("afterwards %q is held", held)
		}
	})
}
