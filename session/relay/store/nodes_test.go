package store

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestNodes(t *testing.T) { each(t, testNodes) }

func testNodes(t *testing.T, open func() *DB) {
	s, ctx := open(), t.Context()
	at := time.UnixMilli(1e12).UTC()
	for _, address := range []string{"https://a", "https://b", "https://c"} {
		if err := s.EnterNode(ctx, address, "run "+address); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Nodes(ctx, time.Hour); err != nil || !slices.Equal(got, []string{"https://a", "https://b", "https://c"}) {
		t.Errorf("nodes: %v %v", got, err)
	}
	for _, id := range []string{"1", "2", "3"} {
		if err := s.ReserveSession(ctx, SessionRecord{ID: id, Account: "x", Routing: id, Created: at, Node: "https://a"}, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.ReserveSession(ctx, SessionRecord{ID: "4", Routing: "1", Node: "https://b"}, at); !errors.Is(err, ErrExists) {
		t.Errorf("a number twice: %v", err)
	}
	if err := s.SessionEnded(ctx, "3", at, "ended"); err != nil {
		t.Fatal(err)
	}
	for rested, want := range map[time.Time]error{at.Add(-time.Hour): ErrExists, at: nil} {
		if err := s.ReserveSession(ctx, SessionRecord{ID: "5", Routing: "3", Node: "https://b"}, rested); !errors.Is(err, want) {
			t.Errorf("a number that rests since %v: %v", rested, err)
		}
		s.SessionEnded(ctx, "5", at, "ended")
	}
	if r, err := s.OpenByRouting(ctx, "2"); err != nil || r.ID != "2" || r.Node != "https://a" {
		t.Errorf("by routing: %+v %v", r, err)
	}
	if _, err := s.OpenByRouting(ctx, "3"); !errors.Is(err, ErrNotFound) {
		t.Errorf("an ended one by routing: %v", err)
	}
	if err := s.WantEnd(ctx, "1", "y"); !errors.Is(err, ErrNotFound) {
		t.Errorf("ending a stranger's session: %v", err)
	}
	if err := errors.Join(s.WantEnd(ctx, "1", "x"), s.WantEnd(ctx, "2", "")); err != nil {
		t.Error(err)
	}
	if got, err := s.EndsWanted(ctx, "https://a"); err != nil || len(got) != 2 {
		t.Errorf("ends wanted: %v %v", got, err)
	}
	if err := s.AddOffer(ctx, "1234567", "https://a"); err != nil {
		t.Error(err)
	}
	if err := s.AddOffer(ctx, "1234567", "https://b"); !errors.Is(err, ErrExists) {
		t.Errorf("an ID twice: %v", err)
	}
	s.RemoveOffer(ctx, "1234567", "https://b") // not its own
	if at, err := s.OfferAt(ctx, "1234567"); err != nil || at != "https://a" {
		t.Errorf("offer at %q: %v", at, err)
	}
}

// TestADeadNodesSessionsAreTakenOnce lets a node fall silent while all others try to take its sessions over.
func TestADeadNodesSessionsAreTakenOnce(t *testing.T) { each(t, testADeadNode) }

func testADeadNode(t *testing.T, open func() *DB) {
	s, ctx := open(), t.Context()
	s.EnterNode(ctx, "dead", "run")
	s.AddOffer(ctx, "1234567", "dead")
	for _, id := range []string{"1", "2", "3", "4"} {
		s.AddSession(ctx, SessionRecord{ID: id, Routing: id, Node: "dead"})
	}
	if all, err := s.TakeOver(ctx, "b", time.Hour); err != nil || len(all) != 0 {
		t.Errorf("taken from a live one: %v %v", all, err)
	}
	if _, err := s.write.ExecContext(ctx, `UPDATE node SET seen_ms = seen_ms - 10000`); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var taken []SessionRecord
	for _, address := range []string{"b", "c", "d"} {
		if err := s.EnterNode(ctx, address, "run"); err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			all, err := s.TakeOver(context.Background(), address, 5*time.Second)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			taken = append(taken, all...)
		})
	}
	wg.Wait()
	if len(taken) != 4 {
		t.Errorf("%d sessions were taken over", len(taken))
	}
	for _, r := range taken {
		if now, err := s.Session(ctx, r.ID); err != nil || now.Node != r.Node || r.Node == "dead" {
			t.Errorf("%+v, kept as %+v: %v", r, now, err)
		}
	}
	if err := s.SeeNode(ctx, "dead", "run"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the dead one speaks: %v", err)
	}
	if _, err := s.OfferAt(ctx, "1234567"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the dead one's offer: %v", err)
	}
	// One that leaves gives its sessions up at once.
	if err := s.LeaveNode(ctx, taken[0].Node, "another run"); err != nil {
		t.Error(err)
	}
	if all, err := s.TakeOver(ctx, "e", time.Hour); err != nil || len(all) != 0 {
		t.Errorf("left by somebody else: %v %v", all, err)
	}
	if err := s.LeaveNode(ctx, taken[0].Node, "run"); err != nil {
		t.Error(err)
	}
	if all, err := s.TakeOver(ctx, "e", time.Hour); err != nil || len(all) == 0 {
		t.Errorf("left: %v %v", all, err)
	}
}
