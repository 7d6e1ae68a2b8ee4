package sessiontest

import (
	"context"
	"errors"
	"image"
	"testing"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/wire"
)

// waiting is a customer's program that shows an ID and a password.
type waiting struct {
	shown chan customer.Offered
	done  chan struct{}
	stop  context.CancelFunc

	session *customer.Session // after done
	err     error
}

func (r *Relay) await(t *testing.T, c *Computer) *waiting {
	t.Helper()
	ctx, stop := context.WithCancel(Within(t))
	w := &waiting{shown: make(chan customer.Offered, 10), done: make(chan struct{}), stop: stop}
	go func() {
		defer close(w.done)
		w.session, w.err = customer.Await(ctx, c.Config(), r.URL, func(o customer.Offered) { w.shown <- o })
	}()
	t.Cleanup(func() {
		stop()
		<-w.done
		if w.session != nil {
			w.session.Close()
		}
	})
	return w
}

func (w *waiting) next(t *testing.T) customer.Offered {
	t.Helper()
	select {
	case o := <-w.shown:
		return o
	case <-w.done:
		t.Fatalf("it no longer waits: %v", w.err)
	case <-Within(t).Done():
		t.Fatal("nothing is shown")
	}
	return customer.Offered{}
}

// wrong is a code with another password.
func wrong(c session.Code) session.Code {
	c.Secret = c.Secret[1:] + string('0'+(c.Secret[0]-'0'+1)%10)
	if c.Secret[0] == c.Secret[5] { // the same digits may have come out
		c.Secret = "000000"
	}
	return c
}

func TestWithTheCustomersIDAndPassword(t *testing.T) {
	relay := StartRelay(t, true)
	engine := relay.SignIn(t)
	computer := NewComputer(320, 200)
	computer.Screen.Paint(image.Rect(0, 0, 320, 200), noise(1))
	w := relay.await(t, computer)
	first := w.next(t)
	if len(first.Code.Routing) != session.IDLen || len(first.Code.Secret) != session.SecretLen {
		t.Fatalf("shown: %+v", first)
	}

	bad, err := engine.Connect(Within(t), wrong(first.Code))
	if err != nil {
		t.Fatal(err)
	}
	awaitEnd(t, &bad.Status, wire.ReasonWrongPassword)
	again := w.next(t)
	if again.Code != first.Code || again.Failed != 1 {
		t.Fatalf("after a wrong password it shows %+v, before %+v", again, first)
	}

	o, err := engine.Connect(Within(t), again.Code)
	if err != nil {
		t.Fatal(err)
	}
	<-w.done
	if w.err != nil {
		t.Fatal(w.err)
	}
	if w.session.Operator().Name != OperatorName || w.session.ID != o.ID() {
		t.Errorf("the customer is asked by %+v in session %q, the operator's is %q", w.session.Operator(), w.session.ID, o.ID())
	}
	if err := w.session.Start(w.session.Requested()); err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &o.Status, session.Active)
	awaitPicture(t, o.Picture(), computer)
	w.session.Close()
	awaitEnd(t, &o.Status, wire.ReasonByCustomer)
	if _, err := engine.Connect(Within(t), again.Code); !errors.Is(err, wire.Fail(wire.ReasonUnknownID, nil)) {
		t.Errorf("the ID still answers: %v", err)
	}
	if secret := []byte(first.Code.Secret); countOf(relay.Recorded(), secret) > 0 {
		t.Error("the relay has seen the password")
	}
}

func countOf(data, part []byte) int {
	n := 0
	for i := 0; i+len(part) <= len(data); i++ {
		if string(data[i:i+len(part)]) == string(part) {
			n++
		}
	}
	return n
}

func awaitEnd(t *testing.T, s *session.Status, want wire.Reason) {
	t.Helper()
	screentest.WaitFor(t, "the session has ended", func() bool { state, _ := s.State(); return state == session.Ended })
	if _, reason := s.State(); reason != want {
		t.Fatalf("it has ended because of %q, want %q", reason, want)
	}
}

func TestWrongPasswordsEndTheOffer(t *testing.T) {
	relay := StartRelay(t, false)
	engine := relay.SignIn(t)
	w := relay.await(t, NewComputer(64, 64))
	for range wire.MaxTries {
		o, err := engine.Connect(Within(t), wrong(w.next(t).Code))
		if err != nil {
			t.Fatal(err)
		}
		awaitEnd(t, &o.Status, wire.ReasonWrongPassword)
	}
	<-w.done
	if !errors.Is(w.err, wire.Fail(wire.ReasonGuessed, nil)) {
		t.Errorf("the customer is told: %v", w.err)
	}
}

func TestAnOfferEndsWithItsWindow(t *testing.T) {
	relay := StartRelay(t, false)
	engine := relay.SignIn(t)
	w := relay.await(t, NewComputer(64, 64))
	code := w.next(t).Code
	w.stop()
	<-w.done
	screentest.WaitFor(t, "the ID is unknown", func() bool {
		_, err := engine.Connect(Within(t), code)
		return errors.Is(err, wire.Fail(wire.ReasonUnknownID, nil))
	})
	second := relay.await(t, NewComputer(64, 64))
	if next := second.next(t).Code; next.Secret == code.Secret || next.Routing == code.Routing {
		t.Errorf("a new start shows %v, the one before %v", next, code)
	}
}

func TestAnOfferSurvivesTheRelay(t *testing.T) {
	relay := StartRelay(t, false)
	w := relay.await(t, NewComputer(64, 64))
	first := w.next(t).Code
	relay.Stop()
	relay.Restart()
	second := w.next(t).Code
	if second.Secret == first.Secret {
		t.Error("a relay that has forgotten the ID gets a new one under the old password")
	}
	engine := relay.SignIn(t)
	o, err := engine.Connect(Within(t), second)
	if err != nil {
		t.Fatal(err)
	}
	<-w.done
	AwaitState(t, &o.Status, session.Joining)
}
