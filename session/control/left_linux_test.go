package control_test

import (
	"bufio"
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/control"
	"handrail/session/sessiontest"
)

// TestAClientThatSendsNothingMore closes its writing side after the request, as nc -N and socat do, and still gets the answer, also
// when that takes a while.
func TestAClientThatSendsNothingMore(t *testing.T) {
	relay := sessiontest.StartRelay(t, false)
	engine := relay.SignIn(t)
	socket := serve(t, engine)
	s := sessiontest.NewSession(t, engine)
	ask := func(r control.Request) *net.UnixConn {
		t.Helper()
		conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: socket, Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		if err := json.NewEncoder(conn).Encode(r); err != nil {
			t.Fatal(err)
		}
		if err := conn.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		_ = conn.SetReadDeadline(time.Now().Add(screentest.Limit))
		return conn
	}
	line := func(conn net.Conn) string {
		t.Helper()
		text, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil {
			t.Error(err)
		}
		return text
	}
	if got := line(ask(control.Request{Verb: control.SessionList})); !strings.Contains(got, s.ID()) {
		t.Errorf("the list is %q", got)
	}
	waits := ask(control.Request{Verb: control.Wait, ID: s.ID(), State: session.Ended})
	events := ask(control.Request{Verb: control.Events})
	if got := line(events); !strings.Contains(got, "result") {
		t.Errorf("events: %q", got)
	}
	time.Sleep(500 * time.Millisecond) // they have been seen to send nothing more
	s.End()
	if got := line(waits); !strings.Contains(got, `"state":"ended"`) {
		t.Errorf("waiting: %q", got)
	}
	if got := line(events); !strings.Contains(got, s.ID()) {
		t.Errorf("events: %q", got)
	}
}
