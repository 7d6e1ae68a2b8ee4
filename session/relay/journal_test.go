package relay

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"handrail/session/relay/store"
	"handrail/session/wire"
)

// away is a store that cannot be reached for a while.
type away struct {
	*store.DB
	away *atomic.Bool
}

func (a away) SessionEnded(ctx context.Context, id string, at time.Time, reason string) error {
	if a.away.Load() {
		return errors.New("the store is away")
	}
	return a.DB.SessionEnded(ctx, id, at, reason)
}

// ends waits until the store knows of a session's end.
func (r *rig) ends(id string, at time.Time, reason wire.Reason) {
	r.t.Helper()
	var s store.SessionRecord
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		var err error
		if s, err = r.db.Session(r.t.Context(), id); err != nil {
			r.t.Fatal(err)
		}
		if !s.Ended.IsZero() {
			break
		}
	}
	if !s.Ended.Equal(at) || wire.Reason(s.Reason) != reason {
		r.t.Errorf("session %s ended at %v, %q; want %v, %q", id, s.Ended, s.Reason, at, reason)
	}
}

// TestEndsAreWrittenWhenTheStoreIsBack ends sessions while the store cannot be reached.
func TestEndsAreWrittenWhenTheStoreIsBack(t *testing.T) {
	gone := &atomic.Bool{}
	r := newRig(t, func(c *Config) { c.Store = away{c.Store.(*store.DB), gone} })
	token := r.signIn()
	var all []wire.Session
	for range 3 {
		all = append(all, r.newSession(token))
	}
	r.waitFor(func(*directory) bool { _, err := r.db.Session(t.Context(), all[2].ID); return err == nil })
	gone.Store(true)
	at := r.clock.Now()
	for _, s := range all {
		if status := r.call("DELETE", wire.SessionsPath+"/"+s.ID, token, nil, nil); status != 204 {
			t.Fatal(status)
		}
		r.clock.advance(time.Minute)
	}
	time.Sleep(2 * owedPause) // it tries in vain
	if open, err := r.db.OpenSessions(t.Context()); err != nil || len(open) != 3 {
		t.Fatalf("%d sessions are open, %v", len(open), err)
	}
	gone.Store(false)
	for i, s := range all {
		r.ends(s.ID, at.Add(time.Duration(i)*time.Minute), wire.ReasonEnded)
	}
}

// deaf is a store that does not answer what is written into the history.
type deaf struct {
	*store.DB
	deaf *atomic.Bool
}

func (d deaf) AddSession(ctx context.Context, r store.SessionRecord) error {
	if d.deaf.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	return d.DB.AddSession(ctx, r)
}

// TestARelayStopsWhileTheStoreIsSilent has much to write down when it is to stop.
func TestARelayStopsWhileTheStoreIsSilent(t *testing.T) {
	silent := &atomic.Bool{}
	r := newRig(t, func(c *Config) { c.Store = deaf{c.Store.(*store.DB), silent} })
	token := r.signIn()
	silent.Store(true)
	for range 10 {
		r.newSession(token)
	}
	began := time.Now()
	if r.close(); time.Since(began) > 3*closePatience {
		t.Errorf("it took %v", time.Since(began))
	}
	r.srv.journal.add(change{kind: offerGone}) // by a request that was not waited for
}

// TestALateEndOfATakenSession has a node whose peers have gone to another one, which has taken the session over while this one
// did not reach the store.
func TestALateEndOfATakenSession(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Node = Node{Address: "https://a.example.org"} })
	at := r.clock.Now().UTC()
	for id, node := range map[string]string{"mine": "https://a.example.org", "taken": "https://b.example.org", "left": "https://b.example.org"} {
		if err := r.db.AddSession(t.Context(), store.SessionRecord{ID: id, Routing: id, Created: at, Node: node}); err != nil {
			t.Fatal(err)
		}
	}
	for id, reason := range map[string]wire.Reason{
		"mine": wire.ReasonPeerLeft, "taken": wire.ReasonPeerLeft, "left": wire.ReasonByCustomer, "never kept": wire.ReasonPeerLeft,
	} {
		r.srv.journal.owe(change{kind: sessionEnded, record: store.SessionRecord{ID: id}, at: at, reason: reason})
	}
	r.waitFor(func(*directory) bool { _, owed := r.srv.journal.first(); return !owed })
	r.ends("mine", at, wire.ReasonPeerLeft)
	r.ends("left", at, wire.ReasonByCustomer)
	if s, err := r.db.Session(t.Context(), "taken"); err != nil || !s.Ended.IsZero() {
		t.Errorf("the session that goes on elsewhere: %+v, %v", s, err)
	}
}

// TestWhatIsOwedIsBounded lets more sessions end than are remembered.
func TestWhatIsOwedIsBounded(t *testing.T) {
	gone := &atomic.Bool{}
	gone.Store(true)
	r := newRig(t, func(c *Config) { c.Store = away{c.Store.(*store.DB), gone} })
	for range maxOwed + 10 {
		r.srv.journal.owe(change{kind: sessionEnded, record: store.SessionRecord{ID: store.NewID()}})
	}
	r.srv.journal.mu.Lock()
	defer r.srv.journal.mu.Unlock()
	if n := len(r.srv.journal.owed); n != maxOwed {
		t.Errorf("%d are remembered", n)
	}
}

// TestASessionThatNobodyHasCanBeEnded has sessions that the store takes for open, though the relay does not know them.
func TestASessionThatNobodyHasCanBeEnded(t *testing.T) {
	for name, node := range map[string]string{"alone": "", "one of several": "https://a.example.org"} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(c *Config) {
				c.Times.Sweep = 10 * time.Millisecond
				c.Node = Node{Address: node, Beat: 10 * time.Millisecond}
			})
			at := r.clock.Now().UTC()
			record := store.SessionRecord{ID: "lost", Account: "a", Routing: "4821", Created: at, Node: node}
			if err := errors.Join(r.db.AddSession(t.Context(), record), r.db.WantEnd(t.Context(), "lost", "a")); err != nil {
				t.Fatal(err)
			}
			r.waitFor(func(*directory) bool {
				r.clock.advance(time.Second) // by which it looks again
				s, err := r.db.Session(t.Context(), "lost")
				return err == nil && s.Reason == string(wire.ReasonEnded)
			})
		})
	}
}
