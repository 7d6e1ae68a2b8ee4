package relay

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"handrail/session/relay/store"
	"handrail/session/wire"
)

func TestForwardsBothWays(t *testing.T) {
	r := newRig(t)
	if err := r.db.SetOrganisation(t.Context(), "Vzorec d.o.o."); err != nil {
		t.Fatal(err)
	}
	token := r.signIn()
	s := r.newSession(token)
	op := r.operator(token, s.ID)
	if n := op.expect(wire.Welcome, ""); n.Session != s.ID || n.Version != wire.Version {
		t.Errorf("welcome: %+v", n)
	}
	cust := r.customer(s.Routing)
	cust.expect(wire.Welcome, "")
	if n := cust.expect(wire.Paired, ""); n.OperatorName != "Help desk 1" || n.Organisation != "Vzorec d.o.o." || n.Try != 1 {
		t.Errorf("paired: %+v", n)
	}
	if n := op.expect(wire.Paired, ""); n.Try != 1 || n.OperatorName != "" {
		t.Errorf("paired: %+v", n)
	}
	large := strings.Repeat("x", wire.MaxPacket)
	for _, packet := range []string{"hello", "", large, "\x00\xff"} {
		op.packet(packet)
		cust.expectPacket(packet)
		cust.packet(packet)
		op.expectPacket(packet)
	}
	op.sendJSON(wire.Notice{Type: wire.Accepted})
	op.packet("after") // in order with Accepted
	cust.expectPacket("after")
	var list []wire.Session
	r.call("GET", wire.SessionsPath, token, nil, &list)
	if len(list) != 1 || list[0].State != wire.SessionActive || list[0].ID != s.ID {
		t.Errorf("list: %+v", list)
	}
	if status := r.call("DELETE", wire.SessionsPath+"/"+s.ID, token, nil, nil); status != 204 {
		t.Errorf("delete: %d", status)
	}
	op.expect(wire.Ended, wire.ReasonEnded)
	cust.expect(wire.Ended, wire.ReasonEnded)
	r.customer(s.Routing).expect(wire.Refused, wire.ReasonUnknownCode)
	r.operator(token, s.ID).expect(wire.Refused, wire.ReasonEnded)

	r.close()
	db, err := store.Open(context.Background(), r.dir+"/"+store.FileName)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	h, err := db.Session(context.Background(), s.ID)
	if err != nil || h.Joined.IsZero() || h.Ended.IsZero() || h.Reason != "ended" || h.User != "desk1" {
		t.Errorf("history: %+v %v", h, err)
	}
}

func TestLastWordsArriveBeforePeerLeft(t *testing.T) {
	for _, accepted := range []bool{false, true} {
		r := newRig(t)
		_, _, op, cust := r.pair()
		if accepted {
			op.sendJSON(wire.Notice{Type: wire.Accepted})
		}
		op.packet("sync")
		cust.expectPacket("sync")
		cust.packet("bye")
		cust.conn.Close(websocket.StatusNormalClosure, "")
		op.expectPacket("bye")
		op.expect(wire.Ended, wire.ReasonPeerLeft)
	}
}

func TestOperatorLeavesCustomerIsTold(t *testing.T) {
	r := newRig(t)
	_, _, op, cust := r.pair()
	op.sendJSON(wire.Notice{Type: wire.Accepted})
	op.close() // without a closing frame
	cust.expect(wire.Ended, wire.ReasonPeerLeft)
}

func TestBurntAfterThreeTries(t *testing.T) {
	r := newRig(t)
	token := r.signIn()
	s := r.newSession(token)
	for try := 1; try <= wire.MaxTries; try++ {
		op := r.operator(token, s.ID)
		op.expect(wire.Welcome, "")
		cust := r.customer(s.Routing)
		cust.expect(wire.Welcome, "")
		if n := cust.expect(wire.Paired, ""); n.Try != try {
			t.Fatalf("try %d, want %d", n.Try, try)
		}
		op.expect(wire.Paired, "")
		cust.conn.Close(websocket.StatusNormalClosure, "")
		if try < wire.MaxTries {
			op.expect(wire.Ended, wire.ReasonPeerLeft)
		} else {
			op.expect(wire.Ended, wire.ReasonBurnt)
		}
	}
	r.customer(s.Routing).expect(wire.Refused, wire.ReasonUnknownCode)
	r.operator(token, s.ID).expect(wire.Refused, wire.ReasonBurnt)
	if n := r.srv.dir.count(); n != 0 {
		t.Errorf("%d sessions live", n)
	}
}

func TestThirdCustomerHearsBurntWhenOperatorLeaves(t *testing.T) {
	r := newRig(t)
	_, s, op, cust := r.pair()
	r.srv.dir.mu.Lock()
	r.srv.dir.sessions[s.ID].tries = wire.MaxTries
	r.srv.dir.mu.Unlock()
	op.close()
	cust.expect(wire.Ended, wire.ReasonBurnt)
}

func TestCustomerWaitsForOperatorsNextLink(t *testing.T) {
	r := newRig(t)
	token := r.signIn()
	s := r.newSession(token)
	cust := r.customer(s.Routing)
	r.waitFor(func(d *directory) bool { return d.sessions[s.ID].customer != nil })
	r.customer(s.Routing).expect(wire.Refused, wire.ReasonBusy)
	op := r.operator(token, s.ID)
	op.expect(wire.Welcome, "")
	op.expect(wire.Paired, "")
	cust.expect(wire.Welcome, "")
	cust.expect(wire.Paired, "")

	s = r.newSession(token)
	cust = r.customer(s.Routing)
	r.waitFor(func(d *directory) bool { return d.sessions[s.ID].customer != nil })
	r.clock.advance(DefaultTimes.OperatorGap)
	r.srv.dir.sweep()
	cust.expect(wire.Refused, wire.ReasonUnknownCode)
}

// waitFor waits until the directory is as a test needs it.
func (r *rig) waitFor(cond func(*directory) bool) {
	r.t.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		r.srv.dir.mu.Lock()
		ok := cond(r.srv.dir)
		r.srv.dir.mu.Unlock()
		if ok {
			return
		}
	}
	r.t.Fatal("the directory did not get there")
}

func TestBusy(t *testing.T) {
	r := newRig(t)
	token, s, op, _ := r.pair()
	r.customer(s.Routing).expect(wire.Refused, wire.ReasonBusy)
	op.sendJSON(wire.Notice{Type: wire.Accepted})
	r.waitFor(func(d *directory) bool { return d.sessions[s.ID].state == active })
	r.customer(s.Routing).expect(wire.Refused, wire.ReasonBusy)
	r.operator(token, s.ID).expect(wire.Refused, wire.ReasonBusy)
}

func TestReplaced(t *testing.T) {
	r := newRig(t)
	token := r.signIn()
	s := r.newSession(token)
	first := r.operator(token, s.ID)
	first.expect(wire.Welcome, "")
	second := r.operator(token, s.ID)
	second.expect(wire.Welcome, "")
	first.expect(wire.Ended, wire.ReasonReplaced)
	cust := r.customer(s.Routing)
	cust.expect(wire.Welcome, "")
	cust.expect(wire.Paired, "")
	second.expect(wire.Paired, "")

	third := r.operator(token, s.ID) // during a pairing: that try is over
	third.expect(wire.Welcome, "")
	second.expect(wire.Ended, wire.ReasonReplaced)
	cust.expect(wire.Ended, wire.ReasonPeerLeft)
}

func TestRefusals(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Times.Hello = 2 * time.Second })
	token := r.signIn()
	s := r.newSession(token)
	r.addAccount("desk2", "Help desk 2")
	var other wire.SignedIn
	r.call("POST", wire.SignInPath, "", wire.SignIn{User: "desk2", Password: password}, &other)
	hello := func(h wire.Hello) string { b, _ := json.Marshal(h); return string(b) }
	v := wire.Version
	for name, c := range map[string]struct {
		kind websocket.MessageType
		data string
		want wire.Reason
	}{
		"nothing":         {0, "", wire.ReasonTimeout},
		"binary":          {websocket.MessageBinary, "x", wire.ReasonMalformed},
		"not json":        {websocket.MessageText, "hello", wire.ReasonMalformed},
		"older version":   {websocket.MessageText, `{"version":0,"role":7}`, wire.ReasonVersion},
		"newer version":   {websocket.MessageText, `{"version":2,"role":{"new":1}}`, wire.ReasonVersion},
		"too large text":  {websocket.MessageText, `{"version":1,"program":"` + strings.Repeat("x", wire.MaxText) + `"}`, wire.ReasonTooLarge},
		"large packet":    {websocket.MessageBinary, strings.Repeat("x", 10*wire.MaxPacket), wire.ReasonTooLarge},
		"unknown routing": {websocket.MessageText, hello(wire.Hello{Version: v, Role: wire.Customer, Routing: "1234567"}), wire.ReasonUnknownCode},
		"wrong token":     {websocket.MessageText, hello(wire.Hello{Version: v, Role: wire.Operator, Session: s.ID, Token: "x"}), wire.ReasonSignIn},
		"no such session": {websocket.MessageText, hello(wire.Hello{Version: v, Role: wire.Operator, Session: "x", Token: token}), wire.ReasonNotFound},
		"somebody else's": {websocket.MessageText, hello(wire.Hello{Version: v, Role: wire.Operator, Session: s.ID, Token: other.Token}), wire.ReasonNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			p := r.open()
			p.t = t
			if c.kind != 0 {
				p.write(c.kind, []byte(c.data)) // a large one may be cut short
			}
			p.expect(wire.Refused, c.want)
		})
	}
}

func TestRefusedAfterWelcome(t *testing.T) {
	r := newRig(t)
	token := r.signIn()
	for name, send := range map[string]func(*testPeer){
		"packet before paired":   func(p *testPeer) { p.packet("early") },
		"accepted before paired": func(p *testPeer) { p.sendJSON(wire.Notice{Type: wire.Accepted}) },
		"second hello":           func(p *testPeer) { p.sendJSON(wire.Hello{Version: wire.Version}) },
	} {
		t.Run(name, func(t *testing.T) {
			p := r.operator(token, r.newSession(token).ID)
			p.t = t
			p.expect(wire.Welcome, "")
			send(p)
			p.expect(wire.Refused, wire.ReasonMalformed)
		})
	}
	for name, c := range map[string]struct {
		send func(op, cust *testPeer) *testPeer
		want wire.Reason
	}{
		"customer accepts": {func(_, c *testPeer) *testPeer { c.sendJSON(wire.Notice{Type: wire.Accepted}); return c }, wire.ReasonMalformed},
		"too large":        {func(_, c *testPeer) *testPeer { c.packet(strings.Repeat("x", wire.MaxPacket+1)); return c }, wire.ReasonTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, op, cust := r.pair()
			bad := c.send(op, cust)
			bad.expect(wire.Ended, c.want)
			op.expect(wire.Ended, wire.ReasonPeerLeft)
		})
	}
}

func TestTooManyJoins(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.Joins = DefaultLimits.Joins })
	for range DefaultLimits.Joins.Burst {
		r.customer("0000000").expect(wire.Refused, wire.ReasonUnknownCode)
	}
	r.customer("0000000").expect(wire.Refused, wire.ReasonTooManyTries)
	r.clock.advance(DefaultLimits.Joins.Every)
	r.customer("0000000").expect(wire.Refused, wire.ReasonUnknownCode)
	r.customer("0000000").expect(wire.Refused, wire.ReasonTooManyTries)
}

func TestOnlyProgramsOpenLinks(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, resp, err := websocket.Dial(ctx, r.web.URL+wire.LinkPath, &websocket.DialOptions{
		Subprotocols: []string{wire.Subprotocol}, HTTPHeader: http.Header{"Origin": {r.web.URL}},
	})
	if err == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("with Origin: %v %v", resp, err)
	}
	conn, _, err := websocket.Dial(ctx, r.web.URL+wire.LinkPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	(&testPeer{t, conn}).expect(wire.Refused, wire.ReasonMalformed)
	var f wire.Failure
	if status := r.call("GET", wire.LinkPath, "", nil, &f); status != http.StatusUpgradeRequired || f.Text == "" {
		t.Errorf("plain GET: %d %+v", status, f)
	}
}

func TestStopping(t *testing.T) {
	r := newRig(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.srv.Serve(ctx, l) }()
	token, _, op, cust := r.pair()
	silent := r.open()
	waits := r.operator(token, r.newSession(token).ID)
	waits.expect(wire.Welcome, "")
	cancel()
	op.expect(wire.Ended, wire.ReasonStopping)
	cust.expect(wire.Ended, wire.ReasonStopping)
	waits.expect(wire.Ended, wire.ReasonStopping)
	silent.expect(wire.Refused, wire.ReasonStopping)
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Serve does not return")
	}
	var f wire.Failure
	if status := r.call("POST", wire.SessionsPath, token, wire.NewSession{}, &f); status != 503 || f.Reason != wire.ReasonStopping {
		t.Errorf("new session while stopping: %d %+v", status, f)
	}
	r.open().expect(wire.Refused, wire.ReasonStopping)
}

func TestFull(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.Links = 2 })
	token := r.signIn()
	r.operator(token, r.newSession(token).ID).expect(wire.Welcome, "")
	r.open()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, resp, err := websocket.Dial(ctx, r.web.URL+wire.LinkPath, nil)
	if err == nil || resp == nil || resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("third of two: %v %v", resp, err)
	}
}

func TestDeadPeerIsFound(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.Times.KeepAlive, c.Times.PingGrace = 500*time.Millisecond, 2*time.Second
	})
	_, _, op, cust := r.pair()
	// cust does not read, so it does not answer pings; op reads and stays.
	start := time.Now()
	op.expect(wire.Ended, wire.ReasonPeerLeft)
	if d := time.Since(start); d < 2*time.Second {
		t.Errorf("found after %v", d)
	}
	_ = cust
}
