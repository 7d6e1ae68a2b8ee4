package transfer

import (
	"context"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// lone runs an exchange whose other side is the test: what it says comes from the pipe. It ends with the test.
func lone(t *testing.T, config Config) (*side, *pipe) {
	t.Helper()
	return loneOver(t, config, func(p *pipe) Conn { return p })
}

func loneOver(t *testing.T, config Config, over func(*pipe) Conn) (*side, *pipe) {
	t.Helper()
	here, there := newPipe()
	s := &side{pipe: here, home: t.TempDir(), over: make(chan error, 1), changed: make(chan struct{})}
	config.Own, config.Peer, config.Folder, config.Changed = "a", "b", s.received(), s.awaken
	s.Exchange = New(config)
	ctx, cancel := context.WithCancel(context.Background())
	s.Begin(ctx, over(here))
	go func() {
		err := s.Run()
		here.breakNow()
		s.over <- err
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case <-s.over:
		case <-time.After(limit):
			t.Error("the exchange does not end")
		}
	})
	return s, there
}

// say sends a message to a lone exchange.
func (p *pipe) say(t *testing.T, messages ...[]byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for _, m := range messages {
		if err := p.SendFile(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
}

// hear waits for a lone exchange's next message of a kind, and passes over others.
func hear[T any](t *testing.T, p *pipe, k kind) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		data, err := p.ReceiveFile(ctx)
		if err != nil {
			t.Fatalf("waiting for kind %d: %v", k, err)
		}
		if kind(data[0]) != k {
			continue
		}
		m, err := parse[T](data[1:])
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
}

// offer offers a file with these contents as part of an order, sends it if it is wanted, and gives what was said of it.
func (p *pipe) offer(t *testing.T, id, fetch uint32, name string, data []byte) Problem {
	t.Helper()
	p.say(t, marshal(kindOffer, offerMessage{ID: id, Name: name, Files: 1, Bytes: int64(len(data)), Fetch: fetch}))
	if m := hear[answerMessage](t, p, kindAnswer); m.Problem != "" {
		return m.Problem
	}
	p.say(t, marshal(kindEntries, entriesMessage{ID: id, Entries: []entry{{Path: name, Size: int64(len(data))}}}))
	h := sha256.Sum256(data)
	p.say(t, (&chunkMessage{transfer: id, length: len(data), stored: len(data), hash: h, bytes: data}).appendTo(nil))
	p.say(t, (&endMessage{transfer: id, outcome: outcomeWhole, hash: sha256.Sum256(h[:])}).appendTo(nil))
	p.say(t, marshal(kindFinish, finishMessage{ID: id}))
	return hear[closedMessage](t, p, kindClosed).Problem
}

// TestOnlyWhatWasOrderedArrives offers other things than what was ordered, at the order's time and later.
func TestOnlyWhatWasOrderedArrives(t *testing.T) {
	x, peer := lone(t, Config{})
	chosen := t.TempDir()
	write(t, filepath.Join(chosen, "installer.exe"), []byte("mine"))
	number := make(chan uint32)
	go func() {
		id, err := x.Fetch(context.Background(), Order{Paths: []string{"home/report.pdf", "home/old/report.pdf"}, Folder: chosen, Synchronize: true})
		if err != nil {
			t.Error(err)
		}
		number <- id
	}()
	order := hear[fetchMessage](t, peer, kindFetch).ID
	if p := peer.offer(t, 1, order, "report.pdf", []byte("before it was agreed")); p == "" {
		t.Error("it is taken before it is agreed")
	}
	peer.say(t, marshal(kindFetched, fetchedMessage{ID: order}))
	if id := <-number; id != order {
		t.Errorf("the order has the number %d instead of %d", id, order)
	}
	for i, name := range []string{"installer.exe", ".ssh", "REPORT.PDF", "report.pdf ", "old"} {
		if p := peer.offer(t, uint32(10+i), order, name, []byte("not ordered")); p == "" {
			t.Errorf("%q is taken, and was not ordered", name)
		}
	}
	if p := peer.offer(t, 2, order, "report.pdf", []byte("first")); p != "" {
		t.Errorf("what was ordered is refused: %v", p)
	}
	x.mu.Lock()
	x.rows = append(x.rows, make([]*row, 4*maxOffers)...) // so that there is no room for another
	x.mu.Unlock()
	if p := peer.offer(t, 3, order, "report.pdf", []byte("second")); p != Busy {
		t.Errorf("there is no room for it: %v", p)
	}
	x.mu.Lock()
	x.rows = x.rows[:1]
	x.mu.Unlock()
	if p := peer.offer(t, 4, order, "report.pdf", []byte("second")); p != "" {
		t.Errorf("it is refused when it is offered again: %v", p)
	}
	for i, name := range []string{"report.pdf", "installer.exe"} {
		if p := peer.offer(t, uint32(20+i), order, name, []byte("later")); p == "" {
			t.Errorf("%q is taken when everything has been", name)
		}
	}
	same(t, listing(t, chosen), map[string]string{"installer.exe": "mine", "report.pdf": "second"})
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.fetches) != 0 {
		t.Errorf("%d orders are left", len(x.fetches))
	}
}

// TestOrdersThatAreGivenUp offers what was ordered by somebody who did not want to wait.
func TestOrdersThatAreGivenUp(t *testing.T) {
	x, peer := lone(t, Config{})
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error)
	go func() {
		_, err := x.Fetch(ctx, Order{Paths: []string{"home/x"}})
		over <- err
	}()
	order := hear[fetchMessage](t, peer, kindFetch).ID
	cancel()
	if err := <-over; err != context.Canceled {
		t.Error(err)
	}
	peer.say(t, marshal(kindFetched, fetchedMessage{ID: order}))
	if p := peer.offer(t, 1, order, "x", []byte("x")); p == "" {
		t.Error("it is taken")
	}
}

// TestManyOrders gives more orders than may wait at once, of which nothing stays.
func TestManyOrders(t *testing.T) {
	for name, answer := range map[string]Problem{"refused": NotFound, "agreed to and never offered": ""} {
		x, peer := lone(t, Config{})
		go func() {
			for range maxOffers + 100 {
				data, err := peer.ReceiveFile(context.Background())
				if err != nil {
					return
				}
				m, _ := parse[fetchMessage](data[1:])
				_ = peer.SendFile(context.Background(), marshal(kindFetched, fetchedMessage{ID: m.ID, Problem: answer}))
			}
		}()
		for i := range maxOffers + 100 {
			want := error(nil)
			if answer != "" {
				want = answer
			}
			if _, err := x.Fetch(context.Background(), Order{Paths: []string{"home/x"}}); err != want {
				t.Fatalf("%s: order %d: %v", name, i, err)
			}
		}
		x.mu.Lock()
		left := len(x.fetches)
		x.mu.Unlock()
		if left > maxOffers || answer != "" && left > 0 {
			t.Errorf("%s: %d orders are left", name, left)
		}
	}
}

// TestWhatCannotBeOffered orders a folder that is too deep to be sent: whoever waits for it is told.
func TestWhatCannotBeOffered(t *testing.T) {
	a, b := pair(t)
	write(t, filepath.Join(b.home, "deep", strings.Repeat("x/", maxDepth), "file"), nil)
	write(t, filepath.Join(b.home, "flat"), []byte("flat"))
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	order, err := a.Fetch(ctx, Order{Paths: []string{"home/deep", "home/flat"}})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := a.Await(ctx, 2, func(r Row) bool { return r.Order == order })
	if err != error(TooDeep) || len(rows) != 2 {
		t.Error(fmt.Sprint(rows), err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.fetches) != 0 {
		t.Errorf("%d orders are left", len(a.fetches))
	}
}
