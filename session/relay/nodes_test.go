package relay

import (
	"context"
	"net/url"
	"testing"
	"time"

	"handrail/session/relay/mail/mailtest"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

// twoNodes are two relays that share a store and know of each other.
func twoNodes(t *testing.T, change ...func(*Config)) (a, b *rig) {
	t.Helper()
	dir, now := t.TempDir(), newClock()
	start := func(address string) *rig {
		return startRig(t, dir, now, append(change, func(c *Config) { c.Node = Node{Address: address, Beat: 20 * time.Millisecond} })...)
	}
	a, b = start("https://a.example.org"), start("https://b.example.org")
	for _, r := range []*rig{a, b} {
		r.waitFor(func(*directory) bool { return len(r.srv.nodes.told()) == 1 })
	}
	return a, b
}

// TestABalancerNeedsNoRules has each request come to the relay that does not have what it is about.
func TestABalancerNeedsNoRules(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{User: "help", Password: "secret"})
	public, _ := url.Parse("https://relay.example.org")
	a, b := twoNodes(t, func(c *Config) { c.Mail, c.URL = mailer(t, server), public })
	a.addAccount("desk2", "Help desk 2")

	t.Run("invitations", func(t *testing.T) {
		token := a.signIn()
		s, ended := a.newSession(token), a.newSession(token)
		invite := func(r *rig, token, id string, status int) {
			t.Helper()
			if got := r.call("POST", wire.SessionsPath+"/"+id+"/invitation", token, wire.Invite{To: "ann@example.com"}, nil); got != status {
				t.Errorf("status %d, not %d", got, status)
			}
		}
		invite(b, token, s.ID, 204)
		server.Wait(t)
		invite(b, a.tokenOf("desk2", password), s.ID, 404)
		a.call("DELETE", wire.SessionsPath+"/"+ended.ID, token, nil, nil)
		a.waitFor(func(*directory) bool {
			r, err := a.db.Session(t.Context(), ended.ID)
			return err == nil && !r.Ended.IsZero()
		})
		invite(b, token, ended.ID, 404)
		invite(b, token, "x", 404)
		op := a.operator(token, s.ID)
		op.expect(wire.Welcome, "")
		cust := a.customer(s.Routing)
		cust.expect(wire.Welcome, "")
		op.expect(wire.Paired, "")
		cust.expect(wire.Paired, "")
		op.sendJSON(wire.Notice{Type: wire.Accepted})
		a.waitFor(func(*directory) bool {
			r, err := a.db.Session(t.Context(), s.ID)
			return err == nil && !r.Joined.IsZero()
		})
		invite(b, token, s.ID, 404)
		late := a.newSession(token)
		a.clock.advance(wire.CodeLife)
		invite(b, token, late.ID, 404)
		if !server.None() {
			t.Error("more mails than expected")
		}
	})

	t.Run("words that sign in once", func(t *testing.T) {
		account, err := a.db.AccountByUser(t.Context(), "desk1")
		if err != nil {
			t.Fatal(err)
		}
		word, err := a.srv.desk.Once(t.Context(), account)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []int{200, 401} {
			if status := b.signInStatus("desk1", word); status != want {
				t.Errorf("time %d: %d, not %d", i+1, status, want)
			}
		}
	})

	t.Run("a program that shows its ID again", func(t *testing.T) {
		show := func(r *rig, routing, token string) *testPeer {
			t.Helper()
			p := r.open()
			p.sendJSON(wire.Hello{Version: wire.Version, Role: wire.Customer, Program: "test", Offer: true, Routing: routing, Resume: token})
			return p
		}
		first := show(a, "", "")
		shown := first.expect(wire.Welcome, "")
		a.waitFor(func(*directory) bool { _, err := a.db.OfferAt(t.Context(), shown.Routing); return err == nil })
		first.close()
		if n := show(b, shown.Routing, shown.Resume).expect(wire.Refused, wire.ReasonElsewhere); n.Relay != "https://a.example.org" {
			t.Errorf("sent to %q", n.Relay)
		}
		if again := show(a, shown.Routing, shown.Resume).expect(wire.Welcome, ""); again.Routing != shown.Routing {
			t.Errorf("%+v", again)
		}
		show(a, shown.Routing, "another's").expect(wire.Refused, wire.ReasonNotFound)
		show(b, "0000000", shown.Resume).expect(wire.Refused, wire.ReasonNotFound)
	})
}

// midway is a store in which something happens while a session is kept.
type midway struct {
	*store.DB
	kept func() error
}

func (m *midway) ReserveSession(ctx context.Context, r store.SessionRecord, rested time.Time) error {
	if err := m.DB.ReserveSession(ctx, r, rested); err != nil {
		return err
	}
	return m.kept()
}

// TestASessionThatNobodyGotEnds has a store keep a session and not say so, and a relay that gives all its sessions up meanwhile. Nobody
// has that session then, and it must not be listed for ever.
func TestASessionThatNobodyGotEnds(t *testing.T) {
	st := &midway{kept: func() error { return nil }}
	r := newRig(t, func(c *Config) {
		st.DB = c.Store.(*store.DB)
		c.Store, c.Node = st, Node{Address: "https://a.example.org"}
	})
	token := r.signIn()
	for what, kept := range map[string]func() error{
		"no answer": func() error { return context.DeadlineExceeded },
		"given up":  func() error { r.srv.dir.giveUp(); return nil },
	} {
		st.kept = kept
		if status := r.call("POST", wire.SessionsPath, token, wire.NewSession{}, nil); status < 500 {
			t.Errorf("%s: %d", what, status)
		}
		r.waitFor(func(*directory) bool {
			open, err := r.db.OpenSessions(t.Context())
			return err == nil && len(open) == 0
		})
	}
	st.kept = func() error { return nil }
	r.newSession(token)
}
