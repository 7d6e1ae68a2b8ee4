//go:build linux && x11

package rest

// #cgo LDFLAGS: -lX11
// #include <X11/Xlib.h>
// static int connection(void *display) { return ConnectionNumber((Display *)display); }
// static int waiting(void *display) { return XPending((Display *)display); }
import "C"

import (
	"os"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"github.com/go-gl/glfw/v3.4/glfw"
	"golang.org/x/sys/unix"
)

// sleeper waits for the X server with Go's own means. While a thread waits within C code, Go's runtime looks after it
// again and again for 10 ms, which would take more of the processor than all else that a resting program does.
type sleeper struct {
	display unsafe.Pointer
	file    *os.File // the connection to the X server, once more; nil: not yet
	raw     syscall.RawConn
	failed  atomic.Bool // it has to be GLFW
	limit   time.Duration
}

// arm begins a sleep, on Fyne's thread. From here on wake ends it.
func (s *sleeper) arm(limit time.Duration) {
	s.limit = limit
	if s.failed.Load() {
		return
	}
	if s.file == nil && s.open() != nil || s.file.SetReadDeadline(time.Now().Add(limit)) != nil {
		s.failed.Store(true)
	}
}

func (s *sleeper) open() error {
	s.display = unsafe.Pointer(glfw.GetX11Display())
	number, err := unix.FcntlInt(uintptr(C.connection(s.display)), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return err
	}
	file := os.NewFile(uintptr(number), "X server") // Xlib has made it non-blocking
	s.raw, err = file.SyscallConn()
	if err == nil {
		err = file.SetReadDeadline(time.Time{})
	}
	if err != nil {
		file.Close()
		return err
	}
	s.file = file
	return nil
}

// block sleeps until the X server has something, until wake, or until the time is over.
func (s *sleeper) block() {
	if s.failed.Load() {
		glfw.WaitEventsTimeout(s.limit.Seconds())
		return
	}
	if C.waiting(s.display) > 0 { // that sends what waits to be sent, too
		return
	}
	_ = s.raw.Read(func(fd uintptr) bool {
		one := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(one, 0)
		return n != 0 || err != nil
	}) // an error is that the time is over
}

// wake ends a sleep, from any goroutine, after arm.
func (s *sleeper) wake() {
	if s.failed.Load() {
		glfw.PostEmptyEvent()
		return
	}
	_ = s.file.SetReadDeadline(time.Unix(1, 0))
}

// close gives everything back, when nobody sleeps any more.
func (s *sleeper) close() {
	if s.file != nil {
		s.file.Close()
	}
}
