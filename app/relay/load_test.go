//go:build linux

package main

import (
	"context"
	bin "encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// TestLoad measures what one relay carries on this machine, with the load generator beside it, and prints that beside the
// aims. "make load" runs it.
func TestLoad(t *testing.T) {
	if os.Getenv("HANDRAIL_LOAD") == "" {
		t.Skip("make load")
	}
	fmt.Printf("%-58s %16s   %s\n", "one relay, SQLite, the generator beside it", "measured", "aim")
	row := func(what, measured, aim string) { fmt.Printf("%-58s %16s   %s\n", what, measured, aim) }
	t.Run("idle", func(t *testing.T) { loadIdle(t, row) })
	t.Run("joins", func(t *testing.T) { loadJoins(t, row) })
	t.Run("forwarding", func(t *testing.T) { loadForwarding(t, row) })
	t.Run("latency", func(t *testing.T) { loadLatency(t, row) })
	t.Run("pages", func(t *testing.T) { loadPages(t, row) })
}

// loadIdle holds active sessions in which nobody says anything.
func loadIdle(t *testing.T, row func(what, measured, aim string)) {
	const sessions = 4000
	c := gather(t, 200)
	before, _ := c.memory()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	all := c.pairs(ctx, sessions)
	time.Sleep(3 * time.Second)
	now, most := c.memory()
	alive := 0
	for _, d := range all { // they are there: each takes a packet
		if d.customer.Write(ctx, websocket.MessageBinary, []byte("x")) == nil {
			if _, data, err := d.operator.Read(ctx); err == nil && string(data) == "x" {
				alive++
			}
		}
	}
	for _, d := range all {
		d.close()
	}
	row("idle sessions held", fmt.Sprint(alive), "4,000")
	row("memory of the relay with them", fmt.Sprintf("%d MB", now>>20), "512 MB")
	row("  at most, while they came", fmt.Sprintf("%d MB", most>>20), "")
	row("  for each session", fmt.Sprintf("%d KiB", (now-before)/sessions>>10), "")
	if alive != sessions {
		t.Errorf("%d of %d sessions answer", alive, sessions)
	}
}

// loadJoins makes and ends sessions as fast as it goes: sign-in is done, all else is in it.
func loadJoins(t *testing.T, row func(what, measured, aim string)) {
	c := gather(t, 400)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var joined, failed, turn atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	stop := start.Add(8 * time.Second)
	for range 16 {
		wg.Go(func() {
			for time.Now().Before(stop) {
				operator := int(turn.Add(1)) % len(c.tokens)
				d, err := c.pair(ctx, operator)
				d.close()
				if err != nil {
					if failed.Add(1) == 1 {
						t.Error(err)
					}
					return
				}
				joined.Add(1)
				if c.end(operator, d.id) != nil {
					failed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	row("joins (session made, paired, active, ended)", fmt.Sprintf("%.0f a second", float64(joined.Load())/time.Since(start).Seconds()), "300 a second")
}

// loadForwarding sends as much as goes through, in eight sessions.
func loadForwarding(t *testing.T, row func(what, measured, aim string)) {
	c := gather(t, 8)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	all := c.pairs(ctx, 8)
	var bytes atomic.Int64
	sending, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	var wg sync.WaitGroup
	for _, d := range all {
		wg.Go(func() {
			packet := make([]byte, 32<<10)
			for sending.Err() == nil && d.customer.Write(ctx, websocket.MessageBinary, packet) == nil {
			}
			d.customer.CloseNow()
		})
		wg.Go(func() {
			for {
				_, data, err := d.operator.Read(ctx)
				if err != nil {
					return
				}
				bytes.Add(int64(len(data)))
			}
		})
	}
	wg.Wait()
	row("forwarded at most, eight sessions", fmt.Sprintf("%.0f MB/s", float64(bytes.Load())/5e6), "")
}

const (
	loadSessions = 50
	loadPacket   = 16 << 10
	loadEvery    = 16 * time.Millisecond // with loadPacket a megabyte a second
	loadFor      = 10 * time.Second
)

// loadLatency lets 50 sessions carry a megabyte a second each, and then the same without a relay.
func loadLatency(t *testing.T, row func(what, measured, aim string)) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := gather(t, loadSessions)
	through := carry(ctx, t, c.pairs(ctx, loadSessions))
	direct := carry(ctx, t, directPairs(ctx, t, loadSessions))
	ms := func(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000) }
	rate := float64(len(through)) * loadPacket / loadFor.Seconds() / 1e6
	row(fmt.Sprintf("%d sessions carry together", loadSessions), fmt.Sprintf("%.1f MB/s", rate), "50 MB/s")
	for _, p := range []struct {
		name  string
		share float64
		aim   string
	}{{"p50", 0.50, ""}, {"p99", 0.99, "5 ms at most"}} {
		with, without := at(through, p.share), at(direct, p.share)
		row("  "+p.name+" of a packet's way through the relay", ms(with), "")
		row("  "+p.name+" without a relay, same generator", ms(without), "")
		row("  "+p.name+" added by the relay", ms(max(0, with-without)), p.aim)
	}
}

func at(sorted []time.Duration, share float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

// carry sends at a steady rate and returns how long each packet took, sorted.
func carry(ctx context.Context, t *testing.T, all []duo) []time.Duration {
	var mu sync.Mutex
	var took []time.Duration
	var wg sync.WaitGroup
	start := time.Now()
	for _, d := range all {
		phase := rand.N(loadEvery)
		wg.Go(func() {
			packet := make([]byte, loadPacket)
			count := int(loadFor / loadEvery)
			for i := range count {
				time.Sleep(time.Until(start.Add(phase + time.Duration(i)*loadEvery)))
				bin.LittleEndian.PutUint64(packet, uint64(time.Since(start)))
				if err := d.customer.Write(ctx, websocket.MessageBinary, packet); err != nil {
					t.Error(err)
					return
				}
			}
		})
		wg.Go(func() {
			var own []time.Duration
			for range int(loadFor / loadEvery) {
				_, data, err := d.operator.Read(ctx)
				if err != nil {
					t.Error(err)
					break
				}
				own = append(own, time.Since(start)-time.Duration(bin.LittleEndian.Uint64(data)))
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, own...)
		})
	}
	wg.Wait()
	for _, d := range all {
		d.close()
	}
	slices.Sort(took)
	return took
}

// directPairs are links whose ends are connected without a relay.
func directPairs(ctx context.Context, t *testing.T, count int) []duo {
	accepted := make(chan *websocket.Conn)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		conn.SetReadLimit(-1)
		accepted <- conn
	}))
	t.Cleanup(server.Close)
	all := make([]duo, count)
	for i := range all {
		conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(server.URL, "http"), nil)
		if err != nil {
			t.Fatal(err)
		}
		all[i] = duo{customer: conn, operator: <-accepted}
	}
	return all
}
