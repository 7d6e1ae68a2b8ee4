package pages

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// slow asks for a download from one of this computer's addresses, and reads no more than the beginning of the answer.
func slow(t *testing.T, server, from string) (net.Conn, *http.Response) {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Control: narrow}
	conn, err := dialer.DialContext(t.Context(), "tcp", server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "GET /download/handrail-client.exe HTTP/1.1\r\nHost: x\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReaderSize(conn, 16), nil)
	if err != nil {
		t.Fatal(err)
	}
	return conn, resp
}

// large serves a program that no socket's buffers can hold.
func large(t *testing.T) (*Pages, string) {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "handrail-client.exe"), make([]byte, 64<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := New(Config{Store: organised(""), Downloads: folder})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	p.Register(mux)
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	return p, web.Listener.Addr().String()
}

// TestOneVisitorLeavesPlacesToOthers has one address take all the downloads that it gets, and not read them.
func TestOneVisitorLeavesPlacesToOthers(t *testing.T) {
	p, server := large(t)
	var conns []net.Conn
	for i := range maxDownloadingEach + 4 {
		conn, resp := slow(t, server, "127.0.0.1")
		want := http.StatusOK
		if i >= maxDownloadingEach {
			want = http.StatusServiceUnavailable
		}
		if resp.StatusCode != want {
			t.Errorf("download %d: %s", i, resp.Status)
		}
		conns = append(conns, conn)
	}
	if _, resp := slow(t, server, "127.0.0.2"); resp.StatusCode != http.StatusOK {
		t.Errorf("somebody else's: %s", resp.Status)
	}
	for _, conn := range conns {
		conn.Close()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		p.downloads.placesMu.Lock()
		here, all := p.downloads.places["127.0.0.1"], p.downloads.running
		p.downloads.placesMu.Unlock()
		if here == 0 && all == 1 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if _, resp := slow(t, server, "127.0.0.1"); ctx.Err() != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("after they were given up: %s", resp.Status)
	}
}

// TestADownloadHasALeastRate reads without a pause, but more slowly than anybody's line is.
func TestADownloadHasALeastRate(t *testing.T) {
	p, server := large(t)
	p.downloads.patience, p.downloads.rate = 500*time.Millisecond, 16<<20
	conn, resp := slow(t, server, "127.0.0.1")
	began, buffer := time.Now(), make([]byte, 64<<10)
	var err error
	for err == nil && time.Since(began) < 30*time.Second { // 3 MB/s, so that it would take 20 s
		_, err = io.ReadFull(resp.Body, buffer)
		time.Sleep(20 * time.Millisecond)
	}
	conn.Close()
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("a download that should take 5 s may take %v", took)
	}
	// One that is quick enough comes whole.
	_, resp = slow(t, server, "127.0.0.1")
	if n, err := io.Copy(io.Discard, resp.Body); n != 64<<20 || err != nil {
		t.Errorf("a quick one: %d bytes, %v", n, err)
	}
}

// narrow makes a connection's own buffer small, so that whoever sends notices that nobody reads.
func narrow(_, _ string, conn syscall.RawConn) (err error) {
	if cerr := conn.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 16<<10) }); cerr != nil {
		return cerr
	}
	return err
}
