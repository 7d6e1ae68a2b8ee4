package operatorui

import (
	"testing"
	"time"

	"handrail/session"
	"handrail/ui/uitest"
)

// TestSecondsOfALostConnection: the page and the viewer say for how long a connection has been away, second by second.
func TestSecondsOfALostConnection(t *testing.T) {
	s := newFake("a").in(session.Active)
	w := openWindow(t, signedIn(s))
	w.board.choose("a")
	w.board.openViewer(s)
	v := w.board.viewers["a"]
	for _, seconds := range []string{"3", "64"} {
		away, _ := time.ParseDuration(seconds + "s")
		s.info.State, s.info.Lost = session.Reconnecting, time.Now().Add(-away-200*time.Millisecond)
		if seconds == "3" {
			w.board.hear(session.Event{Type: session.EventState, Session: "a", State: session.Reconnecting})
		}
		w.board.tick(time.Now())
		w.board.refresh()
		want := "The connection was lost " + seconds + " s ago. Connecting again …"
		if !uitest.Says(v.win, want) {
			t.Errorf("the viewer does not say %q", want)
		}
		if !uitest.Says(w.win, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}
