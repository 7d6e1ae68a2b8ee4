package customerui

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"handrail/session"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
	"handrail/ui/uitest"
)

// TestAnUnfamiliarRelayIsShownFirst opens the window as after a download: the code and the relay are there, and
// nothing goes to that relay before the person has seen its name and pressed the button.
func TestAnUnfamiliarRelayIsShownFirst(t *testing.T) {
	uitest.SetLanguage(t, "en")
	for _, unfamiliar := range []bool{true, false} {
		joined := make(chan string, 1)
		join := func(_ context.Context, relay *url.URL, code session.Code) (Session, error) {
			joined <- relay.Host + " " + code.Digits()
			return nil, context.Canceled
		}
		w := newWindow(uitest.App(t), join, Options{
			Relay: &url.URL{Scheme: "https", Host: "somewhere.example.org"}, Code: "4821 739 205",
			Unfamiliar: unfamiliar, Wait: unfamiliar, Variant: theme.Light,
		})
		note := false
		for _, o := range test.LaidOutObjects(w.code.root) {
			if line, ok := o.(*kit.Text); ok && line.Visible() && strings.Contains(line.Text(), "somewhere.example.org") {
				note = true
			}
		}
		if note != unfamiliar {
			t.Errorf("unfamiliar %v: the window names the relay: %v; it should say %q", unfamiliar, note,
				text.T("code.unfamiliar", "Relay", "somewhere.example.org"))
		}
		if unfamiliar {
			select {
			case j := <-joined:
				t.Fatalf("joined %s before the person agreed", j)
			case <-time.After(50 * time.Millisecond):
			}
			w.code.code.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		}
		select {
		case j := <-joined:
			if j != "somewhere.example.org 4821739205" {
				t.Errorf("joined %s", j)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("did not join")
		}
	}
}
