package sessiontest

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
)

// clips is a clipboard in memory.
type clips struct {
	on  func(screen.Clip)
	set chan screen.Clip
}

func (c *clips) Set(clip screen.Clip) error { c.set <- clip; return nil }
func (c *clips) Close() error               { return nil }
func (c *clips) open(on func(screen.Clip)) (screen.Clipboard, error) {
	c.on = on
	return c, nil
}

func TestTheClipboardGoesBothWaysWithPermission(t *testing.T) {
	relay := StartRelay(t, false)
	here, there := &clips{set: make(chan screen.Clip, 8)}, &clips{set: make(chan screen.Clip, 8)}
	engine := operator.New(operator.Config{OpenClipboard: here.open})
	t.Cleanup(engine.Close)
	if err := engine.SignIn(Within(t), relay.URL, User, Password); err != nil {
		t.Fatal(err)
	}
	journal := &lockedBuffer{}
	config := NewComputer(64, 64).Config()
	config.OpenClipboard, config.Log = there.open, slog.New(slog.NewTextHandler(journal, nil))
	o := NewSession(t, engine)
	c, err := customer.Join(Within(t), config, relay.URL, o.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Start(c.Requested().With(session.Clipboard)); err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &o.Status, session.Active)
	text := screen.Clip{Text: strings.Repeat("copied čšž ", 60_000)}
	here.on(text)
	if got := <-there.set; !got.Equal(text) {
		t.Error("the customer gets something else")
	}
	there.on(screen.Clip{Text: "answer"})
	if got := <-here.set; got.Text != "answer" {
		t.Error("the operator gets something else")
	}

	if err := c.SetPermission(session.Clipboard, false); err != nil {
		t.Fatal(err)
	}
	there.on(screen.Clip{Text: "a password"})
	if err := errors.Join(o.Copy(screen.Clip{Text: "unwanted"}), o.Chat("after that")); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the refusal is journalled", func() bool { return strings.Contains(journal.String(), "permission=clipboard") })
	if len(here.set)+len(there.set) > 0 {
		t.Error("something passed without permission")
	}
}

// TestHostileOperator does what only a changed program would.
func TestHostileOperator(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(64, 64)
	o, c := relay.Connected(t, relay.SignIn(t), computer)
	if err := o.Copy(screen.Clip{Text: strings.Repeat("x", screen.MaxClipText+1)}); err == nil {
		t.Error("this side lets too large a clip pass")
	}
	// More input than any hand makes: the customer's own hand still counts at once, and what waits is dropped.
	go func() {
		for n := range 20_000 {
			if o.Key(uint32('a'+n%26), true) != nil {
				return
			}
		}
	}()
	screentest.WaitFor(t, "the flood has begun", func() bool { return len(computer.Hands.Held()) > 5 })
	computer.Person.Move()
	awaitHolder(t, &c.Status, session.HolderCustomer)
	if held := computer.Hands.Held(); len(held) > 0 {
		t.Errorf("%v is held while the customer has control", held)
	}
	events := len(computer.Hands.Events())
	computer.Person.Press("f12")
	screentest.WaitFor(t, "control is revoked", func() bool { return !c.Permissions().Has(session.Control) })
	if now := len(computer.Hands.Events()); now != events {
		t.Errorf("%d events were injected while the customer had control", now-events)
	}
}

// TestASlowReaderIsNoBreak copies so much for a customer on a slow path that the relay reads nothing of the operator's for
// longer than silence is allowed: that is no reason to give the link up.
func TestASlowReaderIsNoBreak(t *testing.T) {
	t.Parallel()
	relay := StartRelay(t, false)
	network := StartNetwork(t, relay.URL, 1)
	there := &clips{set: make(chan screen.Clip, 1)}
	config := NewComputer(64, 64).Config()
	config.OpenClipboard = there.open
	o := NewSession(t, relay.SignIn(t))
	c, err := customer.Join(Within(t), config, network.URL, o.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Start(c.Requested().With(session.Clipboard)); err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &o.Status, session.Active)
	breaks := make(chan session.Event, 8)
	stop := o.Listen(func(e session.Event) {
		if e.Type == session.EventState && e.State == session.Reconnecting {
			breaks <- e
		}
	})
	defer stop()
	network.Shape(0, 0, 12<<10) // bytes a second
	clip := screen.Clip{Text: strings.Repeat("copied čšž\n", 20_000)}
	began := time.Now()
	if err := o.Copy(clip); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-there.set:
		t.Logf("%d KiB took %v", len(clip.Text)>>10, time.Since(began).Round(time.Second))
		if !got.Equal(clip) {
			t.Error("the customer gets something else")
		}
	case e := <-breaks:
		t.Errorf("the operator's link was given up after %v: %s", time.Since(began), e.Reason)
	case <-time.After(2 * screentest.Limit):
		t.Error("nothing arrived")
	}
}
