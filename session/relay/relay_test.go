package relay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"handrail/session/relay/store"
	"handrail/session/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "correct horse"

// cheap makes tests quick; the costs of real passwords are the store's business.
var cheap = store.Params{MemoryKiB: 64, Passes: 1, Lanes: 1}

// clock is a Config.Now that only moves when told.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// rig is a relay on a real socket with a real store.
type rig struct {
	t     testing.TB
	clock *clock
	dir   string
	db    *store.DB
	srv   *Server
	web   *httptest.Server
	once  sync.Once
}

// newRig starts a relay with the account desk1. Sweeps happen when a test calls srv.dir.sweep.
func newRig(t testing.TB, change ...func(*Config)) *rig {
	t.Helper()
	return startRig(t, t.TempDir(), newClock(), change...)
}

func startRig(t testing.TB, dir string, c *clock, change ...func(*Config)) *rig {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Store: db, Now: c.Now, Hashes: cheap,
		Times: Times{Sweep: time.Hour, Close: 500 * time.Millisecond},
		Limits: Limits{
			Joins: Rate{1000, time.Second}, Opens: Rate{1000, time.Second},
			NewSessions: Rate{1000, time.Second},
		},
	}
	for _, f := range change {
		f(&cfg)
	}
	r := &rig{t: t, clock: c, dir: dir, db: db}
	if r.srv, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	r.web = httptest.NewServer(r.srv.Handler())
	t.Cleanup(r.close)
	r.addAccount("desk1", "Help desk 1")
	return r
}

func (r *rig) close() {
	r.once.Do(func() {
		r.srv.Close()
		r.web.Close()
		r.db.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
}

func (r *rig) addAccount(user, name string) store.Account {
	r.t.Helper()
	hash, err := store.NewHasher(cheap, 1).Hash(context.Background(), password)
	if err != nil {
		r.t.Fatal(err)
	}
	a := store.Account{ID: store.NewID(), User: user, Name: name, PasswordHash: hash, Created: r.clock.Now()}
	if err := r.db.AddAccount(context.Background(), a); err != nil && !errors.Is(err, store.ErrExists) {
		r.t.Fatal(err)
	}
	return a
}

// call makes a request and reads the answer into out.
func (r *rig) call(method, path, token string, body, out any) int {
	r.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		data, _ := json.Marshal(b)
		in = bytes.NewReader(data)
	}
	req, err := http.NewRequest(method, r.web.URL+path, in)
	if err != nil {
		r.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	if v := resp.Header.Get(wire.VersionHeader); v != fmt.Sprint(wire.Version) {
		r.t.Errorf("%s %s: version header %q", method, path, v)
	}
	if out != nil {
		if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
			r.t.Errorf("%s %s: %v", method, path, err)
		}
	}
	return resp.StatusCode
}

func (r *rig) signIn() string {
	r.t.Helper()
	var in wire.SignedIn
	if status := r.call("POST", wire.SignInPath, "", wire.SignIn{User: "desk1", Password: password}, &in); status != 200 {
		r.t.Fatalf("sign-in: %d", status)
	}
	return in.Token
}

func (r *rig) newSession(token string) wire.Session {
	r.t.Helper()
	var s wire.Session
	if status := r.call("POST", wire.SessionsPath, token, wire.NewSession{}, &s); status != 201 {
		r.t.Fatalf("new session: %d", status)
	}
	return s
}

// testPeer is one end of a link.
type testPeer struct {
	t    testing.TB
	conn *websocket.Conn
}

// open opens a link without a Hello.
func (r *rig) open() *testPeer {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, r.web.URL+wire.LinkPath, &websocket.DialOptions{Subprotocols: []string{wire.Subprotocol}})
	if err != nil {
		r.t.Fatal(err)
	}
	conn.SetReadLimit(wire.MaxPacket)
	p := &testPeer{r.t, conn}
	r.t.Cleanup(p.close)
	return p
}

func (r *rig) operator(token, session string) *testPeer {
	r.t.Helper()
	p := r.open()
	p.sendJSON(wire.Hello{Version: wire.Version, Role: wire.Operator, Session: session, Token: token})
	return p
}

func (r *rig) customer(routing string) *testPeer {
	r.t.Helper()
	p := r.open()
	p.sendJSON(wire.Hello{Version: wire.Version, Role: wire.Customer, Program: "test", Routing: routing})
	return p
}

// pair starts a session and brings two peers together.
func (r *rig) pair() (token string, s wire.Session, op, cust *testPeer) {
	r.t.Helper()
	token = r.signIn()
	s = r.newSession(token)
	op = r.operator(token, s.ID)
	op.expect(wire.Welcome, "")
	cust = r.customer(s.Routing)
	cust.expect(wire.Welcome, "")
	op.expect(wire.Paired, "")
	cust.expect(wire.Paired, "")
	return token, s, op, cust
}

func (p *testPeer) close() { p.conn.CloseNow() }

func (p *testPeer) write(kind websocket.MessageType, data []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return p.conn.Write(ctx, kind, data)
}

func (p *testPeer) sendJSON(v any) {
	p.t.Helper()
	data, _ := json.Marshal(v)
	if err := p.write(websocket.MessageText, data); err != nil {
		p.t.Fatal(err)
	}
}

func (p *testPeer) packet(data string) {
	p.t.Helper()
	if err := p.write(websocket.MessageBinary, []byte(data)); err != nil {
		p.t.Fatal(err)
	}
}

func (p *testPeer) read() (websocket.MessageType, []byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return p.conn.Read(ctx)
}

// expect reads a notice of this kind and reason; one that ends must be followed by the closing of the link.
func (p *testPeer) expect(kind wire.NoticeType, reason wire.Reason) wire.Notice {
	p.t.Helper()
	mt, data, err := p.read()
	if err != nil {
		p.t.Fatalf("waiting for %s %s: %v", kind, reason, err)
	}
	var n wire.Notice
	if err := json.Unmarshal(data, &n); mt != websocket.MessageText || err != nil {
		p.t.Fatalf("not a notice: %v %.80q", mt, data)
	}
	if n.Type != kind || n.Reason != reason {
		p.t.Fatalf("notice %s %s, want %s %s", n.Type, n.Reason, kind, reason)
	}
	if kind == wire.Ended || kind == wire.Refused {
		if n.Text != reason.Sentence() {
			p.t.Errorf("text of %s: %q", reason, n.Text)
		}
		if kind == wire.Refused && n.Version != wire.Version {
			p.t.Errorf("version of refusal: %d", n.Version)
		}
		if _, _, err := p.read(); websocket.CloseStatus(err) == -1 {
			p.t.Errorf("after %s %s: %v, want the link closed in order", kind, reason, err)
		}
	}
	return n
}

func (p *testPeer) expectPacket(want string) {
	p.t.Helper()
	mt, data, err := p.read()
	if err != nil || mt != websocket.MessageBinary || string(data) != want {
		p.t.Fatalf("got %v %.80q %v, want packet %.80q", mt, data, err, want)
	}
}
