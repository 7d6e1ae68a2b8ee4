package sessiontest

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
	"handrail/session/wire"
)

// through is a running session whose peers reach the relay at these addresses.
func through(t *testing.T, o, c *url.URL) (*operator.Session, *customer.Session, *Computer) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	engine := operator.New(operator.Config{Program: "handrail test", Log: log.With("side", "operator")})
	t.Cleanup(engine.Close)
	if err := engine.SignIn(Within(t), o, User, Password); err != nil {
		t.Fatal(err)
	}
	os := NewSession(t, engine)
	computer := NewComputer(320, 200)
	config := computer.Config()
	config.Log = log.With("side", "customer")
	cs, err := customer.Join(Within(t), config, c, os.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cs.Close)
	if err := cs.Start(cs.Requested()); err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &os.Status, session.Active)
	return os, cs, computer
}

// TestARelayThatFallsSilentIsNoticed cuts the connections without a word, as when a cable is pulled: both sides are
// told that the connection is being restored, and are back once it can be.
func TestARelayThatFallsSilentIsNoticed(t *testing.T) {
	relay := StartRelay(t, false)
	network := StartNetwork(t, relay.URL, 1)
	o, c, _ := through(t, network.URL, network.URL)
	start := time.Now()
	network.Inflict(Silence, true)
	for _, s := range []*session.Status{&o.Status, &c.Status} {
		AwaitState(t, s, session.Reconnecting)
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("noticed after %v", took)
	}
	for _, s := range []*session.Status{&o.Status, &c.Status} {
		AwaitState(t, s, session.Active)
	}
}

// traffic is what goes over a session during a test, and who checks it: every line that was accepted must arrive
// once and in order.
type traffic struct {
	name string
	mu   sync.Mutex
	got  int
	bad  error
	more chan struct{}
}

func newTraffic(name string) *traffic { return &traffic{name: name, more: make(chan struct{}, 1)} }

func (tr *traffic) arrived(n int) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if n != tr.got && tr.bad == nil {
		tr.bad = fmt.Errorf("%s: number %d came instead of %d", tr.name, n, tr.got)
	}
	tr.got = n + 1
	select {
	case tr.more <- struct{}{}:
	default:
	}
}

func (tr *traffic) await(t *testing.T, n int) {
	t.Helper()
	for limit := time.After(screentest.Limit); ; {
		tr.mu.Lock()
		got, bad := tr.got, tr.bad
		tr.mu.Unlock()
		if bad != nil {
			t.Fatal(bad)
		}
		if got >= n {
			return
		}
		select {
		case <-tr.more:
		case <-limit:
			t.Fatalf("%s: only %d of %d have come", tr.name, got, n)
		}
	}
}

// talk lets both sides chat and the operator scroll while do runs, and then checks that all of it has arrived.
func talk(t *testing.T, o *operator.Session, c *customer.Session, computer *Computer, do func()) {
	t.Helper()
	toCustomer, toOperator := newTraffic("chat to the customer"), newTraffic("chat to the operator")
	listen := func(s *session.Status, from wire.Role, tr *traffic) func() {
		return s.Listen(func(e session.Event) {
			if n, err := strconv.Atoi(e.Text); e.Type == session.EventChat && e.From == from && err == nil {
				tr.arrived(n)
			}
		})
	}
	defer listen(&c.Status, wire.Operator, toCustomer)()
	defer listen(&o.Status, wire.Customer, toOperator)()

	ctx, cancel := context.WithCancel(Within(t))
	var wg sync.WaitGroup
	sent := [3]int{}
	for i, send := range []func(n int) error{
		func(n int) error { return o.Chat(strconv.Itoa(n)) },
		func(n int) error { return c.Chat(strconv.Itoa(n)) },
		func(n int) error { return o.Move(n%300, n/300) },
	} {
		wg.Go(func() {
			for ctx.Err() == nil {
				err := send(sent[i])
				switch {
				case err == nil:
					sent[i]++
				case !errors.Is(err, operator.ErrReconnecting):
					_, ours := o.State()
					_, theirs := c.State()
					t.Errorf("%d: %v; the operator was told %q, the customer %q", i, err, ours, theirs)
					return
				}
				time.Sleep(time.Millisecond)
			}
		})
	}
	wg.Go(func() {
		for step := 0; ctx.Err() == nil; step++ {
			at := image.Pt(step%300, step%180)
			computer.Screen.Fill(image.Rectangle{at, at.Add(image.Pt(16, 16))}, color.RGBA{byte(step), byte(step >> 8), 99, 255})
			time.Sleep(5 * time.Millisecond)
		}
	})
	do()
	cancel()
	wg.Wait()
	AwaitState(t, &o.Status, session.Active)
	AwaitState(t, &c.Status, session.Active)
	toCustomer.await(t, sent[0])
	toOperator.await(t, sent[1])
	moves := func() (list []string) {
		for _, e := range computer.Hands.Events() {
			if strings.HasPrefix(e, "move ") {
				list = append(list, e)
			}
		}
		return list
	}
	screentest.WaitFor(t, "all input has arrived", func() bool { return len(moves()) >= sent[2] })
	for n, e := range moves() {
		if e != fmt.Sprintf("move %d %d", n%300, n/300) {
			t.Fatalf("input %d is %q", n, e)
		}
	}
	t.Logf("%d and %d lines of chat and %d inputs arrived, once each and in order", sent[0], sent[1], sent[2])
	awaitPicture(t, o.Picture(), computer)
}

// TestASessionSurvivesItsNetwork breaks the connections of a running session again and again, in every way.
func TestASessionSurvivesItsNetwork(t *testing.T) {
	faults := 40
	if n, err := strconv.Atoi(os.Getenv("HANDRAIL_FAULTS")); err == nil {
		faults = n
	}
	seed := uint64(time.Now().UnixNano())
	if n, err := strconv.ParseUint(os.Getenv("HANDRAIL_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("seed %d, %d faults", seed, faults)
	relay := StartRelay(t, false)
	random := rand.New(rand.NewPCG(seed, 2))
	ours, theirs := StartNetwork(t, relay.URL, seed), StartNetwork(t, relay.URL, seed+1)
	o, c, computer := through(t, ours.URL, theirs.URL)
	talk(t, o, c, computer, func() {
		for i := range faults {
			fault := Quick[random.IntN(len(Quick))]
			if i%40 == 39 { // these take some seconds to be noticed
				fault = []Fault{HalfOpen, Silence}[i/40%2]
			}
			network := []*Network{ours, theirs}[random.IntN(2)]
			network.Shape(0, time.Duration(random.IntN(3))*time.Millisecond, 0)
			network.Inflict(fault, random.IntN(4) == 0)
			time.Sleep(time.Duration(random.IntN(100)) * time.Millisecond)
			if i%8 == 7 {
				AwaitState(t, &o.Status, session.Active)
				AwaitState(t, &c.Status, session.Active)
			}
		}
	})
}
