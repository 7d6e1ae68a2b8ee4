package sessiontest

import (
	"strings"
	"testing"

	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
)

// TestTheOperatorChoosesWhatToAskFor: the customer is asked for that, and can allow no more.
func TestTheOperatorChoosesWhatToAskFor(t *testing.T) {
	relay := StartRelay(t, false)
	s := NewSession(t, relay.SignIn(t))
	s.Ask(session.Permissions{}.With(session.Whiteboard))
	c, err := customer.Join(Within(t), NewComputer(64, 64).Config(), relay.URL, s.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if got := c.Requested().String(); got != "view, whiteboard" {
		t.Errorf("the customer is asked for %q", got)
	}
	if err := c.Start(session.DefaultPermissions()); err != nil {
		t.Fatal(err)
	}
	if got := c.Permissions().String(); got != "view, whiteboard" {
		t.Errorf("allowed is %q", got)
	}
}

func TestLabelsAreCleanAndBounded(t *testing.T) {
	relay := StartRelay(t, false)
	s := NewSession(t, relay.SignIn(t))
	s.SetLabel(operator.Label{Customer: " Mrs\nNovak ", Topic: strings.Repeat("x", 9000), Notes: strings.Repeat("č", 9000)})
	l := s.Label()
	if l.Customer != "Mrs Novak" && l.Customer != "MrsNovak" {
		t.Errorf("the customer is %q", l.Customer)
	}
	if len(l.Topic) > 200 || len(l.Notes) > 8<<10+3 {
		t.Errorf("%d and %d bytes are kept", len(l.Topic), len(l.Notes))
	}
}

func TestPing(t *testing.T) {
	relay := StartRelay(t, false)
	o, _ := relay.Connected(t, relay.SignIn(t), NewComputer(64, 64))
	for range 3 {
		if took, err := o.Ping(Within(t)); err != nil || took <= 0 {
			t.Fatalf("%v, %v", took, err)
		}
	}
	o.End()
	if _, err := o.Ping(Within(t)); err == nil {
		t.Error("a session that has ended answers")
	}
}
