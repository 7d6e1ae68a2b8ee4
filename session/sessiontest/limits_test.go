package sessiontest

import (
	"errors"
	"io"
	"testing"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
)

// TestWhatDoesNotWorkIsSaid joins with a computer that lets this program see its screen and nothing else.
func TestWhatDoesNotWorkIsSaid(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(64, 64)
	config := computer.Config()
	config.OpenInput = func() (screen.Injector, error) { return nil, errors.New("no permission for that") }
	config.OpenLocal = func(func(screen.LocalEvent)) (io.Closer, error) { return nil, errors.New("no hooks") }
	config.OpenClipboard = func(func(screen.Clip)) (screen.Clipboard, error) { return nil, errors.New("no clipboard") }
	o := NewSession(t, relay.SignIn(t))
	c, err := customer.Join(Within(t), config, relay.URL, o.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Start(c.Requested()); err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &o.Status, session.Active)
	screentest.WaitFor(t, "the operator knows", func() bool { return len(o.Info().Limits) == 3 })
	for i, what := range []string{"control", "hand", "clipboard"} {
		if l := o.Info().Limits[i]; l.What != what || l.Why == "" {
			t.Errorf("limit %d is %+v", i, l)
		}
	}
	if o.Permissions().Has(session.Control) {
		t.Error("the operator thinks that control works")
	}
}
