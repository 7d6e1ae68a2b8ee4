package endtoend

import (
	"net/url"
	"slices"
	"syscall"
	"testing"
	"time"

	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
	"handrail/session/sessiontest"
)

// TestTheRelayIsKilled kills the relay's process in the middle of a session, without a word, and starts it again, 20
// times, while both sides chat, the operator moves the pointer and the screen changes. The session goes on each time
// and nothing that was accepted is lost.
func TestTheRelayIsKilled(t *testing.T) {
	const times = 20
	r := startRelay(t)
	address, err := url.Parse(r.url)
	if err != nil {
		t.Fatal(err)
	}
	engine := operator.New(operator.Config{Program: "handrail test"})
	defer engine.Close()
	if err := engine.SignIn(sessiontest.Within(t), address, user, password); err != nil {
		t.Fatal(err)
	}
	o := sessiontest.NewSession(t, engine)
	computer := sessiontest.NewComputer(320, 200)
	c, err := customer.Join(sessiontest.Within(t), computer.Config(), address, o.Code())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Start(c.Requested()); err != nil {
		t.Fatal(err)
	}
	sessiontest.AwaitState(t, &o.Status, session.Active)
	var took []time.Duration
	sessiontest.Talk(t, o, c, computer, func() {
		for range times {
			_ = syscall.Kill(r.cmd.Process.Pid, syscall.SIGKILL)
			<-r.done
			for _, s := range []*session.Status{&o.Status, &c.Status} {
				sessiontest.AwaitState(t, s, session.Reconnecting)
			}
			start := time.Now()
			r.serve(t)
			for _, s := range []*session.Status{&o.Status, &c.Status} {
				sessiontest.AwaitState(t, s, session.Active)
			}
			took = append(took, time.Since(start))
			time.Sleep(100 * time.Millisecond)
		}
	})
	slices.Sort(took)
	t.Logf("back after %v in the middle, %v at 95 %%, %v at most", took[times/2], took[times*95/100-1], took[times-1])
	if took[times*95/100-1] > 3*time.Second {
		t.Errorf("more than one in twenty took longer than 3 s: %v", took)
	}
}
