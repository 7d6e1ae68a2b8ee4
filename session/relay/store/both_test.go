package store

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestSecondFactor(t *testing.T) { each(t, testSecondFactor) }

func testSecondFactor(t *testing.T, open func() *DB) {
	s, ctx := open(), t.Context()
	s.AddAccount(ctx, Account{ID: "a", User: "a", Name: "a"})
	if _, err := s.SecondFactor(ctx, "a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("none yet: %v", err)
	}
	for _, secret := range []string{"first", "second"} { // until it is confirmed, a new one takes its place
		if err := s.BeginSecondFactor(ctx, "a", []byte(secret)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.ConfirmSecondFactor(ctx, "a", [][32]byte{{1}, {2}}); err != nil {
		t.Fatal(err)
	}
	if f, err := s.SecondFactor(ctx, "a"); err != nil || string(f.Secret) != "second" || !f.Confirmed || f.Codes != 2 {
		t.Errorf("%+v %v", f, err)
	}
	if err := s.BeginSecondFactor(ctx, "a", []byte("third")); !errors.Is(err, ErrExists) {
		t.Errorf("over a confirmed one: %v", err)
	}
	var used sync.WaitGroup
	var mu sync.Mutex
	ok := 0
	for range 8 {
		used.Go(func() {
			if s.UseStep(ctx, "a", 7) == nil {
				mu.Lock()
				ok++
				mu.Unlock()
			}
		})
	}
	used.Wait()
	if ok != 1 {
		t.Errorf("one step was used %d times", ok)
	}
	if err := s.UseRecoveryCode(ctx, "a", [32]byte{1}); err != nil {
		t.Error(err)
	}
	if err := s.UseRecoveryCode(ctx, "a", [32]byte{1}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a code twice: %v", err)
	}
	if err := s.RemoveSecondFactor(ctx, "a"); err != nil {
		t.Error(err)
	}
}

func TestAuditLog(t *testing.T) { each(t, testAuditLog) }

// testAuditLog lets several programs write it at the same time, with texts that no database likes.
func testAuditLog(t *testing.T, open func() *DB) {
	ctx := t.Context()
	var writers sync.WaitGroup
	for range 3 {
		s := open()
		writers.Go(func() {
			for range 10 {
				if err := s.Audit(ctx, time.UnixMilli(1e12), "boss", "block", "a\x00b\xffc'?$1;--"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	s := open()
	if n, err := s.CheckAudit(ctx); n != 30 || err != nil {
		t.Fatalf("%d lines: %v", n, err)
	}
	if lines, err := s.AuditLines(ctx, 2); err != nil || len(lines) != 2 || lines[0].Number != 30 || lines[0].Detail != "a\uFFFDb\uFFFDc'?$1;--" {
		t.Errorf("%+v %v", lines, err)
	}
	if _, err := s.write.ExecContext(ctx, `UPDATE audit SET detail = 'x' WHERE number = 12`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CheckAudit(ctx); !errors.Is(err, ErrAuditBroken) || !strings.Contains(err.Error(), "line 12") {
		t.Errorf("changed: %v", err)
	}
}

func TestHistoryOfAnAccount(t *testing.T) { each(t, testHistoryOfAnAccount) }

func testHistoryOfAnAccount(t *testing.T, open func() *DB) {
	s, ctx := open(), t.Context()
	at := time.UnixMilli(1e12).UTC()
	for i, account := range []string{"x", "y", "x"} {
		err := s.AddSession(ctx, SessionRecord{ID: string(rune('a' + i)), Account: account, Created: at.Add(time.Duration(i) * time.Second)})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		account     string
		from, until time.Duration
		limit       int
		want        string
	}{
		{"", 0, time.Hour, 10, "cba"},
		{"x", 0, time.Hour, 10, "ca"},
		{"", time.Second, 2 * time.Second, 10, "b"},
		{"", 0, time.Hour, 1, "c"},
		{"z", 0, time.Hour, 1, ""},
	} {
		all, err := s.History(ctx, c.account, at.Add(c.from), at.Add(c.until), c.limit)
		got := ""
		for _, r := range all {
			got += r.ID
		}
		if err != nil || got != c.want {
			t.Errorf("%+v: %q %v", c, got, err)
		}
	}
	if _, err := s.Session(ctx, "a\x00"); !errors.Is(err, ErrNotFound) {
		t.Errorf("an id that is no text: %v", err)
	}
}

// TestSeveralOpenAtOnce: the tables are made once when several relays start at the same moment.
func TestSeveralOpenAtOnce(t *testing.T) { each(t, testSeveralOpenAtOnce) }

func testSeveralOpenAtOnce(t *testing.T, open func() *DB) {
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			id := string(rune('a' + i))
			if err := open().AddAccount(context.Background(), Account{ID: id, User: id, Name: id}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if all, err := open().Accounts(t.Context()); err != nil || len(all) != 6 {
		t.Errorf("%d accounts, %v", len(all), err)
	}
}

func TestAPostgresAddressKeepsItsPassword(t *testing.T) {
	for _, address := range []string{"postgres://a:hunter2@[::bad/x", "postgres://a:hunter2@127.0.0.1:1/x?connect_timeout=1"} {
		if _, err := Open(t.Context(), address); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
}
