package relay

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// TestPagesUnderLoad asks for the join page a thousand times a second while twenty sessions run, and compares how long
// the sessions' packets take with and without that. "make load" runs it and prints the figures; peers, visitors and relay
// share the processors.
func TestPagesUnderLoad(t *testing.T) {
	if os.Getenv("HANDRAIL_LOAD") == "" {
		t.Skip("HANDRAIL_LOAD is not set; \"make load\" sets it")
	}
	const (
		sessions = 20
		pages    = 1000 // a second
		phase    = 10 * time.Second
	)
	downloads := t.TempDir()
	for _, name := range []string{"handrail-client.exe", "handrail-client-linux", "handrail.exe"} {
		os.WriteFile(filepath.Join(downloads, name), make([]byte, 1<<20), 0o600)
	}
	r := newRig(t, func(c *Config) { c.Downloads = downloads; c.Limits.Opens = Rate{10_000, time.Millisecond} })
	var pairs [][2]*websocket.Conn
	token := r.signIn()
	for range sessions {
		s := r.newSession(token)
		op, cust := r.operator(token, s.ID), r.customer(s.Routing)
		op.expect("welcome", "")
		cust.expect("welcome", "")
		op.expect("paired", "")
		cust.expect("paired", "")
		pairs = append(pairs, [2]*websocket.Conn{op.conn, cust.conn})
	}
	measure := func() []time.Duration { return measureLatency(t, pairs, phase) }
	measure() // until everything is warm
	quiet := measure()
	var served, late atomic.Int64
	var loaded []time.Duration
	during := func() { loaded = measure() }
	took := askForPages(t, r.web.URL+"/join/4821", pages, during, &served, &late)
	rate := float64(served.Load()) / took.Seconds()
	worst := 0.0
	for i := range quiet {
		worst = max(worst, float64(loaded[i])/float64(quiet[i]))
		t.Logf("session %2d: p99 %.3f ms, with pages %.3f ms", i+1, ms(quiet[i]), ms(loaded[i]))
	}
	slices.Sort(quiet)
	slices.Sort(loaded)
	fmt.Printf("join page: %.0f a second (aim 1000), %d asked for late; %d sessions, p99 there and back: median %.3f ms without, %.3f ms with pages; "+
		"worst ratio %.2f (aim below 2)\n", rate, late.Load(), sessions, ms(quiet[sessions/2]), ms(loaded[sessions/2]), worst)
	if rate < pages*0.98 || worst >= 2 {
		t.Errorf("aims were missed: %.0f a second, ratio %.2f", rate, worst)
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// measureLatency sends a packet of 1 kB through each session every 20 ms, which the other peer sends back, and returns
// each session's 99th percentile.
func measureLatency(t *testing.T, pairs [][2]*websocket.Conn, phase time.Duration) []time.Duration {
	ctx, cancel := context.WithTimeout(t.Context(), phase+time.Minute)
	defer cancel()
	results := make([]time.Duration, len(pairs))
	var all sync.WaitGroup
	for i, p := range pairs {
		rounds := int(phase / (20 * time.Millisecond))
		all.Go(func() { // the other peer
			for range rounds {
				kind, data, err := p[1].Read(ctx)
				if err == nil {
					err = p[1].Write(ctx, kind, data)
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
		all.Go(func() {
			time.Sleep(time.Duration(i) * time.Millisecond)
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			var took []time.Duration
			packet := make([]byte, 1024)
			for n := range rounds {
				<-tick.C
				began := time.Now()
				binary.BigEndian.PutUint64(packet, uint64(n))
				if err := p[0].Write(ctx, websocket.MessageBinary, packet); err != nil {
					t.Error(err)
					return
				}
				if _, _, err := p[0].Read(ctx); err != nil {
					t.Error(err)
					return
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			results[i] = took[len(took)*99/100]
		})
	}
	all.Wait()
	return results
}

// askForPages asks for a page so many times a second, while during runs, as many visitors with connections of their
// own would.
func askForPages(t *testing.T, url string, perSecond int, during func(), served, late *atomic.Int64) time.Duration {
	const visitors = 20
	stop := make(chan struct{})
	var all sync.WaitGroup
	began := time.Now()
	for v := range visitors {
		all.Go(func() {
			transport := &http.Transport{DisableCompression: true}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport}
			each := time.Second * visitors / time.Duration(perSecond)
			next := time.Now().Add(each * time.Duration(v) / visitors)
			for {
				select {
				case <-stop:
					return
				case <-time.After(time.Until(next)):
				}
				if time.Since(next) > 100*time.Millisecond {
					late.Add(1)
				}
				next = next.Add(each)
				req, _ := http.NewRequest("GET", url, nil)
				req.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)")
				resp, err := client.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if resp.StatusCode == 200 {
					served.Add(1)
				}
			}
		})
	}
	during()
	close(stop)
	all.Wait()
	return time.Since(began)
}
