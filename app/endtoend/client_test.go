package endtoend

import (
	"fmt"
	"image"
	"testing"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/wire"
)

// TestTheCustomersWindow goes the way of a person with only a keyboard: a wrong code, the right one, agreeing,
// and closing the window.
func TestTheCustomersWindow(t *testing.T) {
	customers := screentest.Start(t, 1024, 768)
	customers.Openbox()
	relay := startRelay(t)
	desk := startHeadless(t, relay)
	s := desk.newSession()
	code, err := session.ParseCode(s.Code)
	if err != nil {
		t.Fatal(err)
	}

	c := startClient(t, customers, "--relay", relay.url, "--events")
	window := customers.WaitWindow("^Handrail$")
	customers.Xdotool("windowactivate", "--sync", window)
	screentest.WaitFor(t, "the field for the code is drawn", func() bool { return colours(shot(customers)) > 100 })

	wrong := code
	wrong.Secret = fmt.Sprintf("%06d", (1+number(t, code.Secret))%1_000_000)
	enter(customers, wrong.String())
	if told := c.await(session.Ended); told.Reason != wire.ReasonWrongCode {
		t.Errorf("after a wrong code the customer is told %q", told.Reason)
	}
	screentest.WaitFor(t, "the operator sees that a try failed", func() bool { return desk.show(s.ID).TriesLeft == wire.MaxTries-1 })

	customers.Xdotool("key", "ctrl+a")
	enter(customers, code.String())
	c.await(session.Joining)
	desk.ctl("wait", s.ID, "joining", "--timeout", "60s")
	if _, err := desk.tryCtl("snapshot", s.ID, "-"); err == nil {
		t.Error("there is a picture before the customer agreed")
	}
	awaitAgree(t, customers)
	customers.Xdotool("key", "Tab", "Tab", "Return") // the first one is Cancel: nobody shares by accident
	c.await(session.Active)
	desk.ctl("wait", s.ID, "active", "--timeout", "60s")

	customers.Xdotool("key", "alt+F4")
	if status := c.awaitEnd(t); status != 0 {
		t.Errorf("the customer's program ended with status %d: %s", status, c.errors)
	}
	desk.ctl("wait", s.ID, "ended", "--timeout", "60s")
	if reason := desk.show(s.ID).Reason; reason != wire.ReasonByCustomer {
		t.Errorf("the operator is told %q", reason)
	}
	if files := c.files(); len(files) > 0 {
		t.Errorf("the customer's program left %v", files)
	}
}

// teal counts the pixels in the colour of what is offered: the button that agrees is the largest of them.
func teal(picture *image.RGBA) (n int) {
	for i := 0; i+3 < len(picture.Pix); i += 4 {
		if picture.Pix[i] == 0x0b && picture.Pix[i+1] == 0x7a && picture.Pix[i+2] == 0x75 {
			n++
		}
	}
	return n
}

// enter types a line into what has the keyboard.
func enter(display *screentest.Display, text string) {
	display.Xdotool("type", text)
	display.Xdotool("key", "Return")
}

func number(t *testing.T, digits string) (n int) {
	t.Helper()
	if _, err := fmt.Sscan(digits, &n); err != nil {
		t.Fatal(err)
	}
	return n
}
