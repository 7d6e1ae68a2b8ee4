package sessiontest

import (
	"io"
	"net"
	"sync"
	"testing"
)

// cutter is a TCP proxy that can fall silent: connections stay open, but nothing passes any more.
type cutter struct {
	address string

	mu    sync.Mutex
	conns []net.Conn
	gate  *sync.Cond
	quiet bool
	ended bool
	wg    sync.WaitGroup
}

func startCutter(t testing.TB, target string) *cutter {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{address: listener.Addr().String()}
	c.gate = sync.NewCond(&c.mu)
	c.wg.Go(func() {
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
			c.join(near, far)
		}
	})
	t.Cleanup(func() {
		listener.Close()
		c.mu.Lock()
		c.ended = true
		for _, conn := range c.conns {
			conn.Close()
		}
		c.gate.Broadcast()
		c.mu.Unlock()
		c.wg.Wait()
	})
	return c
}

func (c *cutter) join(near, far net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conns = append(c.conns, near, far)
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		c.wg.Go(func() {
			_, _ = io.Copy(&gated{c, way[1]}, way[0])
			way[0].Close()
			way[1].Close()
		})
	}
}

// silence lets nothing pass from now on.
func (c *cutter) silence() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quiet = true
}

type gated struct {
	cutter *cutter
	to     net.Conn
}

func (g *gated) Write(p []byte) (int, error) {
	g.cutter.mu.Lock()
	for g.cutter.quiet && !g.cutter.ended {
		g.cutter.gate.Wait()
	}
	g.cutter.mu.Unlock()
	return g.to.Write(p)
}
