package sessiontest

import (
	"slices"
	"testing"
	"time"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/mux"
	"handrail/session/wire"
)

// deafen has the customer's program queue as much for the operator as it may: the changed program asks for answers and never
// says that it has taken any.
func (h *changed) deafen() {
	h.t.Helper()
	const several, patience = 500, 2 * time.Second
	ping := session.ControlMessage{Type: session.MsgPing}.Marshal()
	sent := 0
	for heard := time.Now(); time.Since(heard) < patience; {
		had := h.answers()
		if had < sent {
			time.Sleep(time.Millisecond)
			if h.answers() > had {
				heard = time.Now()
			}
			continue
		}
		for range several {
			if !h.send(mux.Control, ping) {
				h.t.Fatal("the session has ended")
			}
		}
		sent, heard = sent+several, time.Now()
	}
	h.t.Logf("%d of %d questions were answered", h.answers(), sent)
}

func (h *changed) answers() (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range h.heard {
		if m.Type == session.MsgPong {
			n++
		}
	}
	return n
}

// TestADeafOperatorTakesNoControl: what the customer does is in force at once and the session ends, although nothing more can be
// sent to the operator.
func TestADeafOperatorTakesNoControl(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(64, 64)
	h, c, _ := relay.besiege(t, computer, session.DefaultPermissions())
	h.deafen()
	through := make(chan struct{})
	go func() { // one after the other, as a person does it
		defer close(through)
		for _, p := range []session.Permission{session.Control, session.View, session.Whiteboard, session.Files} {
			if err := c.SetPermission(p, false); err != nil {
				t.Errorf("taking %s: %v", p, err)
			}
			if c.Permissions().Has(p) {
				t.Errorf("%s is still allowed", p)
			}
		}
		c.End()
	}()
	select {
	case <-through:
	case <-Within(t).Done():
		t.Fatal("the customer waits for the operator")
	}
	<-c.Done()
	if _, reason := c.State(); reason != wire.ReasonByCustomer {
		t.Errorf("it ended for %q", reason)
	}
}

// TestADeafOperatorHoldsNoBeginning: sharing starts for the customer whether or not the operator can be told so. What they do counts
// from that moment on, and they can end it.
func TestADeafOperatorHoldsNoBeginning(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(64, 64)
	h, c, _ := relay.meetCustomer(t, computer)
	h.deafen()
	through := make(chan struct{})
	go func() {
		defer close(through)
		if err := c.Start(session.DefaultPermissions()); err != nil {
			t.Errorf("agreeing: %v", err)
		}
	}()
	select {
	case <-through:
	case <-Within(t).Done():
		t.Fatal("the customer waits for the operator")
	}
	if state, _ := c.State(); state != session.Active {
		t.Errorf("the session is %s", state)
	}
	h.input(session.Input{Kind: session.InputMove, X: 3, Y: 3})
	screentest.WaitFor(t, "the operator moves the pointer", func() bool { return slices.Contains(computer.Hands.Events(), "move 3 3") })
	computer.Person.Move()
	awaitHolder(t, &c.Status, session.HolderCustomer)
	h.input(session.Input{Kind: session.InputMove, X: 4, Y: 4})
	computer.Person.Press("f12")
	screentest.WaitFor(t, "F12 takes control", func() bool { return !c.Permissions().Has(session.Control) })
	c.End()
	<-c.Done()
	if slices.Contains(computer.Hands.Events(), "move 4 4") {
		t.Error("both were in control")
	}
}
