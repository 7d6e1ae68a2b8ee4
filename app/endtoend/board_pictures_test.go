package endtoend

import (
	"image"
	"os"
	"path/filepath"
	"testing"
	"time"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/whiteboard"
)

// TestBoardPictures takes pictures of a desktop that is drawn on, with the tools of both sides, in every language and in windows
// of another scale. It is for people to look at: the pictures go to the folder $HANDRAIL_PICTURES.
func TestBoardPictures(t *testing.T) {
	to := os.Getenv("HANDRAIL_PICTURES")
	if to == "" {
		t.Skip("only with HANDRAIL_PICTURES")
	}
	for _, look := range []struct{ name, language, scale, text string }{
		{"en", "en_GB", "1", "Click here 👉"},
		{"sl", "sl_SI", "1", "Kliknite tukaj 👉"},
		{"de", "de_DE", "1", "Hier klicken 👉"},
		{"nb", "nb_NO", "1", "Klikk her 👉"},
		{"ko", "ko_KR", "1", "여기를 누르세요 👉"},
		{"de-150", "de_DE", "1.5", "Hier klicken 👉"},
		{"ko-150", "ko_KR", "1.5", "여기를 누르세요 👉"},
	} {
		t.Run(look.name, func(t *testing.T) {
			operators, customers := screentest.Start(t, 1440, 960), screentest.Start(t, 1400, 900)
			operators.Openbox()
			customers.Openbox()
			relay := startRelay(t)
			own := []string{"LC_MESSAGES=" + look.language + ".UTF-8", "FYNE_SCALE=" + look.scale}
			desk := startWindow(t, operators, relay, own...)
			s := desk.newSession()
			c := &client{t: t, home: t.TempDir()}
			env := append(customers.Env(), "HOME="+c.home, "TMPDIR="+c.home, "XDG_RUNTIME_DIR="+c.home, "LANG=C.UTF-8")
			c.running = start(t, append(env, own...), program(t, "handrail-client"), "--relay", relay.url, "--code", s.Code, "--yes", "--events")
			c.await(session.Active)
			withoutFrame(customers)
			viewer := viewerOf(t, operators)
			desk.ctl("draw", s.ID, "--kind", "arrow", "--width", "8", "900", "600", "1000", "420")
			desk.ctl("draw", s.ID, "--kind", "ellipse", "--width", "6", "940", "320", "1200", "420")
			desk.ctl("draw", s.ID, "--kind", "highlighter", "--color", "yellow", "--width", "30", "960", "700", "1250", "700")
			desk.ctl("draw", s.ID, "--kind", "text", "--width", "40", "--text", look.text, "880", "610")
			screentest.WaitFor(t, "it is drawn", func() bool { return !find(shot(customers), rgba(whiteboard.Red)).Empty() })
			operators.Xdotool("windowactivate", "--sync", viewer)
			operators.Xdotool("windowsize", viewer, "1400", "880", "windowmove", viewer, "10", "30")
			operators.Xdotool("key", "ctrl+alt+d")
			window := customers.WaitWindow("^Handrail$")
			inFront := func() string { return customers.Xdotool("getactivewindow") }
			screentest.WaitFor(t, "the customer's tools are open", func() bool {
				if inFront() == window && pressAboveEnd(customers, 0.25) {
					time.Sleep(2 * time.Second) // a second click would close what the first one opens
				}
				return inFront() != window
			})
			settle(t, operators, customers)
			save(t, operators, filepath.Join(to, "board-operator-"+look.name+".png"))
			save(t, customers, filepath.Join(to, "board-customer-"+look.name+".png"))
			c.end()
		})
	}
}

// settle waits until nothing changes on displays.
func settle(t *testing.T, displays ...*screentest.Display) {
	t.Helper()
	for _, d := range displays {
		var last *image.RGBA
		same := 0
		screentest.WaitFor(t, "the display rests", func() bool {
			now := shot(d)
			if last != nil && string(now.Pix) == string(last.Pix) {
				same++
			} else {
				same = 0
			}
			last = now
			return same >= 8
		})
	}
}
