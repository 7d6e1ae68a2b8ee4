// Package securetest has the secure.PacketConn for tests: two ends joined in memory, with a place in between
// for an adversary.
//
//	a, b := securetest.Pipe()
//	a.Tamper = securetest.At(2, securetest.Flip(100, 0x01)) // the third packet that a sends
package securetest

import (
	"context"
	"io"
	"net"
	"sync"
)

// queued is how many packets may wait in each direction; then SendPacket blocks, as a link does.
const queued = 8

// Conn is one end of a Pipe.
type Conn struct {
	// Tamper, if set before the first SendPacket, gets the number of each packet that this end sends, from 0,
	// and a copy of it, and returns the packets that arrive in its place, none to drop it.
	Tamper func(n int, packet []byte) [][]byte

	sent int    // the sender's
	last []byte // the receiver's: what the last ReceivePacket returned

	in, out half
	once    sync.Once
	peer    *Conn
	closed  chan struct{}
}

// half is one direction: packets, and their buffers on the way back so that steady traffic allocates nothing.
type half struct {
	packets chan []byte
	free    chan []byte
}

func newHalf() half {
	return half{packets: make(chan []byte, queued), free: make(chan []byte, queued+2)}
}

// Pipe makes two joined ends.
func Pipe() (*Conn, *Conn) {
	ab, ba := newHalf(), newHalf()
	a := &Conn{in: ba, out: ab, closed: make(chan struct{})}
	b := &Conn{in: ab, out: ba, closed: make(chan struct{})}
	a.peer, b.peer = b, a
	return a, b
}

// SendPacket implements secure.PacketConn.
func (c *Conn) SendPacket(ctx context.Context, p []byte) error {
	n := c.sent
	c.sent++
	if c.Tamper == nil {
		return c.deliver(ctx, p)
	}
	for _, q := range c.Tamper(n, append([]byte(nil), p...)) {
		if err := c.deliver(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func (c *Conn) deliver(ctx context.Context, p []byte) error {
	var buf []byte
	select {
	case buf = <-c.out.free:
	default:
	}
	buf = append(buf[:0], p...)
	select {
	case <-c.closed:
		return net.ErrClosed
	case <-c.peer.closed:
		return io.EOF
	case <-ctx.Done():
		return ctx.Err()
	case c.out.packets <- buf:
		return nil
	}
}

// ReceivePacket implements secure.PacketConn. What the peer sent before it closed still arrives.
func (c *Conn) ReceivePacket(ctx context.Context) ([]byte, error) {
	if c.last != nil {
		select {
		case c.in.free <- c.last:
		default:
		}
		c.last = nil
	}
	select {
	case <-c.closed:
		return nil, net.ErrClosed
	case p := <-c.in.packets:
		return c.received(p)
	default:
	}
	select {
	case <-c.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	case p := <-c.in.packets:
		return c.received(p)
	case <-c.peer.closed:
	}
	select { // both were ready, or the packet came just before the end
	case p := <-c.in.packets:
		return c.received(p)
	default:
		return nil, io.EOF
	}
}

func (c *Conn) received(p []byte) ([]byte, error) {
	c.last = p
	return p, nil
}

// Close implements secure.PacketConn.
func (c *Conn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

// Fault turns one packet into those that arrive.
type Fault func(packet []byte) [][]byte

// At applies a fault to packet number n only.
func At(n int, f Fault) func(int, []byte) [][]byte {
	return func(i int, p []byte) [][]byte {
		if i == n {
			return f(p)
		}
		return [][]byte{p}
	}
}

// Flip changes the bits of mask in the byte at offset; a negative offset counts from the end, and one that is
// too large goes round.
func Flip(offset int, mask byte) Fault {
	return func(p []byte) [][]byte {
		i := offset % len(p)
		if i < 0 {
			i += len(p)
		}
		p[i] ^= mask
		return [][]byte{p}
	}
}

// Truncate takes n bytes from the end, or all.
func Truncate(n int) Fault {
	return func(p []byte) [][]byte { return [][]byte{p[:max(0, len(p)-n)]} }
}

// Drop loses the packet.
func Drop([]byte) [][]byte { return nil }

// Repeat delivers the packet twice.
func Repeat(p []byte) [][]byte { return [][]byte{p, p} }

// Swap holds packet number n back until after the next one.
func Swap(n int) func(int, []byte) [][]byte {
	var held []byte
	return func(i int, p []byte) [][]byte {
		switch i {
		case n:
			held = p
			return nil
		case n + 1:
			return [][]byte{p, held}
		default:
			return [][]byte{p}
		}
	}
}
