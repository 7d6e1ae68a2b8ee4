//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"handrail/session/wire"
)

// TestSessionsGoOnUnderAttack lets 2,000 connections that never finish what they say, readers that do not read, and
// frames that are too large come to a relay while sessions go on: they are answered as before, and the relay's memory
// stays bounded.
func TestSessionsGoOnUnderAttack(t *testing.T) {
	c := gather(t, 20)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	sessions := c.pairs(ctx, 10)
	for _, d := range sessions {
		defer d.close()
		go echo(ctx, d.operator)
	}
	calm := latency(ctx, t, sessions)
	before, _ := c.memory()

	var attackers sync.WaitGroup
	attack, stop := context.WithCancel(ctx)
	defer func() { stop(); attackers.Wait() }()
	slowloris(attack, t, &attackers, strings.TrimPrefix(c.url, "http://"), 2000)
	slowReaders(attack, t, &attackers, c, 5)
	oversize(attack, t, &attackers, c)

	hot := latency(ctx, t, sessions)
	now, most := c.memory()
	t.Logf("a packet there and back: %v, under attack %v; memory %d MB, then %d MB, at most %d MB", calm, hot, before>>20, now>>20, most>>20)
	// The attackers run on this machine as well and take their share of it; the floor is for that.
	if floor := 20 * time.Millisecond; hot > 2*calm && hot > floor {
		t.Errorf("a packet takes %v instead of %v", hot, calm)
	}
	if grown := (most - before) >> 20; grown > 160 {
		t.Errorf("the relay has grown by %d MB", grown)
	}
	for _, d := range sessions {
		if _, err := ping(ctx, d.customer); err != nil {
			t.Errorf("a session has not lived through it: %v", err)
		}
	}
}

// echo sends everything back until the link ends.
func echo(ctx context.Context, conn *websocket.Conn) {
	for {
		kind, data, err := conn.Read(ctx)
		if err != nil || kind == websocket.MessageBinary && conn.Write(ctx, kind, data) != nil {
			return
		}
	}
}

func ping(ctx context.Context, conn *websocket.Conn) (time.Duration, error) {
	start := time.Now()
	if err := conn.Write(ctx, websocket.MessageBinary, []byte("there and back")); err != nil {
		return 0, err
	}
	_, _, err := conn.Read(ctx)
	return time.Since(start), err
}

// latency is the median of many packets there and back.
func latency(ctx context.Context, t *testing.T, sessions []duo) time.Duration {
	t.Helper()
	var all []time.Duration
	for range 60 {
		for _, d := range sessions {
			took, err := ping(ctx, d.customer)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, took)
		}
		time.Sleep(20 * time.Millisecond)
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// slowloris opens connections and sends each of them a byte of a header now and then.
func slowloris(ctx context.Context, t *testing.T, wg *sync.WaitGroup, address string, count int) {
	t.Helper()
	conns := make([]net.Conn, count)
	for i := range conns {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		conns[i] = conn
		io.WriteString(conn, "GET /v1/link HTTP/1.1\r\nHost: relay\r\nX-Slow: ")
	}
	wg.Go(func() {
		for ctx.Err() == nil {
			for i, conn := range conns {
				if _, err := io.WriteString(conn, "z"); err != nil { // the relay has had enough of it: again
					conn.Close()
					if conns[i], err = net.Dial("tcp", address); err != nil {
						conns[i] = conn
					}
				}
			}
			time.Sleep(500 * time.Millisecond)
		}
		for _, conn := range conns {
			conn.Close()
		}
	})
}

// slowReaders are sessions whose operators read nothing while their customers send as fast as they can.
func slowReaders(ctx context.Context, t *testing.T, wg *sync.WaitGroup, c *crowd, count int) {
	t.Helper()
	for _, d := range c.pairs(ctx, count) {
		wg.Go(func() {
			defer d.close()
			packet := make([]byte, wire.MaxPacket)
			for ctx.Err() == nil && d.customer.Write(ctx, websocket.MessageBinary, packet) == nil {
			}
			<-ctx.Done()
		})
	}
}

// oversize opens links again and again, of which each announces a frame of an exabyte and sends a little of it.
func oversize(ctx context.Context, t *testing.T, wg *sync.WaitGroup, c *crowd) {
	t.Helper()
	address := strings.TrimPrefix(c.url, "http://")
	wg.Go(func() {
		for ctx.Err() == nil {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				continue
			}
			fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"+
				"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: %s\r\nX-Forwarded-For: %s\r\n\r\n",
				wire.LinkPath, wire.Subprotocol, c.header().Get("X-Forwarded-For"))
			conn.Write([]byte{0x82, 0xff, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4}) // binary, masked, of 2^60 bytes
			conn.Write(make([]byte, 2*wire.MaxPacket))
			conn.SetReadDeadline(time.Now().Add(time.Second))
			io.Copy(io.Discard, conn)
			conn.Close()
			time.Sleep(5 * time.Millisecond)
		}
	})
}
