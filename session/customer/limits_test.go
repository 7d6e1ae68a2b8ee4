package customer_test

import (
	"errors"
	"testing"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/sessiontest"
)

// TestWhatWorksAfterAllIsNoLimit: a person who allows in the system's settings what this program needs tries again.
func TestWhatWorksAfterAllIsNoLimit(t *testing.T) {
	relay := sessiontest.StartRelay(t, false)
	computer := sessiontest.NewComputer(64, 64)
	config := computer.Config()
	allowed := map[string]bool{}
	config.OpenScreen = func() (screen.Capturer, error) {
		if !allowed["view"] {
			return nil, errors.New("not allowed")
		}
		return computer.Screen, nil
	}
	config.OpenInput = func() (screen.Injector, error) {
		if !allowed["control"] {
			return nil, errors.New("not allowed")
		}
		return computer.Hands, nil
	}
	o := sessiontest.NewSession(t, relay.SignIn(t))
	c, err := customer.Join(sessiontest.Within(t), config, relay.URL, o.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	known := func(what ...string) {
		t.Helper()
		screentest.WaitFor(t, "the operator knows what does not work", func() bool {
			limits := o.Info().Limits
			for i := range limits {
				if i >= len(what) || limits[i].What != what[i] {
					return false
				}
			}
			return len(limits) == len(what)
		})
	}
	if err := c.Start(c.Requested()); err == nil {
		t.Fatal("the screen is shared")
	}
	known("view")
	allowed["view"] = true
	if err := c.Start(c.Requested()); err != nil {
		t.Fatal(err)
	}
	known("control")
	allowed["control"] = true
	if err := c.SetPermission(session.Control, true); err != nil {
		t.Fatal(err)
	}
	known()
}
