package sessiontest

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/link"
	"handrail/session/operator"
	"handrail/session/secure"
	"handrail/session/wire"
)

// stranger is a customer's program that somebody has changed: it knows the code and says whatever it likes.
type stranger struct {
	*session.Peer
	read sync.WaitGroup
}

// meetOperator joins an operator's session with a changed customer's program, which says nothing after its hello.
func (r *Relay) meetOperator(t *testing.T, o *operator.Session) *stranger {
	t.Helper()
	ctx := Within(t)
	code := o.Code()
	l, err := link.Dial(ctx, r.URL, wire.Hello{Version: wire.Version, Role: wire.Customer, Routing: code.Routing})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.WaitPaired(ctx); err != nil {
		t.Fatal(err)
	}
	channel, err := secure.Join(ctx, l, secure.Params{Routing: code.Routing, Secret: code.Secret})
	if err != nil {
		t.Fatal(err)
	}
	s := &stranger{Peer: session.NewPeer(channel)}
	t.Cleanup(func() { s.Close(); s.read.Wait(); l.Close() })
	if _, err := s.Greet(ctx, session.ControlMessage{Party: &session.Party{Name: "stranger"}}); err != nil {
		t.Fatal(err)
	}
	s.read.Go(func() { // what comes on the control stream is of no interest, but would stop all
		for {
			if _, err := s.ReceiveControl(context.Background()); err != nil {
				return
			}
		}
	})
	return s
}

// say sends control messages.
func (s *stranger) say(t *testing.T, messages ...session.ControlMessage) {
	t.Helper()
	for _, m := range messages {
		if err := s.SendControl(Within(t), m); err != nil {
			t.Fatal(err)
		}
	}
}

// started is what a customer's program says when the customer has agreed to everything, asked for or not.
func started() session.ControlMessage {
	all := session.Allowed(nil)
	return session.ControlMessage{Type: session.MsgStarted, Permissions: &all, Desktop: &screen.Desktop{Width: 64, Height: 64}}
}

// TestACustomerStartsOnce: no customer takes the operator's clipboard from another one by starting over and over, and none
// shares it unasked.
func TestACustomerStartsOnce(t *testing.T) {
	relay := StartRelay(t, false)
	here := &clips{set: make(chan screen.Clip, 8)}
	engine := operator.New(operator.Config{OpenClipboard: here.open})
	t.Cleanup(engine.Close)
	if err := engine.SignIn(Within(t), relay.URL, User, Password); err != nil {
		t.Fatal(err)
	}
	o := NewSession(t, engine)
	o.Ask(session.Permissions{}.With(session.View).With(session.Control))
	s := relay.meetOperator(t, o)
	s.say(t, started())
	AwaitState(t, &o.Status, session.Active)
	if o.Permissions().Has(session.Clipboard) {
		t.Errorf("the operator believes to have been allowed: %s", o.Permissions())
	}

	other, _ := relay.Connected(t, engine, NewComputer(64, 64))
	s.say(t, started())
	screentest.WaitFor(t, "the session has ended", func() bool { state, _ := o.State(); return state == session.Ended })
	if _, reason := o.State(); reason != wire.ReasonProtocol {
		t.Errorf("it ended for %q", reason)
	}
	if state, _ := other.State(); state != session.Active {
		t.Errorf("the other session is %s", state)
	}
}

// TestAStrangerSharesNoClipboardUnasked: a customer may give more than was asked for, but not take part in the operator's clipboard.
func TestAStrangerSharesNoClipboardUnasked(t *testing.T) {
	relay := StartRelay(t, false)
	o := NewSession(t, relay.SignIn(t))
	asked := session.Permissions{}.With(session.View)
	o.Ask(asked)
	s := relay.meetOperator(t, o)
	begun := started()
	all := *begun.Permissions
	begun.Permissions = &session.Permissions{}
	s.say(t, begun, session.ControlMessage{Type: session.MsgPermission, Permissions: &all})
	screentest.WaitFor(t, "the permission has come", func() bool { return o.Permissions().Has(session.Control) })
	if want := session.DefaultPermissions().Without(session.Clipboard); o.Permissions() != want {
		t.Errorf("the operator believes to have been allowed: %s", o.Permissions())
	}
}

// TestAJournalInDisorder has what should continue the journal not do so over and over: the operator's log says it once.
func TestAJournalInDisorder(t *testing.T) {
	relay := StartRelay(t, false)
	var log strings.Builder // until the engine is closed, the engine's
	engine := operator.New(operator.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	t.Cleanup(engine.Close)
	if err := engine.SignIn(Within(t), relay.URL, User, Password); err != nil {
		t.Fatal(err)
	}
	o := NewSession(t, engine)
	s := relay.meetOperator(t, o)
	s.say(t, started())
	AwaitState(t, &o.Status, session.Active)
	for range 500 {
		s.say(t, session.ControlMessage{Type: session.MsgJournal, Line: []byte(`{"n":7}`)})
	}
	s.say(t, session.ControlMessage{Type: session.MsgPermission, Permissions: &session.Permissions{}})
	screentest.WaitFor(t, "all of it has come", func() bool { return o.Permissions() == session.Permissions{} })
	engine.Close()
	if n := strings.Count(log.String(), "not in order"); n != 1 {
		t.Errorf("the log says it %d times", n)
	}
}

// TestAFloodOfNews changes who has control over and over, as fast as it goes: the operator's window hears of it no faster than it
// can show it, and the session can be ended.
func TestAFloodOfNews(t *testing.T) {
	relay := StartRelay(t, false)
	o := NewSession(t, relay.SignIn(t))
	s := relay.meetOperator(t, o)
	s.say(t, started())
	AwaitState(t, &o.Status, session.Active)
	var events atomic.Int64
	stop := o.Listen(func(session.Event) { events.Add(1) })
	defer stop()
	begun := time.Now()
	ctx, cancel := context.WithCancel(context.Background())
	s.read.Go(func() {
		for n := 0; ; n++ {
			m := session.ControlMessage{Type: session.MsgControl, Holder: []session.Holder{session.HolderOperator, session.HolderCustomer}[n%2]}
			if s.SendControl(ctx, m) != nil {
				return
			}
		}
	})
	defer cancel()
	screentest.WaitFor(t, "some of it has come", func() bool { return events.Load() >= 500 })
	time.Sleep(time.Second)
	if most := 520 + 200*time.Since(begun).Seconds(); float64(events.Load()) > most {
		t.Errorf("%d events in %v", events.Load(), time.Since(begun))
	}
	o.End()
	AwaitState(t, &o.Status, session.Ended)
}
