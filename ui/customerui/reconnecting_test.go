package customerui

import (
	"testing"
	"time"

	"handrail/session"
	"handrail/ui/theme"
	"handrail/ui/uitest"
)

// TestSecondsOfALostConnection: the window says for how long a connection has been away, and keeps counting.
func TestSecondsOfALostConnection(t *testing.T) {
	uitest.SetLanguage(t, "en")
	s := newFake()
	w := open(uitest.App(t), theme.Light, s, nil)
	w.joined(s)
	s.set(session.Active, session.DefaultPermissions(), "")
	w.changed()
	s.set(session.Reconnecting, session.DefaultPermissions(), "")
	s.mu.Lock()
	s.info.Lost = time.Now().Add(-3 * time.Second)
	s.mu.Unlock()
	w.changed()
	if want := "The connection was lost 3 s ago. Connecting again …"; !uitest.Says(w.win, want) {
		t.Errorf("the window does not say %q", want)
	}
	uitest.Wait(t, func() bool { return uitest.Says(w.win, "The connection was lost 5 s ago. Connecting again …") })
	s.set(session.Active, session.DefaultPermissions(), "")
	uitest.Wait(t, func() bool { return !w.counting })
}
