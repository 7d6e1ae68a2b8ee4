package wire

import (
	"context"
	"net"
	"testing"
	"time"
)

// TestShortQueue: a sender whose other side reads nothing soon has to wait, both the one that dialled and the one that
// was dialled.
func TestShortQueue(t *testing.T) {
	taken := func(short bool) (dialled, accepted int) {
		var l net.ListenConfig
		var d net.Dialer
		if short {
			d.Control = ShortQueue
		}
		listener, err := l.Listen(context.Background(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		if short {
			listener = ShortQueues(listener)
		}
		near, err := d.DialContext(context.Background(), "tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer near.Close()
		far, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer far.Close()
		for _, c := range []net.Conn{near, far} {
			_ = c.(*net.TCPConn).SetReadBuffer(64 << 10)
		}
		return fill(near), fill(far)
	}
	for i := range 2 {
		a, b := taken(false)
		c, d := taken(true)
		if usual, short := []int{a, b}[i], []int{c, d}[i]; short+256<<10 > usual {
			t.Errorf("%s took %d bytes instead of %d", []string{"the dialler", "the listener"}[i], short, usual)
		}
	}
}

// fill writes until the connection takes nothing for a while.
func fill(c net.Conn) (total int) {
	piece := make([]byte, 4096)
	for {
		_ = c.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
		n, err := c.Write(piece)
		total += n
		if err != nil {
			return total
		}
	}
}
