//go:build unix

package main

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/link"
	"handrail/session/operator"
	"handrail/session/relay/store/pgtest"
	"handrail/session/sessiontest"
	"handrail/session/wire"
)

// node is one of several relays, a process.
type node struct {
	t   *testing.T
	url *url.URL
	env []string
	cmd *exec.Cmd
}

// newNode starts a relay that shares a database.
func newNode(t *testing.T, database string) *node {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	n := &node{t: t, url: &url.URL{Scheme: "http", Host: address}, env: append(os.Environ(), "HANDRAIL_STORE="+database)}
	n.start()
	t.Cleanup(n.kill)
	return n
}

func (n *node) start() {
	n.t.Helper()
	n.cmd = exec.Command(binary, "serve", "--listen", n.url.Host, "--node", n.url.String())
	n.cmd.Env, n.cmd.Stderr = n.env, n.t.Output()
	if err := n.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	screentest.WaitFor(n.t, "the relay answers", func() bool {
		resp, err := http.Get(n.url.String() + wire.HealthPath)
		if err == nil {
			resp.Body.Close()
		}
		return err == nil
	})
}

// kill ends the process without a word.
func (n *node) kill() {
	if n.cmd != nil {
		_ = n.cmd.Process.Kill()
		_ = n.cmd.Wait()
		n.cmd = nil
	}
}

// knows waits until a relay knows of as many others.
func (n *node) knows(t *testing.T, others int) {
	t.Helper()
	screentest.WaitFor(t, "the relays know of each other", func() bool {
		_, in := signIn(t, n.url.String(), sessiontest.User, sessiontest.Password)
		return len(in.Relays) == others
	})
}

// TestSessionsOutliveTheirRelay kills the relay that has a session, without a word: the session goes on at another one
// that shares the PostgreSQL database, and nothing that was said is lost.
func TestSessionsOutliveTheirRelay(t *testing.T) {
	database := pgtest.Database(t)
	a, b := newNode(t, database), newNode(t, database)
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte(sessiontest.Password), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HANDRAIL_STORE", database)
	if got := run(t, t.TempDir(), "", "account", "add", sessiontest.User, "--password-file", password); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	a.knows(t, 1)
	b.knows(t, 1)

	engine := operator.New(operator.Config{Program: "handrail test"})
	t.Cleanup(engine.Close)
	if err := engine.SignIn(sessiontest.Within(t), a.url, sessiontest.User, sessiontest.Password); err != nil {
		t.Fatal(err)
	}
	os := sessiontest.NewSession(t, engine)
	computer := sessiontest.NewComputer(320, 200)
	cs, err := customer.Join(sessiontest.Within(t), computer.Config(), b.url, os.Code()) // not the one that has the session
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cs.Close)
	if err := cs.Start(cs.Requested()); err != nil {
		t.Fatal(err)
	}
	sessiontest.AwaitState(t, &os.Status, session.Active)

	sessiontest.Talk(t, os, cs, computer, func() {
		killed := time.Now()
		a.kill()
		for _, s := range []*session.Status{&os.Status, &cs.Status} {
			sessiontest.AwaitState(t, s, session.Reconnecting)
		}
		for _, s := range []*session.Status{&os.Status, &cs.Status} {
			sessiontest.AwaitState(t, s, session.Active)
		}
		t.Logf("back %v after the relay was killed", time.Since(killed).Round(time.Millisecond))
	})

	// The first one comes back and has nothing, but knows where everything is.
	a.start()
	a.knows(t, 1)
	api, err := link.NewAPI(a.url)
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	ctx, cancel := context.WithTimeout(context.Background(), screentest.Limit)
	defer cancel()
	if _, err := api.SignIn(ctx, sessiontest.User, sessiontest.Password); err != nil {
		t.Fatal(err)
	}
	if err := api.EndSession(ctx, os.ID()); err != nil {
		t.Errorf("ending a session of another relay: %v", err)
	}
	sessiontest.AwaitState(t, &cs.Status, session.Ended)
	if _, reason := cs.State(); reason != wire.ReasonEnded {
		t.Errorf("the customer was told %q", reason)
	}
}

// TestARelayThatStopsHandsItsSessionsOn stops one politely while a code waits there.
func TestARelayThatStopsHandsItsSessionsOn(t *testing.T) {
	database := pgtest.Database(t)
	a, b := newNode(t, database), newNode(t, database)
	t.Setenv("HANDRAIL_STORE", database)
	if got := run(t, t.TempDir(), sessiontest.Password, "account", "add", sessiontest.User, "--password-file", "-"); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	a.knows(t, 1)
	engine := operator.New(operator.Config{Program: "handrail test"})
	t.Cleanup(engine.Close)
	if err := engine.SignIn(sessiontest.Within(t), a.url, sessiontest.User, sessiontest.Password); err != nil {
		t.Fatal(err)
	}
	os := sessiontest.NewSession(t, engine)
	if err := a.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = a.cmd.Wait()
	a.cmd = nil
	var cs *customer.Session
	screentest.WaitFor(t, "the code is good at the other relay", func() bool {
		var err error
		cs, err = customer.Join(sessiontest.Within(t), sessiontest.NewComputer(64, 64).Config(), b.url, os.Code())
		if err != nil {
			t.Logf("joining: %v", err)
			time.Sleep(time.Second) // people do not type a code faster
		}
		return err == nil
	})
	cs.Close()
}
