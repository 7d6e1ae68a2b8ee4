package sessiontest

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

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
