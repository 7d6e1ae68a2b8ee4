package sessiontest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
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

func (tr *traffic) state() (got int, bad error) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.got, tr.bad
}

// await waits until n have come, for as long as any come: both sides sign each in their journals, which takes a while.
func (tr *traffic) await(t testing.TB, n int) {
	t.Helper()
	for {
		got, bad := tr.state()
		if bad != nil {
			t.Fatal(bad)
		}
		if got >= n {
			return
		}
		select {
		case <-tr.more:
		case <-time.After(screentest.Limit):
			t.Fatalf("%s: only %d of %d have come", tr.name, got, n)
		}
	}
}

// maxAhead is how many may be on their way: a network that is silent for a while would let very many gather.
const maxAhead = 500

// keepUp waits until number n may be sent.
func (tr *traffic) keepUp(ctx context.Context, n int) {
	for {
		if got, bad := tr.state(); n-got < maxAhead || bad != nil {
			return
		}
		select {
		case <-tr.more:
		case <-ctx.Done():
			return
		}
	}
}

// Talk lets both sides chat and the operator scroll while do runs, and then checks that all of it has arrived.
func Talk(t testing.TB, o *operator.Session, c *customer.Session, computer *Computer, do func()) {
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
		func(n int) error { toCustomer.keepUp(ctx, n); return o.Chat(strconv.Itoa(n)) },
		func(n int) error { toOperator.keepUp(ctx, n); return c.Chat(strconv.Itoa(n)) },
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
	screentest.WaitFor(t, "the operator sees the customer's screen", func() bool {
		got := o.Picture().Snapshot()
		return got != nil && bytes.Equal(got.Pix, computer.Screen.Image().Pix)
	})
}
