package sessiontest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
	"handrail/session/wire"
)

// longest is how long a person may be left without an answer.
const longest = 10 * time.Second

// TestWhatAPersonIsTold joins where something is wrong: the customer gets the reason, in time, and can try again.
func TestWhatAPersonIsTold(t *testing.T) {
	code := session.Code{Routing: "1234", Secret: "567890"}
	good := StartRelay(t, false)
	cases := []struct {
		name  string
		relay *url.URL
		want  wire.Reason
	}{
		{"no such code", good.URL, wire.ReasonUnknownCode},
		{"nothing listens", nowhere(t), wire.ReasonUnreachable},
		{"a relay that never answers", silent(t), wire.ReasonUnreachable},
		{"a relay that welcomes nobody", welcoming(t, ""), wire.ReasonUnreachable},
		{"another version at the door", website(t, fmt.Sprint(wire.Version+1)), wire.ReasonVersion},
		{"another version in the welcome", welcoming(t, fmt.Sprintf(`{"type":"welcome","version":%d}`, wire.Version+1)), wire.ReasonVersion},
		{"a refusal by another version", welcoming(t, fmt.Sprintf(`{"type":"refused","reason":"version","version":%d}`, wire.Version+1)), wire.ReasonVersion},
		{"a website", website(t, ""), wire.ReasonNotARelay},
		{"no JSON", welcoming(t, "hello"), wire.ReasonNotARelay},
		{"a notice out of turn", welcoming(t, fmt.Sprintf(`{"type":"paired","version":%d}`, wire.Version)), wire.ReasonNotARelay},
		{"a huge notice", welcoming(t, strings.Repeat("x", wire.MaxText+1)), wire.ReasonTooLarge},
		{"a huge message", welcoming(t, strings.Repeat("x", wire.MaxPacket+10)), wire.ReasonTooLarge},
		{"no TLS to another computer", &url.URL{Scheme: "http", Host: "relay.example.org"}, wire.ReasonInsecure},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			s, err := customer.Join(Within(t), NewComputer(64, 64).Config(), c.relay, code)
			if err == nil {
				s.Close()
				t.Fatal("joined")
			}
			var told *wire.Error
			if !errors.As(err, &told) || told.Reason != c.want {
				t.Errorf("told %v instead of %s", err, c.want)
			}
			if took := time.Since(start); took > longest {
				t.Errorf("after %v", took)
			}
		})
	}
}

// TestWhatAnOperatorIsTold signs in where something is wrong.
func TestWhatAnOperatorIsTold(t *testing.T) {
	good := StartRelay(t, false)
	cases := []struct {
		name     string
		relay    *url.URL
		password string
		want     wire.Reason
	}{
		{"wrong password", good.URL, "not this one", wire.ReasonSignIn},
		{"nothing listens", nowhere(t), Password, wire.ReasonUnreachable},
		{"another version", website(t, fmt.Sprint(wire.Version+1)), Password, wire.ReasonVersion},
		{"a website", website(t, ""), Password, wire.ReasonNotARelay},
		{"no TLS to another computer", &url.URL{Scheme: "http", Host: "relay.example.org"}, Password, wire.ReasonInsecure},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			engine := operator.New(operator.Config{})
			defer engine.Close()
			err := engine.SignIn(Within(t), c.relay, User, c.password)
			if session.ReasonOf(err) != c.want {
				t.Errorf("told %v instead of %s", err, c.want)
			}
			if _, err := engine.NewSession(Within(t)); !errors.Is(err, operator.ErrSignedOut) {
				t.Errorf("a session without signing in: %v", err)
			}
		})
	}
}

// nowhere is the address of a relay that does not run.
func nowhere(t *testing.T) *url.URL {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return &url.URL{Scheme: "http", Host: listener.Addr().String()}
}

// silent takes connections and says nothing.
func silent(t *testing.T) *url.URL {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return &url.URL{Scheme: "http", Host: listener.Addr().String()} // the system completes the connections
}

// website answers everything with a page; version is that of its header, if any.
func website(t *testing.T, version string) *url.URL {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		if version != "" {
			w.Header().Set(wire.VersionHeader, version)
		}
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, "<h1>Welcome</h1>")
	})
}

// welcoming takes links and answers a hello with these words; without any it waits for the peer to leave.
func welcoming(t *testing.T, answer string) *url.URL {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{wire.Subprotocol}})
		if err != nil {
			return
		}
		defer conn.CloseNow()
		if _, _, err := conn.Read(r.Context()); err != nil {
			return
		}
		if answer != "" {
			_ = conn.Write(r.Context(), websocket.MessageText, []byte(answer))
		}
		_, _, _ = conn.Read(context.WithoutCancel(r.Context()))
	})
}

func serve(t *testing.T, handler http.HandlerFunc) *url.URL {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return address
}
