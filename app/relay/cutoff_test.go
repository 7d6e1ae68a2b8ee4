//go:build unix

package main

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
	"handrail/session/relay/store/pgtest"
	"handrail/session/sessiontest"
	"handrail/session/wire"
)

// cable leads to the database, and can be pulled, which both ends notice, or cut, which nobody does: then it swallows
// whatever is sent.
type cable struct {
	t        *testing.T
	from, to string // sockets
	cut      atomic.Bool

	mu       sync.Mutex
	listener net.Listener // nil: pulled
	conns    []net.Conn
	wg       sync.WaitGroup
}

// newCable returns the database's address through a cable.
func newCable(t *testing.T, database string) (*cable, string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "handrail-cable-") // paths of sockets must be short
	if err != nil {
		t.Fatal(err)
	}
	const name = ".s.PGSQL.5432"
	c := &cable{t: t, from: filepath.Join(folder, name), to: filepath.Join(u.Query().Get("host"), name)}
	t.Cleanup(func() { c.pull(); c.wg.Wait(); os.RemoveAll(folder) })
	c.plug()
	u.RawQuery = url.Values{"host": {folder}}.Encode()
	return c, u.String()
}

func (c *cable) plug() {
	c.t.Helper()
	listener, err := net.Listen("unix", c.from)
	if err != nil {
		c.t.Fatal(err)
	}
	c.mu.Lock()
	c.listener = listener
	c.mu.Unlock()
	c.wg.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("unix", c.to)
			if err != nil {
				near.Close()
				continue
			}
			c.mu.Lock()
			c.conns = append(c.conns, near, far)
			pulled := c.listener != listener
			c.mu.Unlock()
			if pulled {
				near.Close()
				far.Close()
			}
			for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
				c.wg.Go(func() { _, _ = io.Copy(swallower{c, way[0]}, way[1]); way[0].Close() })
			}
		}
	})
}

// swallower is an end of a cable.
type swallower struct {
	c  *cable
	to net.Conn
}

func (s swallower) Write(p []byte) (int, error) {
	if s.c.cut.Load() {
		return len(p), nil
	}
	return s.to.Write(p)
}

func (c *cable) pull() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.listener != nil {
		c.listener.Close()
		c.listener = nil
	}
	for _, conn := range c.conns {
		conn.Close()
	}
	c.conns = nil
}

// TestARelayCutOffFromTheDatabase keeps the sessions whose peers are with it, though another one takes them over; when it is back,
// the peers go there, nothing is lost, and from then on the session is the other relay's alone.
func TestARelayCutOffFromTheDatabase(t *testing.T) {
	database := pgtest.Database(t)
	lead, through := newCable(t, database)
	a, b := newNode(t, through), newNode(t, database)
	t.Setenv("HANDRAIL_STORE", database)
	if got := run(t, t.TempDir(), sessiontest.Password, "account", "add", sessiontest.User, "--password-file", "-"); got.status != 0 {
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
	cs, err := customer.Join(sessiontest.Within(t), computer.Config(), a.url, os.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cs.Close)
	if err := cs.Start(cs.Requested()); err != nil {
		t.Fatal(err)
	}
	both := []*session.Status{&os.Status, &cs.Status}
	for _, s := range both {
		sessiontest.AwaitState(t, s, session.Active)
	}

	var breaks sync.Map // that either side has had
	for i, s := range both {
		defer s.Listen(func(e session.Event) {
			if e.Type == session.EventState && e.State == session.Reconnecting {
				breaks.Store(i, true)
			}
		})()
	}
	sessiontest.Talk(t, os, cs, computer, func() {
		lead.pull()
		b.knows(t, 0) // it takes the other one for dead, and its sessions over
		heard := len(cs.Transcript())
		screentest.WaitFor(t, "the session goes on meanwhile", func() bool { return len(cs.Transcript()) > heard+10 })
		for i := range both {
			if _, broken := breaks.Load(i); broken {
				t.Error("it was interrupted, though both peers had their relay")
			}
		}
		lead.plug()
		b.knows(t, 1)
		screentest.WaitFor(t, "both have gone to the relay that has the session", func() bool {
			_, first := breaks.Load(0)
			_, second := breaks.Load(1)
			return first && second
		})
		for _, s := range both {
			sessiontest.AwaitState(t, s, session.Active)
		}
		a.kill() // which has nothing of it any more
		heard = len(cs.Transcript())
		screentest.WaitFor(t, "the session goes on without the first relay", func() bool { return len(cs.Transcript()) > heard+10 })
	})
	cs.Close()
	sessiontest.AwaitState(t, &os.Status, session.Ended)
	if _, reason := os.State(); reason != wire.ReasonByCustomer {
		t.Errorf("it ended with %q", reason)
	}
}

// TestPagesWhileTheDatabaseIsSilent has the network to the database drop everything, so that nothing is ever answered, nor
// refused.
func TestPagesWhileTheDatabaseIsSilent(t *testing.T) {
	database := pgtest.Database(t)
	lead, through := newCable(t, database)
	a := newNode(t, through)
	web := http.Client{Timeout: 10 * time.Second}
	get := func(path string) time.Duration {
		t.Helper()
		began := time.Now()
		resp, err := web.Get(a.url.String() + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, resp.Status)
		}
		return time.Since(began)
	}
	get("/")
	t.Setenv("HANDRAIL_STORE", database)
	if got := run(t, t.TempDir(), sessiontest.Password, "account", "add", sessiontest.User, "--password-file", "-"); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	_, signed := signIn(t, a.url.String(), sessiontest.User, sessiontest.Password)
	lead.cut.Store(true)
	time.Sleep(2500 * time.Millisecond) // until the relay would ask again
	var wg sync.WaitGroup
	for range 20 { // more than there are connections to the database
		wg.Go(func() {
			if resp, err := web.Get(a.url.String() + "/join/4821"); err != nil {
				t.Error(err)
			} else {
				resp.Body.Close()
			}
		})
	}
	wg.Wait()
	for _, path := range []string{"/", "/join", "/download", "/desk/signin"} {
		if took := get(path); took > time.Second {
			t.Errorf("%s took %v", path, took)
		}
	}
	for _, method := range []string{"GET", "POST"} { // what cannot be done without the database is answered too
		wg.Go(func() {
			req, err := http.NewRequest(method, a.url.String()+wire.SessionsPath, strings.NewReader("{}"))
			if err != nil {
				t.Error(err)
				return
			}
			req.Header.Set("Authorization", "Bearer "+signed.Token)
			resp, err := web.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusServiceUnavailable {
				t.Errorf("%s: %s", method, resp.Status)
			}
		})
	}
	wg.Go(func() {
		if status, _ := signIn(t, a.url.String(), sessiontest.User, sessiontest.Password); status != http.StatusServiceUnavailable {
			t.Errorf("a sign-in: %d", status)
		}
	})
	wg.Wait()
	lead.cut.Store(false)
	time.Sleep(time.Second)
	get("/")
}
