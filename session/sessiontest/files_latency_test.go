package sessiontest

import (
	"bytes"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
	"handrail/transfer"
)

// path is what a throttle makes of a path: its rate in bytes a second, how long it is, and by how much that varies.
type path struct {
	rate          int
	delay, jitter time.Duration
}

// late is how far behind its rate a throttle may fall and still catch up: timers are that coarse.
const late = 3 * time.Millisecond

// pass passes on what comes, at the path's rate and with its delay, in order.
func (p path) pass(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	type packet struct {
		data []byte
		due  time.Time
	}
	way := make(chan packet, 4096)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(way)
	wg.Go(func() {
		for p := range way {
			if wait := time.Until(p.due); wait > late/2 {
				time.Sleep(wait)
			}
			if _, err := to.Write(p.data); err != nil {
				from.Close()
			}
		}
	})
	buffer := make([]byte, 1500)
	free, due := time.Now(), time.Now() // when the path is free again; when the one before arrives
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		now := time.Now()
		if free.Before(now.Add(-late)) {
			free = now.Add(-late)
		}
		free = free.Add(time.Duration(n) * time.Second / time.Duration(p.rate))
		if wait := time.Until(free); wait > late/2 {
			time.Sleep(wait)
		}
		if p.delay == 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
			continue
		}
		at := time.Now().Add(p.delay)
		if p.jitter > 0 {
			at = at.Add(rand.N(p.jitter))
		}
		if at.After(due) {
			due = at
		}
		way <- packet{bytes.Clone(buffer[:n]), due}
	}
}

// throttle is a TCP proxy that is such a path in each direction.
func throttle(t testing.TB, target string, p path) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	wg.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", target)
			if err != nil {
				near.Close()
				continue
			}
			mu.Lock()
			conns = append(conns, near, far)
			mu.Unlock()
			wg.Go(func() { p.pass(near, far) })
			wg.Go(func() { p.pass(far, near) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		mu.Lock()
		for _, c := range conns {
			c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return listener.Addr().String()
}

// TestPointerWhileAFileSaturates measures how much later the pointer moves while a file fills a path of 10 Mbit/s.
// It is about time, so it belongs to "make soak", on a machine that does nothing else.
func TestPointerWhileAFileSaturates(t *testing.T) {
	if os.Getenv("HANDRAIL_SOAK") == "" {
		t.Skip("only in make soak")
	}
	o, c, computer := overPath(t, path{rate: 10_000_000 / 8})
	idle := latencies(t, o.Move, computer, 150)
	var busy []time.Duration
	rate := rateDuring(t, o, c, func() { busy = latencies(t, o.Move, computer, 150) })
	p95 := func(l []time.Duration) time.Duration { return l[len(l)*95/100] }
	t.Logf("p95 %v idle, %v while a file goes at %.1f Mbit/s", p95(idle), p95(busy), rate)
	if rise := p95(busy) - p95(idle); rise > 20*time.Millisecond {
		t.Errorf("the pointer's p95 rises by %v", rise)
	}
	if rate < 7 {
		t.Errorf("the file goes at %.1f Mbit/s of 10", rate)
	}
}

// TestAFileOnARestlessPath wants a file to use most of a path whose delay is long and changes all the time, which
// must not be taken for a queue.
func TestAFileOnARestlessPath(t *testing.T) {
	if os.Getenv("HANDRAIL_SOAK") == "" {
		t.Skip("only in make soak")
	}
	for _, p := range []path{{20_000_000 / 8, 20 * time.Millisecond, 0}, {20_000_000 / 8, 20 * time.Millisecond, 20 * time.Millisecond}} {
		o, c, _ := overPath(t, p)
		rate := rateDuring(t, o, c, func() { time.Sleep(6 * time.Second) })
		t.Logf("%+v: %.1f Mbit/s", p, rate)
		if rate < 10 {
			t.Errorf("the file goes at %.1f Mbit/s of 20", rate)
		}
		c.Close()
	}
}

// overPath is a session whose customer is at the end of a path.
func overPath(t *testing.T, p path) (*operator.Session, *customer.Session, *Computer) {
	t.Helper()
	relay := StartRelay(t, false)
	computer := NewComputer(640, 480)
	computer.Folder = filepath.Join(t.TempDir(), "received")
	o := NewSession(t, relay.SignIn(t))
	slow := &url.URL{Scheme: "http", Host: throttle(t, relay.URL.Host, p)}
	c, err := customer.Join(Within(t), computer.Config(), slow, o.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Start(c.Requested()); err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &o.Status, session.Active)
	return o, c, computer
}

// rateDuring is how many Mbit/s of a file go to the customer while fn runs.
func rateDuring(t *testing.T, o *operator.Session, c *customer.Session, fn func()) float64 {
	t.Helper()
	from := filepath.Join(t.TempDir(), "big")
	writeRandom(t, from, 30<<20)
	if _, err := o.Files().Send(from); err != nil {
		t.Fatal(err)
	}
	for len(c.Files().Rows()) == 0 || c.Files().Rows()[0].Bytes < 1<<20 {
		time.Sleep(10 * time.Millisecond)
	}
	before, at := c.Files().Rows()[0].Bytes, time.Now()
	fn()
	row := c.Files().Rows()[0]
	if row.State != transfer.Running {
		t.Fatalf("the file is %s already", row.State)
	}
	return float64(row.Bytes-before) / time.Since(at).Seconds() * 8 / 1e6
}

// latencies are the times from moves until they are injected, sorted.
func latencies(t *testing.T, move func(x, y int) error, computer *Computer, count int) []time.Duration {
	t.Helper()
	var taken []time.Duration
	for i := range count {
		before := len(computer.Hands.Events())
		began := time.Now()
		if err := move(i, i); err != nil {
			t.Fatal(err)
		}
		for len(computer.Hands.Events()) == before {
			time.Sleep(200 * time.Microsecond)
			if time.Since(began) > 10*time.Second {
				t.Fatal("the pointer does not move")
			}
		}
		taken = append(taken, time.Since(began))
		time.Sleep(20 * time.Millisecond)
	}
	slices.Sort(taken)
	return taken
}
