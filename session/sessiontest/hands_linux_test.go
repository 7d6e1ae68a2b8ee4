package sessiontest

import (
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"handrail/screen"
	"handrail/screen/input"
	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
)

// span is from the beginning of something to its end.
type span struct{ from, to time.Time }

// noted is an injector that notes when it did anything.
type noted struct {
	screen.Injector
	mu    sync.Mutex
	spans []span
}

func (n *noted) note(from time.Time, err error) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.spans = append(n.spans, span{from, time.Now()})
	return err
}

func (n *noted) MovePointer(x, y int) error {
	from := time.Now()
	return n.note(from, n.Injector.MovePointer(x, y))
}

func (n *noted) Type(text string) error {
	from := time.Now()
	return n.note(from, n.Injector.Type(text))
}

func (n *noted) Scroll(x, y int) error {
	from := time.Now()
	return n.note(from, n.Injector.Scroll(x, y))
}

func (n *noted) all() []span {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]span(nil), n.spans...)
}

// atHand is a session whose customer sits at a real display, with devices of their own.
type atHand struct {
	operator *operator.Session
	customer *customer.Session
	hands    *noted
	person   *keyboard

	mu    sync.Mutex
	local []span // when the watch told of the customer's own input, and when that was in force
}

func startAtHand(t *testing.T, handsOff time.Duration) *atHand {
	t.Helper()
	person, customers := screentest.StartNested(t, 800, 600)
	h := &atHand{hands: &noted{}, person: newKeyboard(t, person)}
	relay := StartRelay(t, false)
	config := NewComputer(64, 64).Config()
	config.HandsOff = handsOff
	config.OpenInput = func() (screen.Injector, error) {
		var err error
		h.hands.Injector, err = input.Open(input.Options{Display: customers.Name})
		return h.hands, err
	}
	config.OpenLocal = func(on func(screen.LocalEvent)) (io.Closer, error) {
		return input.WatchLocal(input.Options{Display: customers.Name}, func(e screen.LocalEvent) {
			told := time.Now()
			on(e)
			h.mu.Lock()
			h.local = append(h.local, span{told, time.Now()})
			h.mu.Unlock()
		})
	}
	h.operator = NewSession(t, relay.SignIn(t))
	var err error
	h.customer, err = customer.Join(Within(t), config, relay.URL, h.operator.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.customer.Close)
	if err := h.customer.Start(h.customer.Requested()); err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &h.operator.Status, session.Active)
	awaitHolder(t, &h.operator.Status, session.HolderOperator)
	return h
}

func (h *atHand) heard() []span {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]span(nil), h.local...)
}

// move moves the customer's own pointer.
func (h *atHand) move(x, y int) {
	_ = xtest.FakeInputChecked(h.person.conn, xproto.MotionNotify, 0, 0, 0, int16(x), int16(y), 0).Check()
}

// act has the operator do things until it is told to stop.
func (h *atHand) act(t *testing.T) (stop func()) {
	done := make(chan struct{})
	var acting sync.WaitGroup
	acting.Go(func() {
		random := rand.New(rand.NewPCG(1, 2))
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			case <-time.After(time.Duration(1+random.IntN(4)) * time.Millisecond):
			}
			switch random.IntN(8) {
			case 0:
				_ = h.operator.Scroll(0, (1-2*(n%2))*screen.Notch)
			case 1:
				_ = h.operator.Type("typed by the operator čš")
			default:
				_ = h.operator.Move(100+n%200, 100+n%150)
			}
		}
	})
	stop = sync.OnceFunc(func() { close(done); acting.Wait() })
	t.Cleanup(stop)
	return stop
}

// TestTheOperatorIsOutAtOnce measures, on a real display and with the real five seconds, how long the operator's hands go on
// after the customer's own pointer has moved, and how long they are kept off.
func TestTheOperatorIsOutAtOnce(t *testing.T) {
	t.Parallel()
	h := startAtHand(t, 0)
	stop := h.act(t)
	screentest.WaitFor(t, "the operator is busy", func() bool { return len(h.hands.all()) > 50 })
	moved := time.Now()
	h.move(400, 300)
	screentest.WaitFor(t, "the operator is out and in again", func() bool {
		spans := h.hands.all()
		return len(spans) > 0 && spans[len(spans)-1].from.Sub(moved) > 4*time.Second
	})
	stop()
	local := h.heard()
	if len(local) == 0 {
		t.Fatal("the customer's own pointer was not noticed")
	}
	last, first := moved, time.Time{}
	for _, s := range h.hands.all() {
		switch {
		case s.to.Sub(moved) < 4*time.Second:
			last = s.to
		case first.IsZero():
			first = s.from
		}
	}
	off := first.Sub(local[len(local)-1].from)
	t.Logf("the operator was out %v after the customer's pointer had moved (goal: 50 ms), and had control again after %v (goal: 5.0 ± 0.1 s)",
		max(0, last.Sub(moved)).Round(10*time.Microsecond), off.Round(time.Millisecond))
	if off < 5*time.Second {
		t.Errorf("the operator had control again after %v", off)
	}
}

// TestNeverBothOnARealDisplay has operator and customer use a computer at random, with less time between them than usual: nothing
// is injected from the moment that the customer's own input is noticed until the time is over.
func TestNeverBothOnARealDisplay(t *testing.T) {
	t.Parallel()
	turns := 30
	if os.Getenv("HANDRAIL_SOAK") != "" {
		turns = 500
	}
	const handsOff = 60 * time.Millisecond
	h := startAtHand(t, handsOff)
	stop := h.act(t)
	random := rand.New(rand.NewPCG(3, 4))
	var acted []time.Time
	for n := range turns {
		time.Sleep(time.Duration(random.IntN(150)) * time.Millisecond)
		acted = append(acted, time.Now())
		switch random.IntN(3) {
		case 0:
			h.person.press(screen.KeyShift, true)
			h.person.press(screen.KeyShift, false)
		default:
			h.move(n%700, 300+n%100)
		}
	}
	time.Sleep(2 * handsOff)
	stop()
	local, spans := h.heard(), h.hands.all()
	if len(local) < turns || len(spans) < turns {
		t.Fatalf("there were %d local events and %d injections in %d turns", len(local), len(spans), turns)
	}
	worst, at := time.Duration(0), 0
	for _, s := range spans {
		for at+1 < len(local) && !local[at+1].to.After(s.from) {
			at++
		}
		if at+1 < len(local) && local[at+1].to.Before(s.to) {
			worst = max(worst, s.to.Sub(local[at+1].to)) // was being done when the customer's input came
		}
		if since := s.from.Sub(local[at].from); s.from.After(local[at].to) && since < handsOff {
			t.Errorf("injected %v after the customer's own input", since)
		}
	}
	var out []time.Duration // how long after the person's hand something was still injected, which includes the way to the display
	for _, when := range acted {
		last := time.Duration(0)
		for _, s := range spans {
			if after := s.to.Sub(when); after > 0 && after < handsOff {
				last = max(last, after)
			}
		}
		out = append(out, last)
	}
	slices.Sort(out)
	at = len(out) - 1
	t.Logf("%d turns, %d local events, %d injections; the operator was out %v (median), %v (95 %%), %v (at the latest) after the customer's hand (goal: 50 ms); what was being done when that was noticed went on for %v",
		turns, len(local), len(spans), out[at/2], out[at*95/100], out[at], worst)
}
