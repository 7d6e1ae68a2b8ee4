package sessiontest

import (
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
	"handrail/transfer"
)

// throttle is a TCP proxy that passes so many bytes a second in each direction.
func throttle(t testing.TB, target string, rate int) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	pass := func(to, from net.Conn) {
		defer to.Close()
		defer from.Close()
		buffer := make([]byte, 1500)
		free := time.Now() // when the path is free again
		for {
			n, err := from.Read(buffer)
			if err != nil {
				return
			}
			now := time.Now()
			if free.Before(now) {
				free = now
			}
			free = free.Add(time.Duration(n) * time.Second / time.Duration(rate))
			if wait := time.Until(free); wait > time.Millisecond {
				time.Sleep(wait)
			}
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
	}
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
			wg.Go(func() { pass(near, far) })
			wg.Go(func() { pass(far, near) })
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
	relay := StartRelay(t, false)
	computer := NewComputer(640, 480)
	computer.Folder = filepath.Join(t.TempDir(), "received")
	o := NewSession(t, relay.SignIn(t))
	slow := &url.URL{Scheme: "http", Host: throttle(t, relay.URL.Host, 10_000_000/8)}
	c, err := customer.Join(Within(t), computer.Config(), slow, o.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Start(c.Requested()); err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &o.Status, session.Active)
	idle := latencies(t, o.Move, computer, 150)
	from := filepath.Join(t.TempDir(), "big")
	writeRandom(t, from, 30<<20)
	if _, err := o.Files().Send(from); err != nil {
		t.Fatal(err)
	}
	for len(c.Files().Rows()) == 0 || c.Files().Rows()[0].Bytes < 1<<20 {
		time.Sleep(10 * time.Millisecond)
	}
	bytes, at := c.Files().Rows()[0].Bytes, time.Now()
	busy := latencies(t, o.Move, computer, 150)
	row := c.Files().Rows()[0]
	if row.State != transfer.Running {
		t.Fatalf("the file is %s already", row.State)
	}
	rate := float64(row.Bytes-bytes) / time.Since(at).Seconds() * 8 / 1e6
	p95 := func(l []time.Duration) time.Duration { return l[len(l)*95/100] }
	t.Logf("p95 %v idle, %v while a file goes at %.1f Mbit/s", p95(idle), p95(busy), rate)
	if rise := p95(busy) - p95(idle); rise > 20*time.Millisecond {
		t.Errorf("the pointer's p95 rises by %v", rise)
	}
	if rate < 7 {
		t.Errorf("the file goes at %.1f Mbit/s of 10", rate)
	}
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
