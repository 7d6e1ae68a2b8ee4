package relay

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"handrail/session/wire"
)

// A reader that stops must stop its sender, at the cost of what the kernel's socket buffers take; nothing is lost.
func TestSlowReaderStopsSender(t *testing.T) {
	r := newRig(t)
	_, _, op, cust := r.pair()
	const packets = 1000 // 64 MB
	var sent int
	var mu sync.Mutex
	count := func() int { mu.Lock(); defer mu.Unlock(); return sent }
	done := make(chan error, 1)
	go func() {
		p := make([]byte, wire.MaxPacket)
		for i := range packets {
			binary.BigEndian.PutUint32(p, uint32(i))
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			err := cust.conn.Write(ctx, websocket.MessageBinary, p)
			cancel()
			if err != nil {
				done <- err
				return
			}
			mu.Lock()
			sent++
			mu.Unlock()
		}
		done <- nil
	}()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	stopped := -1
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if n := count(); n == stopped {
			break
		} else {
			stopped = n
		}
	}
	runtime.ReadMemStats(&after)
	if stopped == packets {
		t.Fatal("the sender was not stopped")
	}
	if grown := int64(after.HeapInuse) - int64(before.HeapInuse); grown > 2<<20 {
		t.Errorf("heap has grown by %d kB", grown>>10)
	}
	t.Logf("sender stopped after %d packets", stopped)
	for i := range packets {
		mt, p, err := op.read()
		if err != nil || mt != websocket.MessageBinary || len(p) != wire.MaxPacket || int(binary.BigEndian.Uint32(p)) != i {
			t.Fatalf("packet %d: %v %d bytes %v", i, mt, len(p), err)
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// A link whose packets wait for a slow reader is not dead, however long it seems silent; a reader that takes
// nothing for too long is.
func TestOnlyTheStuckReaderIsCut(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.Times.KeepAlive, c.Times.PingGrace, c.Times.Write = time.Second, time.Second, 4*time.Second
	})
	_, _, op, cust := r.pair()
	_ = op // never reads
	start := time.Now()
	go func() {
		p := make([]byte, wire.MaxPacket)
		for cust.conn.Write(context.Background(), websocket.MessageBinary, p) == nil {
		}
	}()
	cust.expect(wire.Ended, wire.ReasonPeerLeft)
	if d := time.Since(start); d < 3*time.Second {
		t.Errorf("cut after %v", d)
	}
}

func TestRecorderSeesEverything(t *testing.T) {
	var mu sync.Mutex
	var all bytes.Buffer
	kinds := map[string]bool{}
	r := newRig(t, func(c *Config) {
		c.Record = func(rec Recording) {
			mu.Lock()
			defer mu.Unlock()
			all.Write(rec.Data)
			all.WriteByte('\n')
			kinds[fmt.Sprint(rec.From, " ", rec.Sent, " ", rec.Kind)] = true
		}
	})
	token, s, op, cust := r.pair()
	op.packet("canary-packet-operator")
	cust.expectPacket("canary-packet-operator")
	cust.packet("canary-packet-customer")
	op.expectPacket("canary-packet-customer")
	cust.sendJSON(wire.Notice{Type: "canary-text"})
	cust.expect(wire.Ended, wire.ReasonMalformed)
	op.expect(wire.Ended, wire.ReasonPeerLeft)
	p := r.open()
	p.conn.Close(websocket.StatusNormalClosure, "canary-close")
	big := r.customer(s.Routing)
	r.waitFor(func(d *directory) bool { return d.sessions[s.ID].customer != nil })
	big.packet("canary-early" + strings.Repeat("x", wire.MaxPacket))
	big.expect(wire.Refused, wire.ReasonTooLarge)
	req, _ := http.NewRequest("POST", r.web.URL+wire.SignInPath+"?q=canary-query", strings.NewReader("canary-body"))
	req.Header.Set("Canary", "canary-header")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	r.close()

	mu.Lock()
	defer mu.Unlock()
	seen := all.String()
	for _, want := range []string{
		"canary-packet-operator", "canary-packet-customer", "canary-text", "canary-close", "canary-early", "canary-query",
		"canary-header", "canary-body", token, password, s.Routing, s.ID, `"paired"`, wire.ReasonMalformed.Sentence(),
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("not recorded: %.40s", want)
		}
	}
	for _, want := range []string{
		"operator false packet", "operator true packet", "customer false packet", "customer true packet",
		"operator true text", "customer true text", "customer false text", " false text", " true header", " false body",
	} {
		if !kinds[want] {
			t.Errorf("not recorded: %s", want)
		}
	}
}

func BenchmarkForward(b *testing.B) {
	for _, size := range []int{64, 4 << 10, wire.MaxPacket} {
		b.Run(fmt.Sprintf("throughput/%d", size), func(b *testing.B) {
			r := newRig(b)
			_, _, op, cust := r.pair()
			p := make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			b.ResetTimer()
			go func() {
				for range b.N {
					cust.write(websocket.MessageBinary, p)
				}
			}()
			for range b.N {
				if _, _, err := op.read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("latency", func(b *testing.B) {
		r := newRig(b)
		_, _, op, cust := r.pair()
		times := make([]time.Duration, 0, b.N)
		for b.Loop() {
			start := time.Now()
			cust.packet("ping")
			op.expectPacket("ping")
			times = append(times, time.Since(start))
		}
		slices.Sort(times)
		b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-µs")
		b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
	})
}
