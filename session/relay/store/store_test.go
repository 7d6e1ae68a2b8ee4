package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"handrail/session/relay/store/pgtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(status int) {
		pgtest.Stop()
		os.Exit(status)
	}))
}

var cheap = Params{MemoryKiB: 64, Passes: 1, Lanes: 1}

// each runs a test with a fresh store of each kind; open opens it, as often as it is called.
func each(t *testing.T, test func(t *testing.T, open func() *DB)) {
	t.Run("SQLite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), FileName)
		test(t, func() *DB { return open(t, path) })
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		address := pgtest.Database(t)
		test(t, func() *DB { return open(t, address) })
	})
}

func open(t *testing.T, where string) *DB {
	t.Helper()
	s, err := Open(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestAccounts(t *testing.T) { each(t, testAccounts) }

func testAccounts(t *testing.T, open func() *DB) {
	s := open()
	ctx := t.Context()
	at := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)
	a := Account{ID: NewID(), User: "desk1", Name: "Help desk čšž", PasswordHash: "h", Created: at}
	if err := s.AddAccount(ctx, a); err != nil {
		t.Fatal(err)
	}
	twin := a
	twin.ID = NewID()
	if err := s.AddAccount(ctx, twin); !errors.Is(err, ErrExists) {
		t.Errorf("second account of that name: %v", err)
	}
	if err := s.SetSeen(ctx, a.ID, at.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	a.LastSeen = at.Add(time.Hour)
	if got, err := s.AccountByUser(ctx, "desk1"); err != nil || got != a {
		t.Errorf("by user: %+v %v", got, err)
	}
	if got, err := s.Account(ctx, a.ID); err != nil || got != a {
		t.Errorf("by id: %+v %v", got, err)
	}
	tok := Token{Hash: [32]byte{1}, Account: a.ID, Created: at, Expires: at.Add(time.Hour)}
	if err := s.AddToken(ctx, tok); err != nil {
		t.Fatal(err)
	}
	if got, of, err := s.Token(ctx, tok.Hash); err != nil || got != tok || of != a {
		t.Errorf("token: %+v %+v %v", got, of, err)
	}
	if err := s.Rehash(ctx, a.ID, "other", "new"); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Account(ctx, a.ID); got.PasswordHash != "h" {
		t.Error("rehash has overwritten a changed password")
	}
	if err := s.SetPassword(ctx, a.ID, "h2"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Token(ctx, tok.Hash); !errors.Is(err, ErrNotFound) {
		t.Errorf("token after new password: %v", err)
	}
	if err := s.AddToken(ctx, tok); !errors.Is(err, ErrNotFound) {
		t.Errorf("token of somebody who has proved the password before: %v", err)
	}
	tok.Passwords = 1
	if err := s.AddToken(ctx, tok); err != nil {
		t.Errorf("token after the new password: %v", err)
	}
	if err := s.RemoveAccount(ctx, a.ID); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"account": second(s.Account(ctx, a.ID)), "password": s.SetPassword(ctx, a.ID, "x"), "remove": s.RemoveAccount(ctx, a.ID),
		"disable": s.SetDisabled(ctx, a.ID, true), "token for": s.AddToken(ctx, tok), "end": s.SessionEnded(ctx, "x", at, ""),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s of removed account: %v", name, err)
		}
	}
	if _, _, err := s.Token(ctx, tok.Hash); !errors.Is(err, ErrNotFound) {
		t.Errorf("token of removed account: %v", err)
	}
}

func TestAChangedPasswordEndsSignInsUnderWay(t *testing.T) { each(t, testSignInsUnderWay) }

// testSignInsUnderWay changes a password while somebody signs in who has proved the one before.
func testSignInsUnderWay(t *testing.T, open func() *DB) {
	s, another, ctx := open(), open(), t.Context() // two relays
	at := time.UnixMilli(1e12)
	for i := range 60 {
		a := Account{ID: NewID(), User: NewID(), Name: "x", PasswordHash: "before"}
		if err := s.AddAccount(ctx, a); err != nil {
			t.Fatal(err)
		}
		tok := Token{Hash: [32]byte{1, byte(i)}, Account: a.ID, Created: at, Expires: at.Add(time.Hour)}
		if err := s.Rehash(ctx, a.ID, "before", "the same in another way"); err != nil {
			t.Fatal(err)
		}
		if err := s.AddToken(ctx, Token{Hash: [32]byte{2, byte(i)}, Account: a.ID}); err != nil {
			t.Fatalf("a password that was only hashed anew: %v", err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := s.SetPassword(ctx, a.ID, "after"); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if err := another.AddToken(ctx, tok); err != nil && !errors.Is(err, ErrNotFound) {
				t.Error(err)
			}
		})
		wg.Wait()
		for _, n := range []byte{1, 2} {
			if _, _, err := s.Token(ctx, [32]byte{n, byte(i)}); !errors.Is(err, ErrNotFound) {
				t.Fatalf("try %d: signed in with the password of before: %v", i, err)
			}
		}
	}
}

func TestOnceWords(t *testing.T) { each(t, testOnceWords) }

func testOnceWords(t *testing.T, open func() *DB) {
	s, another, ctx := open(), open(), t.Context() // two relays
	a, b := addAccount(t, s, "desk1"), addAccount(t, s, "desk2")
	now := time.UnixMilli(1e12)
	word := func(i int) [32]byte { return [32]byte{byte(i), 1} }
	add := func(i int, account string) {
		t.Helper()
		if err := s.AddOnceWord(ctx, word(i), account, now, now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	use := func(what string, i int, account string, at time.Time, want error) {
		t.Helper()
		if err := another.UseOnceWord(ctx, word(i), account, at); !errors.Is(err, want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	add(1, a.ID)
	use("another's", 1, b.ID, now, ErrNotFound)
	use("after its time", 1, a.ID, now.Add(time.Minute), ErrNotFound)
	use("in time", 1, a.ID, now, nil)
	use("again", 1, a.ID, now, ErrNotFound)
	add(2, a.ID)
	add(3, b.ID)
	if err := s.SetPassword(ctx, a.ID, "h2"); err != nil {
		t.Fatal(err)
	}
	use("after a change of the password", 2, a.ID, now, ErrNotFound)
	use("another's after that", 3, b.ID, now, nil)
	for i := range 10 * maxOnceWords {
		add(10+i, a.ID)
		var n int
		if err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM once_word`).Scan(&n); err != nil || n > maxOnceWords {
			t.Fatalf("%d words are kept: %v", n, err)
		}
	}
	use("the latest of many", 9+10*maxOnceWords, a.ID, now, nil)
	if err := s.AddOnceWord(ctx, word(1), "nobody", now, now.Add(time.Minute)); !errors.Is(err, ErrNotFound) {
		t.Errorf("for nobody: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestTokensAreExtendedAndPruned(t *testing.T) { each(t, testTokensAreExtendedAndPruned) }

func testTokensAreExtendedAndPruned(t *testing.T, open func() *DB) {
	s := open()
	ctx := t.Context()
	at := time.UnixMilli(1e12)
	s.AddAccount(ctx, Account{ID: "a", User: "a", Name: "a"})
	for i := range 3 {
		s.AddToken(ctx, Token{Hash: [32]byte{byte(i)}, Account: "a", Expires: at})
	}
	s.ExtendToken(ctx, [32]byte{0}, at.Add(1e9))
	s.RemoveToken(ctx, [32]byte{1})
	if err := s.PruneTokens(ctx, at); err != nil {
		t.Fatal(err)
	}
	for i, want := range []error{nil, ErrNotFound, ErrNotFound} {
		if _, _, err := s.Token(ctx, [32]byte{byte(i)}); !errors.Is(err, want) {
			t.Errorf("token %d: %v, want %v", i, err, want)
		}
	}
}

func TestHistory(t *testing.T) { each(t, testHistory) }

func testHistory(t *testing.T, open func() *DB) {
	s := open()
	ctx := t.Context()
	at := time.UnixMilli(1e12).UTC()
	for _, id := range []string{"a", "b", "c"} {
		if err := s.AddSession(ctx, SessionRecord{ID: id, Account: "x", User: "desk1", Routing: "0001", Created: at}); err != nil {
			t.Fatal(err)
		}
	}
	s.SessionTried(ctx, "a", 2)
	s.SessionJoined(ctx, "a", at.Add(1e9), "op", "cust")
	s.SessionEnded(ctx, "a", at.Add(2e9), "ended")
	if err := s.SessionEnded(ctx, "a", at.Add(3e9), "later"); !errors.Is(err, ErrNotFound) {
		t.Errorf("second end: %v", err)
	}
	s.SessionEnded(ctx, "b", at, "expired")
	if got, err := s.OpenSessions(ctx); err != nil || len(got) != 1 || got[0].ID != "c" {
		t.Errorf("open ones: %+v %v", got, err)
	}
	s.SessionEnded(ctx, "c", at.Add(4e9), "stopping")
	want := SessionRecord{"a", "x", "desk1", "0001", at, at.Add(1e9), at.Add(2e9), "ended", 2, "op", "cust", ""}
	if got, err := s.Session(ctx, "a"); err != nil || got != want {
		t.Errorf("session: %+v %v", got, err)
	}
	if got, err := s.EndedSince(ctx, at); err != nil || len(got) != 2 || got[0] != want || got[1].Reason != "stopping" {
		t.Errorf("ended since: %+v %v", got, err)
	}
	if name, err := s.Organisation(ctx); name != "" || err != nil {
		t.Errorf("organisation: %q %v", name, err)
	}
	s.SetOrganisation(ctx, "A")
	s.SetOrganisation(ctx, "B")
	if name, _ := s.Organisation(ctx); name != "B" {
		t.Errorf("organisation: %q", name)
	}
}

func TestOpenTogether(t *testing.T) {
	// A name that means something in a URL, too.
	path := filepath.Join(t.TempDir(), "50% of #1? ž.db")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			s, err := Open(context.Background(), path)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			id := string(rune('a' + i))
			if err := s.AddAccount(context.Background(), Account{ID: id, User: id, Name: id}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s := open(t, path)
	if all, err := s.Accounts(t.Context()); err != nil || len(all) != 8 {
		t.Errorf("%d accounts, %v", len(all), err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	files, _ := os.ReadDir(filepath.Dir(path))
	for _, f := range files {
		if info, _ := f.Info(); info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", f.Name(), info.Mode())
		}
	}
	if len(files) != 3 {
		t.Errorf("files: %v", files)
	}
}

func TestNewerDatabaseIsRefused(t *testing.T) { each(t, testNewerDatabaseIsRefused) }

func testNewerDatabaseIsRefused(t *testing.T, again func() *DB) {
	s := again()
	where := s.where
	if _, err := s.write.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, `+map[*dialect]string{sqliteDialect: "1", postgresDialect: "true"}[s.dialect]+`)`); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), where); err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("error: %v", err)
	}
}

func TestPasswords(t *testing.T) {
	h := NewHasher(cheap, 2)
	phc, err := h.Hash(t.Context(), "correct horse")
	if err != nil || !strings.HasPrefix(phc, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatal(phc, err)
	}
	if again, _ := h.Hash(t.Context(), "correct horse"); again == phc {
		t.Error("the same salt twice")
	}
	if ok, stale := h.CheckNow("correct horse", phc); !ok || stale {
		t.Error(ok, stale)
	}
	if ok, _ := h.CheckNow("Correct horse", phc); ok {
		t.Error("a wrong password is right")
	}
	if ok, stale := NewHasher(Params{128, 1, 1}, 1).CheckNow("correct horse", phc); !ok || !stale {
		t.Error(ok, stale)
	}
	// From the reference implementation (its test of "password" with "somesalt", -id -t 2 -m 16 -p 1).
	reference := "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, _ := h.CheckNow("password", reference); !ok {
		t.Error("the reference implementation's test vector does not match")
	}
	for _, bad := range []string{
		"", "x", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$" + strings.Repeat("A", 43),
		"$argon2id$v=19$m=99999999,t=1,p=1$c29tZXNhbHQ$" + strings.Repeat("A", 43),
		"$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$" + strings.Repeat("A", 43),
		"$argon2id$v=19$m=64,t=1,p=0$c29tZXNhbHQ$" + strings.Repeat("A", 43),
		"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$",
	} {
		if ok, _ := h.CheckNow("x", bad); ok {
			t.Errorf("let in by %q", bad)
		}
	}
}

func TestUnknownUsersTakeAsLong(t *testing.T) {
	h := NewHasher(Params{MemoryKiB: 8 << 10, Passes: 2, Lanes: 1}, 1)
	// The fastest of many tries of each, one after the other, so that a busy machine is as busy for both.
	known, unknown := time.Hour, time.Hour
	phc := h.HashNow("x")
	for range 40 {
		start := time.Now()
		h.CheckNow("wrong", phc)
		between := time.Now()
		h.CheckNow("wrong", "")
		known, unknown = min(known, between.Sub(start)), min(unknown, time.Since(between))
	}
	if unknown < known/2 || unknown > known*2 {
		t.Errorf("known %v, unknown %v", known, unknown)
	}
}

func TestHashesAreBounded(t *testing.T) {
	h := NewHasher(cheap, 1)
	release, err := h.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := h.Hash(ctx, "x"); !errors.Is(err, ErrBusy) {
		t.Errorf("second at once: %v", err)
	}
	release()
	if _, err := h.Hash(t.Context(), "x"); err != nil {
		t.Error(err)
	}
}

func TestCleaning(t *testing.T) {
	for in, want := range map[string]string{
		"Desk1": "desk1", " a.b_c-d@e+f ": "a.b_c-d@e+f", "": "", "a b": "", "đ": "", strings.Repeat("a", MaxUser+1): "",
	} {
		if got, err := CleanUser(in); got != want || (err == nil) != (want != "") {
			t.Errorf("user %q: %q %v", in, got, err)
		}
	}
	for in, want := range map[string]string{
		" Pomoč 1 ": "Pomoč 1", "도움말": "도움말", "": "", "a\nb": "", "a\u202eb": "", "a\xff": "", strings.Repeat("ž", MaxName+1): "",
	} {
		if got, err := CleanName(in); got != want || (err == nil) != (want != "") {
			t.Errorf("name %q: %q %v", in, got, err)
		}
	}
	if CheckPassword("1234567") == nil || CheckPassword("žžžžžžžž") != nil || CheckPassword(strings.Repeat("x", 2000)) == nil {
		t.Error("password rules")
	}
}

func BenchmarkPassword(b *testing.B) {
	h := NewHasher(DefaultParams, 1)
	for b.Loop() {
		h.HashNow("correct horse")
	}
}
