//go:build unix

package control

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
)

// listenPrivate makes the socket in a folder of its own that nobody else can enter, and moves it to its
// place when it has its mode: there is no moment in which another user could connect.
func listenPrivate(path string) (net.Listener, error) {
	dir, err := os.MkdirTemp(filepath.Dir(path), ".ctl")
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	defer os.RemoveAll(dir)
	first := filepath.Join(dir, "s")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: first, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	listener.SetUnlinkOnClose(false)
	err = os.Chmod(first, 0o600)
	if err == nil {
		err = os.Rename(first, path)
	}
	if err != nil {
		listener.Close()
		return nil, fmt.Errorf("control socket: %w", err)
	}
	return &unlinking{UnixListener: listener, path: path}, nil
}

// unlinking removes the socket's file when the listener is closed the first time.
type unlinking struct {
	*net.UnixListener
	path string
	once sync.Once
	err  error
}

func (u *unlinking) Close() error {
	u.once.Do(func() {
		os.Remove(u.path)
		u.err = u.UnixListener.Close()
	})
	return u.err
}
