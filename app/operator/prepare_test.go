package main

import (
	"context"
	"log/slog"
	"testing"

	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
	"handrail/session/sessiontest"
	"handrail/session/settings"
)

// TestSettingsCountForEverySession: also for those that a relay's page, a script, or a customer's ID and password start; and what is
// asked for afterwards counts more.
func TestSettingsCountForEverySession(t *testing.T) {
	v, _ := settings.Open(settings.Operator, "", "")
	set := func(key, value string) {
		t.Helper()
		if err := v.Set(key, value); err != nil {
			t.Fatal(err)
		}
	}
	relay, ctx := sessiontest.StartRelay(t, false), sessiontest.Within(t)
	engine := operator.New(openCommand{Headless: true, Journals: "-"}.config(v, slog.New(slog.DiscardHandler)))
	t.Cleanup(engine.Close)
	if err := engine.SignIn(ctx, relay.URL, sessiontest.User, sessiontest.Password); err != nil {
		t.Fatal(err)
	}
	check := func(s *operator.Session, asked session.Permissions, q session.Quality, plain bool) {
		t.Helper()
		if info := s.Info(); s.Asked() != asked || info.Quality != q || info.Plain != plain {
			t.Errorf("asked for %s, quality %s, plain %v", s.Asked(), info.Quality, info.Plain)
		}
	}
	started := func(s *operator.Session, err error) *operator.Session {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	check(started(engine.NewSession(ctx)), session.DefaultPermissions(), session.High, false)
	set("ask_control", "false")
	set("ask_files", "false")
	set("quality", "speed")
	set("plain_desktop", "true")
	wanted := session.DefaultPermissions().Without(session.Control).Without(session.Files)
	s := started(engine.NewSession(ctx))
	check(s, wanted, session.Speed, true)
	s.Ask(session.Permissions{}.With(session.Control))
	if !s.Asked().Has(session.Control) {
		t.Error("what is asked for while it waits does not count")
	}

	waits, stop := context.WithCancel(ctx)
	offered, done := make(chan session.Code, 10), make(chan struct{})
	go func() {
		defer close(done)
		computer := sessiontest.NewComputer(320, 200)
		if s, err := customer.Await(waits, computer.Config(), relay.URL, func(o customer.Offered) { offered <- o.Code }); err == nil {
			s.Close()
		}
	}()
	check(started(engine.Connect(ctx, <-offered)), wanted, session.Speed, true)
	stop()
	<-done
}
