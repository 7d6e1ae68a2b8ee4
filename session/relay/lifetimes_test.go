package relay

import (
	"testing"
	"time"

	"handrail/session/wire"
)

func TestLifetimes(t *testing.T) {
	t.Run("code", func(t *testing.T) {
		r := newRig(t)
		token := r.signIn()
		s := r.newSession(token)
		op := r.operator(token, s.ID)
		op.expect(wire.Welcome, "")
		r.clock.advance(wire.CodeLife - time.Second)
		r.srv.dir.sweep()
		if r.srv.dir.count() != 1 {
			t.Fatal("expired too early")
		}
		r.clock.advance(time.Second)
		r.customer(s.Routing).expect(wire.Refused, wire.ReasonUnknownCode) // before the sweep too
		r.srv.dir.sweep()
		op.expect(wire.Ended, wire.ReasonExpired)
		r.operator(token, s.ID).expect(wire.Refused, wire.ReasonExpired)
		r.clock.advance(routingRest)
		r.srv.dir.sweep()
		r.operator(token, s.ID).expect(wire.Refused, wire.ReasonNotFound)
		if n := len(r.srv.dir.numbers.taken); n != 0 {
			t.Errorf("%d numbers still rest", n)
		}
	})
	t.Run("pairing", func(t *testing.T) {
		r := newRig(t)
		token, s, op, cust := r.pair()
		r.clock.advance(DefaultTimes.Pairing)
		r.srv.dir.sweep()
		op.expect(wire.Ended, wire.ReasonPeerLeft)
		cust.expect(wire.Ended, wire.ReasonTimeout)
		r.operator(token, s.ID).expect(wire.Welcome, "")
	})
	t.Run("active without operator", func(t *testing.T) {
		r := newRig(t)
		_, s, op, cust := r.pair()
		op.sendJSON(wire.Notice{Type: wire.Accepted})
		r.waitFor(func(d *directory) bool { return d.sessions[s.ID].state == active })
		r.clock.advance(time.Hour) // with links a session lasts
		r.srv.dir.sweep()
		op.close()
		cust.expect(wire.Ended, wire.ReasonPeerLeft)
		r.clock.advance(DefaultTimes.Grace - time.Second)
		r.srv.dir.sweep()
		if r.srv.dir.count() != 1 {
			t.Fatal("ended too early")
		}
		r.clock.advance(time.Second)
		r.srv.dir.sweep()
		if r.srv.dir.count() != 0 {
			t.Fatal("not ended")
		}
	})
	t.Run("account", func(t *testing.T) {
		r := newRig(t)
		_, _, op, cust := r.pair()
		a, _ := r.db.AccountByUser(t.Context(), "desk1")
		if err := r.db.RemoveAccount(t.Context(), a.ID); err != nil {
			t.Fatal(err)
		}
		r.srv.endOfGoneAccounts(t.Context())
		op.expect(wire.Ended, wire.ReasonEnded)
		cust.expect(wire.Ended, wire.ReasonEnded)
	})
}
