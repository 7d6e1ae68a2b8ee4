package sessiontest

import (
	"context"
	"io"
	"sync"
	"testing"
	"time"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
	"handrail/transfer"
)

// Within is a context that ends with the test, and long after anything should have happened.
func Within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), screentest.Limit)
	t.Cleanup(cancel)
	return ctx
}

// SignIn is an engine signed in to the relay. It is closed at the test's end.
func (r *Relay) SignIn(t testing.TB) *operator.Engine {
	t.Helper()
	engine := operator.New(operator.Config{Program: "handrail test"})
	t.Cleanup(engine.Close)
	if err := engine.SignIn(Within(t), r.URL, User, Password); err != nil {
		t.Fatal(err)
	}
	return engine
}

// NewSession starts a session and waits until it waits for its customer.
func NewSession(t testing.TB, engine *operator.Engine) *operator.Session {
	t.Helper()
	s, err := engine.NewSession(Within(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Computer is a customer's computer in memory.
type Computer struct {
	Screen *screentest.Desktop
	Hands  *screentest.Injector
	Person Person

	Folder  string           // for received files
	Places  []transfer.Place // where browsing begins
	MayLook bool             // the operator may, without asking

	Clip func(on func([]string)) (screen.FileClipboard, error) // its clipboard for files; nil: none
}

// Person is the one who sits in front of a customer's computer.
type Person struct {
	mu sync.Mutex
	on func(screen.LocalEvent)
}

// Move moves the computer's own pointer.
func (p *Person) Move() { p.do(screen.LocalEvent{}) }

// Press presses and releases keys of the computer's own keyboard together, as in screen.ParseKeys.
func (p *Person) Press(keys string) {
	keysyms, err := screen.ParseKeys(keys)
	if err != nil {
		panic(err)
	}
	for _, k := range keysyms {
		p.do(screen.LocalEvent{Keysym: k, Down: true})
	}
	for _, k := range keysyms {
		p.do(screen.LocalEvent{Keysym: k})
	}
}

func (p *Person) do(e screen.LocalEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.on != nil {
		p.on(e)
	}
}

// Close makes nobody hear the person any more.
func (p *Person) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.on = nil
	return nil
}

func (p *Person) listen(on func(screen.LocalEvent)) (io.Closer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.on = on
	return p, nil
}

// NewComputer makes a computer with a black desktop of this size.
func NewComputer(width, height int) *Computer {
	return &Computer{Screen: screentest.NewDesktop(width, height), Hands: &screentest.Injector{}}
}

// Config is the configuration of a customer's program on this computer.
func (c *Computer) Config() customer.Config {
	return customer.Config{
		Program: "handrail-client test", Name: "Test computer", System: "Test",
		OpenScreen: func() (screen.Capturer, error) { return c.Screen, nil },
		OpenInput:  func() (screen.Injector, error) { return c.Hands, nil },
		OpenLocal:  c.Person.listen,
		Folder:     c.Folder, Places: c.Places, MayLook: c.MayLook,
		OpenFileClipboard: c.Clip,
	}
}

// Join joins with a code. The session is ended at the test's end.
func (r *Relay) Join(t testing.TB, c *Computer, code session.Code) (*customer.Session, error) {
	t.Helper()
	s, err := customer.Join(Within(t), c.Config(), r.URL, code)
	if err == nil {
		t.Cleanup(s.Close)
	}
	return s, err
}

// Connected is a session in which the customer has agreed to everything asked for.
func (r *Relay) Connected(t testing.TB, engine *operator.Engine, c *Computer) (*operator.Session, *customer.Session) {
	t.Helper()
	o := NewSession(t, engine)
	s, err := r.Join(t, c, o.Code())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(s.Requested()); err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &o.Status, session.Active)
	return o, s
}

// AwaitState waits until a session is in a state.
func AwaitState(t testing.TB, s *session.Status, state session.State) {
	t.Helper()
	changed := make(chan struct{}, 1)
	stop := s.Listen(func(session.Event) {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	defer stop()
	for limit := time.After(screentest.Limit); ; {
		now, reason := s.State()
		if now == state {
			return
		}
		if now == session.Ended {
			t.Fatalf("the session has ended (%s) instead of being %s", reason, state)
		}
		select {
		case <-changed:
		case <-limit:
			t.Fatalf("the session is still %s (%s) instead of %s", now, reason, state)
		}
	}
}
