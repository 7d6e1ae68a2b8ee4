package control

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// left tells whether a client that sends nothing more does not listen either.
func left(conn net.Conn) bool {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return true
	}
	gone := true
	if raw.Control(func(fd uintptr) {
		asked := []unix.PollFd{{Fd: int32(fd)}} // what is there in any case: that both directions are closed
		n, err := unix.Poll(asked, 0)
		gone = err != nil && err != unix.EINTR || n > 0 && asked[0].Revents != 0
	}) != nil {
		return true // closed here
	}
	return gone
}
