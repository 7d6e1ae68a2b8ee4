package sessiontest

import (
	"io"
	"slices"
	"sync"
	"testing"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
)

// plainDesktop notes whether a computer's desktop is plain.
type plainDesktop struct {
	left []string

	mu    sync.Mutex
	plain bool
	taken int
}

func (p *plainDesktop) open() (io.Closer, []string, error) {
	p.set(true)
	return p, p.left, nil
}

// Close is part of io.Closer.
func (p *plainDesktop) Close() error { p.set(false); return nil }

func (p *plainDesktop) set(plain bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plain = plain
	if plain {
		p.taken++
	}
}

func (p *plainDesktop) is() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.plain
}

func (p *plainDesktop) becomes(t *testing.T, plain bool, when string) {
	t.Helper()
	screentest.WaitFor(t, when, func() bool { return p.is() == plain })
}

// joinPlain begins a session whose operator wants the desktop plain, or not, before anybody joins.
func joinPlain(t *testing.T, p *plainDesktop, wish bool, choice customer.PlainChoice) (*operator.Session, *customer.Session) {
	t.Helper()
	relay := StartRelay(t, false)
	config := NewComputer(64, 64).Config()
	config.OpenPlain = p.open
	o := NewSession(t, relay.SignIn(t))
	if err := o.SetPlain(wish); err != nil {
		t.Fatal(err)
	}
	c, err := customer.Join(Within(t), config, relay.URL, o.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	c.SetPlain(choice)
	if p.is() {
		t.Error("the desktop is plain before anybody has agreed to anything")
	}
	if err := c.Start(c.Requested()); err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &o.Status, session.Active)
	return o, c
}

func limited(o *operator.Session, what string) func() bool {
	return func() bool {
		return slices.ContainsFunc(o.Info().Limits, func(l session.Limit) bool { return l.What == what })
	}
}

// TestTheDesktopIsPlainWhileItIsShared: from the agreement on, not while the picture is paused, and not after the end.
func TestTheDesktopIsPlainWhileItIsShared(t *testing.T) {
	p := &plainDesktop{left: []string{"effects"}}
	o, c := joinPlain(t, p, true, customer.PlainAsked)
	p.becomes(t, true, "the desktop is plain")
	screentest.WaitFor(t, "the operator knows that effects stay", limited(o, "effects"))
	if limited(o, "wallpaper")() {
		t.Error("the operator is told that the wallpaper stays")
	}
	if err := c.SetPermission(session.View, false); err != nil {
		t.Fatal(err)
	}
	p.becomes(t, false, "a paused desktop is as before")
	if err := c.SetPermission(session.View, true); err != nil {
		t.Fatal(err)
	}
	p.becomes(t, true, "the desktop is plain again")
	if err := o.SetPlain(false); err != nil {
		t.Fatal(err)
	}
	p.becomes(t, false, "the operator has had enough")
	if err := o.SetPlain(true); err != nil {
		t.Fatal(err)
	}
	p.becomes(t, true, "the operator wants it again")
	o.End()
	<-c.Done()
	if p.is() {
		t.Error("the desktop is plain after the end")
	}
}

// TestTheCustomerDecidesAboutTheDesktop: the operator's wish counts for nothing when the customer wants something else.
func TestTheCustomerDecidesAboutTheDesktop(t *testing.T) {
	p := &plainDesktop{}
	o, c := joinPlain(t, p, true, customer.PlainNever)
	screentest.WaitFor(t, "the operator knows that it is refused", limited(o, "plain"))
	if p.is() || p.taken > 0 {
		t.Error("the desktop was plain against the customer's will")
	}
	c.SetPlain(customer.PlainAlways)
	p.becomes(t, true, "the customer wants it")
	screentest.WaitFor(t, "nothing is refused any more", func() bool { return !limited(o, "plain")() })
	if err := o.SetPlain(false); err != nil {
		t.Fatal(err)
	}
	c.SetPlain(customer.PlainAsked)
	p.becomes(t, false, "nobody wants it")
}

// TestADesktopThatCannotBePlain says so, and is not called plain.
func TestADesktopThatCannotBePlain(t *testing.T) {
	p := &plainDesktop{left: []string{"wallpaper", "effects"}}
	o, c := joinPlain(t, p, true, customer.PlainAsked)
	screentest.WaitFor(t, "the operator knows", func() bool { return limited(o, "wallpaper")() && limited(o, "effects")() })
	if p.is() {
		t.Error("what cannot be plain is held plain")
	}
	c.End()
	<-c.Done()
}
