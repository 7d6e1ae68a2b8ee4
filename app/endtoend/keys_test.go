package endtoend

import (
	"fmt"
	"image"
	"image/color"
	"os"
	"strings"
	"testing"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/wire"
)

// TestWithoutAMouse goes through two sessions with keys alone on both sides. In the first the customer joins, agrees,
// writes a line and ends; in the second the operator starts, copies the code, opens the viewer, fills the screen and
// ends.
func TestWithoutAMouse(t *testing.T) {
	operators := screentest.Start(t, 1366, 768)
	operators.Openbox()
	customers := screentest.Start(t, 1024, 768)
	customers.Openbox()
	relay := startRelay(t)
	desk := startWindow(t, operators, relay)
	main := operators.WaitWindow("^" + name + " – Handrail$")

	first := startByKeys(t, operators, main, desk)
	c := startClient(t, customers, "--relay", relay.url, "--events")
	joinByKeys(t, customers, c, first.Code)
	events := start(t, os.Environ(), program(t, "handrail"), "ctl", "--socket", desk.socket, "events", first.ID, "--ready")
	awaitLine(t, events, "READY")
	customers.Xdotool("key", "ctrl+m")
	enter(customers, "Thank you")
	awaitLine(t, events, `"text":"Thank you"`)
	customers.Xdotool("key", "ctrl+shift+e")
	c.await(session.Ended)
	desk.ctl("wait", first.ID, "ended", "--timeout", "60s")
	if reason := desk.show(first.ID).Reason; reason != wire.ReasonByCustomer {
		t.Errorf("the first session ended because of %q", reason)
	}
	c.end()
	operators.Xdotool("windowactivate", "--sync", viewerOf(t, operators))
	operators.Xdotool("key", "alt+F4")
	screentest.WaitFor(t, "the first viewer is closed", func() bool {
		return !strings.Contains(activeWindow(operators, "getwindowname"), hostname(t))
	})

	second := startByKeys(t, operators, main, desk)
	c = startClient(t, customers, "--relay", relay.url, "--events")
	joinByKeys(t, customers, c, second.Code)
	viewer := viewerOf(t, operators) // it has opened by itself
	active := func() string { return activeWindow(operators) }
	operators.Xdotool("windowactivate", "--sync", viewer)
	still(t, operators)
	operators.Xdotool("key", "ctrl+alt+w")
	screentest.WaitFor(t, "the sessions have the keyboard", func() bool { return active() == main })
	still(t, operators)
	operators.Xdotool("key", "ctrl+o")
	screentest.WaitFor(t, "the viewer has the keyboard again", func() bool { return active() == viewer })
	operators.Xdotool("key", "ctrl+alt+f")
	screentest.WaitFor(t, "the viewer fills the screen", func() bool {
		return strings.Contains(operators.Xdotool("getwindowgeometry", viewer), "Geometry: 1366x768")
	})
	operators.Xdotool("key", "ctrl+alt+f")
	screentest.WaitFor(t, "the viewer has a frame again", func() bool {
		return !strings.Contains(operators.Xdotool("getwindowgeometry", viewer), "Geometry: 1366x768")
	})
	operators.Xdotool("key", "ctrl+alt+e")
	still(t, operators)
	operators.Xdotool("key", "Tab", "Return") // the safe answer has the keyboard
	c.await(session.Ended)
	desk.ctl("wait", second.ID, "ended", "--timeout", "60s")
	if reason := desk.show(second.ID).Reason; reason != wire.ReasonByOperator {
		t.Errorf("the second session ended because of %q", reason)
	}
}

func hostname(t *testing.T) string {
	t.Helper()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	return host
}

// started is what a test needs of a session.
type started struct{ ID, Code string }

// startByKeys starts a session in the operator's window and copies its code.
func startByKeys(t *testing.T, operators *screentest.Display, main string, desk *desk) (s started) {
	t.Helper()
	before := strings.Count(desk.ctl("session", "list"), "\n")
	operators.Xdotool("windowactivate", "--sync", main)
	operators.Xdotool("key", "ctrl+n")
	screentest.WaitFor(t, "there is a session", func() bool {
		lines := strings.Split(strings.TrimSpace(desk.ctl("session", "list")), "\n")
		if len(lines) == before || lines[0] == "" {
			return false
		}
		s = decode[started](t, lines[len(lines)-1])
		return true
	})
	still(t, operators)
	operators.Xdotool("key", "ctrl+shift+c")
	screentest.WaitFor(t, "the code can be pasted", func() bool {
		copied, err := tryRun(operators.Env(), tool(t, "xclip"), "-selection", "clipboard", "-o")
		parsed, parseErr := session.ParseCode(copied)
		return err == nil && parseErr == nil && parsed.Digits() == s.Code
	})
	return s
}

// joinByKeys joins in the customer's window and agrees.
func joinByKeys(t *testing.T, customers *screentest.Display, c *client, code string) {
	t.Helper()
	window := customers.WaitWindow("^Handrail$")
	customers.Xdotool("windowactivate", "--sync", window)
	screentest.WaitFor(t, "the field for the code is drawn", func() bool { return colours(shot(customers)) > 100 })
	enter(customers, code)
	c.await(session.Joining)
	awaitAgree(t, customers)
	customers.Xdotool("key", "Tab", "Tab", "Return")
	c.await(session.Active)
	screentest.WaitFor(t, "the window shows the session", func() bool { return red(shot(customers).SubImage(below).(*image.RGBA)) > 6000 })
	customers.Xdotool("windowactivate", "--sync", window)
	still(t, customers)
}

// below is the lower half of the customer's display, where the window's large red button is, and the bar's is not.
var below = image.Rect(0, 384, 1024, 768)

// awaitAgree waits until the question is drawn, and then until its button that agrees can be pressed, after three
// seconds.
func awaitAgree(t *testing.T, customers *screentest.Display) {
	t.Helper()
	screentest.WaitFor(t, "the question is drawn", func() bool { return teal(shot(customers)) < 6000 })
	screentest.WaitFor(t, "agreeing is possible", func() bool { return teal(shot(customers)) > 6000 })
}

// red counts the pixels in the colour of ending.
func red(picture *image.RGBA) (n int) {
	for y := picture.Rect.Min.Y; y < picture.Rect.Max.Y; y++ {
		for x := picture.Rect.Min.X; x < picture.Rect.Max.X; x++ {
			if picture.RGBAAt(x, y) == (color.RGBA{0xc4, 0x26, 0x2e, 255}) {
				n++
			}
		}
	}
	return n
}

// still waits until the picture on a display no longer changes.
func still(t *testing.T, display *screentest.Display) {
	t.Helper()
	before := ""
	screentest.WaitFor(t, "nothing moves any more", func() bool {
		now := string(shot(display).Pix)
		same := now == before
		before = now
		return same
	})
}

// awaitLine reads what a program prints until a line has a text in it.
func awaitLine(t *testing.T, r *running, text string) {
	t.Helper()
	seen := []string{}
	found := make(chan bool, 1)
	go func() {
		for line := range r.lines {
			seen = append(seen, line)
			if strings.Contains(line, text) {
				found <- true
				return
			}
		}
		found <- false
	}()
	screentest.WaitFor(t, fmt.Sprintf("%q is printed", text), func() bool { return len(found) > 0 })
	if !<-found {
		t.Fatalf("%q is not printed, but %v", text, seen)
	}
}

// TestAnIDAndAPassword lets the customer's program show both, and the operator type them into the window.
func TestAnIDAndAPassword(t *testing.T) {
	operators := screentest.Start(t, 1366, 768)
	operators.Openbox()
	customers := screentest.Start(t, 1024, 768)
	customers.Openbox()
	relay := startRelay(t)
	desk := startWindow(t, operators, relay)
	c := startClient(t, customers, "--relay", relay.url, "--offer", "--events")
	var offer session.Event
	for line := range c.lines {
		if offer = decode[session.Event](t, line); offer.Type == session.EventOffer {
			break
		}
	}
	screentest.WaitFor(t, "ID and password can be read on the window", func() bool {
		return shows(t, shot(customers), offer.Offer, offer.Password)
	})
	operators.Xdotool("windowactivate", "--sync", operators.WaitWindow("^"+name+" – Handrail$"))
	still(t, operators)
	operators.Xdotool("key", "ctrl+k")
	still(t, operators)
	enter(operators, offer.Offer)
	enter(operators, offer.Password)
	c.await(session.Joining)
	s := decode[started](t, strings.TrimSpace(desk.ctl("session", "list")))
	desk.ctl("wait", s.ID, "joining", "--timeout", "60s")

	customers.Xdotool("windowactivate", "--sync", customers.WaitWindow("^Handrail$"))
	customers.Xdotool("key", "alt+F4")
	if status := c.awaitEnd(t); status != 0 {
		t.Errorf("the customer's program ended with status %d: %s", status, c.errors)
	}
	desk.ctl("wait", s.ID, "ended", "--timeout", "60s")
	if _, err := desk.tryCtl("session", "connect", offer.Offer, offer.Password); err == nil {
		t.Error("the ID still answers after the window was closed")
	}
	if files := c.files(); len(files) > 0 {
		t.Errorf("the customer's program left %v", files)
	}
}

// activeWindow is what xdotool says of the window that has the keyboard: its id, or what further says. It is empty while a
// window manager has just taken the keyboard from one and not yet given it to another.
func activeWindow(d *screentest.Display, further ...string) string {
	out, _ := d.Command("xdotool", append([]string{"getactivewindow"}, further...)...).Output()
	return strings.TrimSpace(string(out))
}
