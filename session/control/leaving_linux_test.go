package control

import (
	"net"
	"path/filepath"
	"testing"
)

// TestLeft: who sends nothing more may still listen, who has closed does not.
func TestLeft(t *testing.T) {
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "s"), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	there, err := net.DialUnix("unix", nil, listener.Addr().(*net.UnixAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	here, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	if left(here) {
		t.Error("it has left at once")
	}
	if err := there.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if left(here) {
		t.Error("it has left when it sends nothing more")
	}
	there.Close()
	if !left(here) {
		t.Error("it has not left when it has closed")
	}
}
