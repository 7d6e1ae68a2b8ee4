package wire

import (
	"net"
	"syscall"
)

// unsentBytes is how much a socket keeps that the network has not taken yet. A system's usual buffers hold seconds on a
// slow link: whatever is newer waits behind them. What is on its way in the network is not limited by this.
const unsentBytes = 32 << 10

// ShortQueue makes sockets keep little that has not been sent, where the system can. It is for the Control field of
// net.Dialer. It never fails: without it things are only slower.
func ShortQueue(_, _ string, c syscall.RawConn) error {
	_ = c.Control(shortQueue)
	return nil
}

// ShortQueues is a listener whose connections are as ShortQueue makes them.
func ShortQueues(l net.Listener) net.Listener { return shortQueues{l} }

type shortQueues struct{ net.Listener }

func (l shortQueues) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if s, ok := c.(syscall.Conn); ok && err == nil {
		if raw, err := s.SyscallConn(); err == nil {
			_ = ShortQueue("", "", raw)
		}
	}
	return c, err
}
