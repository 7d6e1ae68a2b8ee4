package store

import (
	"errors"
	"slices"
	"testing"
	"time"
)

func addAccount(t *testing.T, s *DB, user string) Account {
	t.Helper()
	a := Account{ID: NewID(), User: user, Name: "Help " + user, PasswordHash: "h", Created: time.Now()}
	if err := s.AddAccount(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestKeys(t *testing.T) { each(t, testKeys) }

func testKeys(t *testing.T, open func() *DB) {
	s, ctx := open(), t.Context()
	a, b := addAccount(t, s, "boss"), addAccount(t, s, "desk1")
	at := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	k := Key{ID: NewID(), Account: a.ID, Name: "tickets", Hash: [32]byte{1}, Scopes: []string{"sessions", "reports"}, Created: at, Expires: at.Add(time.Hour)}
	if err := s.AddKey(ctx, k); err != nil {
		t.Fatal(err)
	}
	twin := k
	twin.ID = NewID()
	if err := s.AddKey(ctx, twin); !errors.Is(err, ErrExists) {
		t.Errorf("the same key again: %v", err)
	}
	if err := s.KeyUsed(ctx, k.ID, at.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	got, account, err := s.Key(ctx, k.Hash)
	if err != nil || account.User != "boss" || got.Name != k.Name || !slices.Equal(got.Scopes, k.Scopes) || !got.Expires.Equal(k.Expires) ||
		!got.Used.Equal(at.Add(time.Minute)) || got.Hash != k.Hash {
		t.Errorf("%+v %+v %v", got, account, err)
	}
	if _, _, err := s.Key(ctx, [32]byte{2}); !errors.Is(err, ErrNotFound) {
		t.Errorf("an unknown key: %v", err)
	}
	if err := s.RemoveKey(ctx, b.ID, k.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("somebody else's key: %v", err)
	}
	if all, err := s.Keys(ctx, b.ID); err != nil || len(all) != 0 {
		t.Errorf("%v %v", all, err)
	}
	if all, err := s.Keys(ctx, ""); err != nil || len(all) != 1 || all[0].ID != k.ID {
		t.Errorf("%v %v", all, err)
	}
	if err := s.RemoveAccount(ctx, a.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Key(ctx, k.Hash); !errors.Is(err, ErrNotFound) {
		t.Errorf("the key of an account that is gone: %v", err)
	}
}

func TestPasswordLinks(t *testing.T) { each(t, testPasswordLinks) }

func testPasswordLinks(t *testing.T, open func() *DB) {
	s, ctx := open(), t.Context()
	a := addAccount(t, s, "desk1")
	now := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	first, second := [32]byte{1}, [32]byte{2}
	for _, h := range [][32]byte{first, second} {
		if err := s.AddPasswordLink(ctx, h, a.ID, now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.AddPasswordLink(ctx, [32]byte{3}, "nobody", now.Add(time.Hour)); !errors.Is(err, ErrNotFound) {
		t.Errorf("for nobody: %v", err)
	}
	if _, err := s.PasswordLink(ctx, first, now); !errors.Is(err, ErrNotFound) {
		t.Errorf("the link before: %v", err)
	}
	if got, err := s.PasswordLink(ctx, second, now); err != nil || got.ID != a.ID {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := s.PasswordLink(ctx, second, now.Add(time.Hour)); !errors.Is(err, ErrNotFound) {
		t.Errorf("after its time: %v", err)
	}
	if err := s.UsePasswordLink(ctx, second, now.Add(time.Hour)); !errors.Is(err, ErrNotFound) {
		t.Errorf("used after its time: %v", err)
	}
	if err := s.UsePasswordLink(ctx, second, now); err != nil {
		t.Errorf("used: %v", err)
	}
	if err := s.UsePasswordLink(ctx, second, now); !errors.Is(err, ErrNotFound) {
		t.Errorf("used again: %v", err)
	}
}

func TestAbuseReports(t *testing.T) { each(t, testAbuseReports) }

func testAbuseReports(t *testing.T, open func() *DB) {
	s, ctx := open(), t.Context()
	now := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	for i, user := range []string{"old", "desk1"} {
		r := SessionRecord{ID: user, Account: "a" + user, User: user, Routing: "4821", Created: now.Add(time.Duration(i-2) * time.Hour)}
		if err := s.AddSession(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	for id, routing := range map[string]string{"r1": "4821", "r2": "9999"} {
		if err := s.AddAbuseReport(ctx, AbuseReport{ID: id, At: now, Routing: routing, Text: "<b>he wants money</b>"}, now.Add(-24*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.AbuseReports(ctx, 10)
	if err != nil || len(all) != 2 || all[0].User != "desk1" || all[0].Session != "desk1" || all[1].User != "" {
		t.Errorf("%+v %v", all, err)
	}
	if err := s.AbuseDone(ctx, "r1", now); err != nil {
		t.Fatal(err)
	}
	if err := s.AbuseDone(ctx, "r3", now); !errors.Is(err, ErrNotFound) {
		t.Errorf("no such report: %v", err)
	}
	if n, err := s.OpenAbuseReports(ctx); err != nil || n != 1 {
		t.Errorf("%d %v", n, err)
	}
	if all, _ := s.AbuseReports(ctx, 10); all[0].ID != "r2" || all[1].Done.IsZero() {
		t.Errorf("%+v", all)
	}
	if err := s.PruneAbuse(ctx, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if all, _ := s.AbuseReports(ctx, 10); len(all) != 1 {
		t.Errorf("%+v", all)
	}
}

func TestReport(t *testing.T) { each(t, testReport) }

func testReport(t *testing.T, open func() *DB) {
	s, ctx := open(), t.Context()
	day := time.Date(2026, 5, 6, 0, 0, 0, 0, time.UTC)
	for i, r := range []SessionRecord{
		{User: "desk1", Created: day.Add(time.Hour), Joined: day.Add(time.Hour), Ended: day.Add(90 * time.Minute)},
		{User: "desk1", Created: day.Add(23 * time.Hour), Joined: day.Add(23 * time.Hour)},
		{User: "desk1", Created: day.Add(2 * time.Hour), Ended: day.Add(3 * time.Hour)},
		{User: "desk2", Created: day.Add(24 * time.Hour), Joined: day.Add(24 * time.Hour), Ended: day.Add(25 * time.Hour)},
		{User: "desk2", Created: day.Add(-time.Hour)},
	} {
		r.ID, r.Account, r.Routing = NewID(), r.User, string(rune('1'+i))
		if err := s.AddSession(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := s.Report(ctx, "", day, day.Add(48*time.Hour), day.Add(24*time.Hour))
	if err != nil || len(rows) != 2 {
		t.Fatalf("%+v %v", rows, err)
	}
	if r := rows[1]; !r.Day.Equal(day) || r.User != "desk1" || r.Sessions != 3 || r.Joined != 2 || r.Length != 90*time.Minute || r.Longest != time.Hour {
		t.Errorf("%+v", r)
	}
	if r := rows[0]; r.User != "desk2" || r.Sessions != 1 || r.Length != time.Hour {
		t.Errorf("%+v", r)
	}
	if rows, err := s.Report(ctx, "desk1", day, day.Add(48*time.Hour), day); err != nil || len(rows) != 1 {
		t.Errorf("%+v %v", rows, err)
	}
}

func TestBranding(t *testing.T) { each(t, testBranding) }

func testBranding(t *testing.T, open func() *DB) {
	s, ctx := open(), t.Context()
	if b, err := s.Branding(ctx); err != nil || b.Accent != "" || b.Allowed != nil {
		t.Errorf("%+v %v", b, err)
	}
	want := Branding{Accent: "#102030", Footer: "<b>", Allowed: []string{"view"}}
	if err := errors.Join(s.SetBranding(ctx, want), s.SetLogo(ctx, []byte{0, 255})); err != nil {
		t.Fatal(err)
	}
	if b, err := s.Branding(ctx); err != nil || b.Accent != want.Accent || b.Footer != want.Footer || !slices.Equal(b.Allowed, want.Allowed) {
		t.Errorf("%+v %v", b, err)
	}
	if logo, err := s.Logo(ctx); err != nil || !slices.Equal(logo, []byte{0, 255}) {
		t.Errorf("%v %v", logo, err)
	}
}
