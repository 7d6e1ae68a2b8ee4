package sessiontest

import (
	"path/filepath"
	"testing"

	"handrail/session"
	"handrail/session/customer"
	"handrail/session/relay/store"
)

// TestTheOrganisationBoundsWhatIsAsked lets customers be asked for less, and looks at an operator's program that knows of
// it, and at one that asks all the same: the customer's program leaves out what must not be asked.
func TestTheOrganisationBoundsWhatIsAsked(t *testing.T) {
	relay := StartRelay(t, false)
	careless := relay.SignIn(t) // before the organisation said so
	db, err := store.Open(t.Context(), filepath.Join(relay.data, "relay.db"))
	if err == nil {
		err = db.SetBranding(t.Context(), store.Branding{Allowed: []string{"view", "whiteboard"}})
	}
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	want := session.Permissions{}.With(session.View).With(session.Whiteboard)

	s := NewSession(t, relay.SignIn(t))
	s.Ask(session.DefaultPermissions())
	if s.Asked() != want {
		t.Errorf("a program that knows asks for %s", s.Asked())
	}

	s = NewSession(t, careless)
	c, err := customer.Join(Within(t), NewComputer(64, 64).Config(), relay.URL, s.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if s.Asked() == want || c.Requested() != want {
		t.Errorf("asked for %s, of which the customer's program takes %s", s.Asked(), c.Requested())
	}
	if err := c.Start(session.DefaultPermissions()); err != nil {
		t.Fatal(err)
	}
	if c.Permissions() != want {
		t.Errorf("the operator may: %s", c.Permissions())
	}
}
