package endtoend

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/wire"
)

// awaitEvent waits until the customer's program prints an event for which match says yes.
func (c *client) awaitEvent(what string, match func(session.Event) bool) session.Event {
	c.t.Helper()
	limit := time.After(screentest.Limit)
	for {
		select {
		case line, ok := <-c.lines:
			if !ok {
				c.t.Fatalf("the customer's program ended before %s", what)
			}
			if e := decode[session.Event](c.t, line); match(e) {
				return e
			}
		case <-limit:
			c.t.Fatalf("waited in vain until %s", what)
		}
	}
}

func (c *client) awaitPermission(p session.Permission, granted bool) {
	c.t.Helper()
	c.awaitEvent("the permission "+string(p)+" changes", func(e session.Event) bool {
		return e.Type == session.EventPermission && e.Name == p && *e.Granted == granted
	})
}

func (c *client) awaitHolder(h session.Holder) session.Event {
	c.t.Helper()
	return c.awaitEvent(string(h)+" has control", func(e session.Event) bool {
		return e.Type == session.EventControl && e.Holder == h
	})
}

// keep writes a picture of a display where pictures are wanted.
func keep(t *testing.T, d *screentest.Display, name string) {
	t.Helper()
	dir := os.Getenv("HANDRAIL_PICTURES")
	if dir == "" {
		return
	}
	out, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := png.Encode(out, shot(d)); err != nil {
		t.Fatal(err)
	}
}

// endButton is the red button on the bar, at the top of the screen.
func endButton(t *testing.T, d *screentest.Display) image.Rectangle {
	t.Helper()
	var found image.Rectangle
	screentest.WaitFor(t, "the bar is drawn", func() bool {
		picture := shot(d)
		found = image.Rectangle{}
		for y := range min(50, picture.Rect.Dy()) {
			for x, run := 0, 0; x < picture.Rect.Dx(); x++ {
				if c := picture.RGBAAt(x, y); c.R < 150 || c.G > 70 || c.B > 80 {
					run = 0
				} else if run++; run >= 40 { // there are red dots as well
					found = found.Union(image.Rect(x+1-run, y, x+1, y+1))
				}
			}
		}
		return found.Dx() > 60 && found.Dy() > 15
	})
	return found
}

// TestTheCustomerOwnsControl drives the customer's program by a person's means: the mouse and the keys of the
// display that the customer's one is nested in.
func TestTheCustomerOwnsControl(t *testing.T) {
	person, customers := screentest.StartNested(t, 1280, 800)
	customers.Openbox()
	relay := startRelay(t)
	desk := startHeadless(t, relay)
	s := desk.newSession()
	c := startClient(t, customers, "--relay", relay.url, "--code", s.Code, "--yes", "--events")
	c.await(session.Active)
	desk.ctl("wait", s.ID, "active", "--timeout", "60s")
	c.awaitHolder(session.HolderOperator)
	endButton(t, customers)
	keep(t, customers, "bar")

	// The operator's pointer moves nobody's control; the customer's takes it.
	desk.ctl("pointer", s.ID, "move", "300", "300")
	screentest.WaitFor(t, "the operator's pointer arrives", func() bool {
		return customers.Xdotool("getmouselocation") == "x:300 y:300 screen:0 window:"+customers.Xdotool("getmouselocation")[len("x:300 y:300 screen:0 window:"):]
	})
	moved := time.Now()
	person.Xdotool("mousemove", "500", "400")
	c.awaitHolder(session.HolderCustomer)
	keep(t, customers, "bar-customer")
	given := c.awaitHolder(session.HolderOperator)
	off := given.Time.Sub(moved)
	t.Logf("the operator was kept off for %v after one movement of the customer's (goal: 5.0 ± 0.1 s)", off.Round(time.Millisecond))
	if off < 5*time.Second { // how much more it is says how busy this computer is
		t.Errorf("the operator was kept off for %v", off)
	}

	person.Xdotool("key", "F12")
	c.awaitPermission(session.Control, false)
	if _, err := desk.tryCtl("pointer", s.ID, "move", "10", "10"); err == nil {
		t.Error("the operator can control after F12")
	}
	keep(t, customers, "bar-revoked")
	person.Xdotool("key", "F12")
	c.awaitPermission(session.Control, true)
	person.Xdotool("key", "F11")
	c.awaitEvent("files are switched", func(e session.Event) bool {
		return e.Type == session.EventPermission && e.Name == session.Files
	})

	// What the operator's keyboard presses there is no hot key.
	c.awaitHolder(session.HolderOperator)
	desk.ctl("key", s.ID, "f12")
	desk.ctl("key", s.ID, "ctrl+alt+shift+esc")
	if state := desk.show(s.ID).State; state != session.Active {
		t.Fatalf("the operator's keys made the session %s", state)
	}

	bar := barOf{t, person, customers}
	bar.press(revokeButton)
	c.awaitPermission(session.Control, false)
	bar.press(revokeButton)
	c.awaitPermission(session.Control, true)
	bar.press(stopButton)
	c.awaitPermission(session.View, false)
	screentest.WaitFor(t, "the operator sees nothing and controls nothing", func() bool {
		p := desk.show(s.ID).Permissions
		return !p.Has(session.View) && !p.Has(session.Control)
	})
	keep(t, customers, "bar-paused")
	bar.press(stopButton)
	c.awaitPermission(session.View, true)

	person.Xdotool("mousemove", "640", "400", "key", "ctrl+alt+shift+Escape")
	if ended := c.await(session.Ended); ended.Reason != wire.ReasonPanic {
		t.Errorf("the customer is told %q", ended.Reason)
	}
	screentest.WaitFor(t, "the operator is told", func() bool { return desk.show(s.ID).Reason == wire.ReasonPanic })

	s = desk.newSession()
	c = startClient(t, customers, "--relay", relay.url, "--code", s.Code, "--yes", "--events")
	c.await(session.Active)
	bar.press(0)
	if ended := c.await(session.Ended); ended.Reason != wire.ReasonByCustomer {
		t.Errorf("with the bar's button it ended for %q", ended.Reason)
	}
}

// barOf is the bar as a person uses it: seen on the customer's display, pressed on the one around that.
type barOf struct {
	t              *testing.T
	person, screen *screentest.Display
}

// Where buttons are: so far left of the middle of the bar's red one, in pixels.
const (
	revokeButton = 69 + 8 + 70
	stopButton   = 69 + 8 + 164 + 8 + 60
)

// press clicks on a button, once the bar has come to rest.
func (b barOf) press(left int) {
	b.t.Helper()
	before, at := endButton(b.t, b.screen), endButton(b.t, b.screen)
	for ; at != before; before, at = at, endButton(b.t, b.screen) {
		time.Sleep(50 * time.Millisecond)
	}
	middle := at.Min.Add(at.Size().Div(2))
	click(b.person, image.Pt(middle.X-left, middle.Y))
}
