package relay

import (
	"testing"
	"time"

	"handrail/session/wire"
)

// TestGivenUpNumbersAreFreeAgain has a node that others took for dead, and IDs that another node has given out too.
func TestGivenUpNumbersAreFreeAgain(t *testing.T) {
	a, _ := twoNodes(t)
	token := a.signIn()
	s := a.newSession(token)
	show := func() (*testPeer, string) {
		p := a.open()
		p.sendJSON(wire.Hello{Version: wire.Version, Role: wire.Customer, Program: "test", Offer: true})
		return p, p.expect(wire.Welcome, "").Routing
	}
	_, first := show()
	second, twice := show()
	taken := func(number string) (until time.Time, ok bool) {
		a.srv.dir.mu.Lock()
		defer a.srv.dir.mu.Unlock()
		until, ok = a.srv.dir.numbers.taken[number]
		return until, ok
	}
	a.waitFor(func(*directory) bool {
		_, err := a.db.OfferAt(t.Context(), first)
		_, err2 := a.db.OfferAt(t.Context(), twice)
		return err == nil && err2 == nil
	})
	a.srv.dir.dropOffer(twice)
	second.expect(wire.Ended, wire.ReasonStopping)
	a.srv.dir.giveUp()
	rest := a.clock.Now().Add(routingRest)
	for what, number := range map[string]string{"a session's": s.Routing, "an ID": first, "an ID of two nodes": twice} {
		if until, ok := taken(number); !ok || !until.Equal(rest) {
			t.Errorf("%s number is taken until %v, want %v", what, until, rest)
		}
	}
	a.waitFor(func(*directory) bool { _, err := a.db.OfferAt(t.Context(), first); return err != nil })
	// What turns out to be this node's own stays taken.
	if record, err := a.db.Session(t.Context(), s.ID); err != nil {
		t.Error(err)
	} else {
		a.srv.dir.restore(record)
	}
	a.clock.advance(routingRest)
	a.srv.dir.numbers.sweep(a.clock.Now())
	if until, ok := taken(s.Routing); !ok || !until.IsZero() {
		t.Errorf("the number of a session that goes on is taken until %v (%v)", until, ok)
	}
	for _, number := range []string{first, twice} {
		if _, ok := taken(number); ok {
			t.Errorf("%s is still taken", number)
		}
	}
}
