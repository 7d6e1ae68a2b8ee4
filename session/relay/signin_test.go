package relay

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"handrail/session/relay/store"
	"handrail/session/wire"
)

func TestSignIn(t *testing.T) {
	r := newRig(t)
	var in wire.SignedIn
	if status := r.call("POST", wire.SignInPath, "", wire.SignIn{User: " Desk1", Password: password}, &in); status != 200 {
		t.Fatalf("status %d", status)
	}
	if in.Name != "Help desk 1" || len(in.Token) != 43 || !in.Expires.Equal(r.clock.Now().Add(tokenLife)) {
		t.Errorf("signed in: %+v", in)
	}
	for _, c := range []struct {
		method, path, token string
		body                any
		status              int
		reason              wire.Reason
	}{
		{"POST", wire.SignInPath, "", wire.SignIn{User: "desk1", Password: "wrong"}, 401, wire.ReasonSignIn},
		{"POST", wire.SignInPath, "", wire.SignIn{User: "nobody", Password: password}, 401, wire.ReasonSignIn},
		{"POST", wire.SignInPath, "", wire.SignIn{User: "desk1", Password: strings.Repeat("x", 2000)}, 401, wire.ReasonSignIn},
		{"POST", wire.SignInPath, "", "{", 400, wire.ReasonMalformed},
		{"POST", wire.SignInPath, "", strings.Repeat(" ", maxBody+1), 413, wire.ReasonTooLarge},
		{"GET", wire.SessionsPath, "", nil, 401, wire.ReasonSignIn},
		{"GET", wire.SessionsPath, "x", nil, 401, wire.ReasonSignIn},
		{"POST", wire.SessionsPath, in.Token, "", 400, wire.ReasonMalformed},
		{"DELETE", wire.SessionsPath + "/x", in.Token, nil, 404, wire.ReasonNotFound},
		{"PUT", wire.SessionsPath, in.Token, nil, 404, wire.ReasonNotFound},
		{"GET", "/nothing", "", nil, 404, wire.ReasonNotFound},
	} {
		var f wire.Failure
		status := r.call(c.method, c.path, c.token, c.body, &f)
		if status != c.status || f.Reason != c.reason || f.Text != c.reason.Sentence() {
			t.Errorf("%s %s %.40v: %d %+v, want %d %s", c.method, c.path, c.body, status, f, c.status, c.reason)
		}
	}
	var h wire.Health
	if status := r.call("GET", wire.HealthPath, "", nil, &h); status != 200 || h != (wire.Health{Status: "ok", Version: wire.Version}) {
		t.Errorf("health: %d %+v", status, h)
	}
}

func TestTokensEnd(t *testing.T) {
	r := newRig(t)
	list := func(token string) int { return r.call("GET", wire.SessionsPath, token, nil, nil) }
	token := r.signIn()
	for range 3 { // used every 11 hours it goes on
		r.clock.advance(11 * time.Hour)
		if status := list(token); status != 200 {
			t.Fatalf("status %d", status)
		}
	}
	r.clock.advance(tokenLife)
	if status := list(token); status != 401 {
		t.Errorf("expired: %d", status)
	}
	token = r.signIn()
	if status := r.call("DELETE", wire.SignInPath, token, nil, nil); status != 204 {
		t.Errorf("sign out: %d", status)
	}
	if status := list(token); status != 401 {
		t.Errorf("signed out: %d", status)
	}
	a, _ := r.db.AccountByUser(t.Context(), "desk1")
	token = r.signIn()
	if err := r.db.SetDisabled(t.Context(), a.ID, true); err != nil {
		t.Fatal(err)
	}
	if status := list(token); status != 401 {
		t.Errorf("disabled: %d", status)
	}
	if status := r.call("POST", wire.SignInPath, "", wire.SignIn{User: "desk1", Password: password}, nil); status != 401 {
		t.Errorf("sign-in of disabled account: %d", status)
	}
}

// slowSignIns is a store in which something happens between the check of a password and the token.
type slowSignIns struct {
	*store.DB
	meanwhile func()
}

func (s slowSignIns) AddToken(ctx context.Context, t store.Token) error {
	s.meanwhile()
	return s.DB.AddToken(ctx, t)
}

// TestNobodySignsInWithThePasswordOfBefore changes it while sign-ins are under way.
func TestNobodySignsInWithThePasswordOfBefore(t *testing.T) {
	var change func()
	r := newRig(t, func(c *Config) {
		c.Store = slowSignIns{c.Store.(*store.DB), func() {
			if change != nil {
				change()
			}
		}}
	})
	a, err := r.db.AccountByUser(t.Context(), "desk1")
	if err != nil {
		t.Fatal(err)
	}
	word, err := r.srv.desk.Once(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	late, err := r.srv.desk.Once(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	var tokens int
	change = func() {
		if err := r.db.SetPassword(t.Context(), a.ID, a.PasswordHash); err != nil {
			t.Error(err)
		}
	}
	for _, secret := range []string{word, password} { // the word first, which the change makes void as well
		if status := r.signInStatus("desk1", secret); status != 401 {
			t.Errorf("the program: %d", status)
		}
	}
	v := &visitor{rig: r}
	v.do("/desk/signin", url.Values{"user": {"desk1"}, "password": {password}}).want(401)
	change = nil
	if status := r.signInStatus("desk1", late); status != 401 {
		t.Errorf("a word of before the change: %d", status)
	}
	if db, err := sql.Open("sqlite", filepath.Join(r.dir, store.FileName)); err != nil {
		t.Error(err)
	} else if err := errors.Join(db.QueryRow(`SELECT count(*) FROM token`).Scan(&tokens), db.Close()); err != nil || tokens != 0 {
		t.Errorf("%d sign-ins, %v", tokens, err)
	}
	// Hashed anew by somebody else meanwhile, it is the same password.
	change = func() {
		now, err := r.db.AccountByUser(t.Context(), "desk1")
		hash, herr := r.srv.hasher.Hash(t.Context(), password)
		if err := errors.Join(err, herr, r.db.Rehash(t.Context(), a.ID, now.PasswordHash, hash)); err != nil {
			t.Error(err)
		}
	}
	if status := r.signInStatus("desk1", password); status != 200 {
		t.Errorf("hashed anew meanwhile: %d", status)
	}
}

func TestFailedSignInsAreLimited(t *testing.T) {
	r := newRig(t)
	burst := DefaultLimits.FailedSignIns.Burst
	try := func(address, user, pass string) wire.Reason {
		_, reason := r.srv.check(t.Context(), address, wire.SignIn{User: user, Password: pass})
		return reason
	}
	if got := try("owner", "desk1", password); got != "" { // the owner's usual address
		t.Fatal(got)
	}
	for i := range burst { // many addresses guess one account
		if got := try(fmt.Sprint("guess", i), "desk1", "wrong"); got != wire.ReasonSignIn {
			t.Fatalf("guess %d: %s", i, got)
		}
	}
	if got := try("guess", "desk1", password); got != wire.ReasonTooManyTries {
		t.Errorf("an account that is being guessed, from elsewhere: %q", got)
	}
	if got := try("owner", "desk1", password); got != "" {
		t.Errorf("its owner is locked out: %q", got)
	}
	r.clock.advance(DefaultLimits.FailedSignIns.Every)
	if got := try("elsewhere", "desk1", password); got != "" {
		t.Errorf("locked for longer than one step: %q", got)
	}
	for i := range burst { // one address guesses many accounts, none of which exists
		if got := try("sweeper", fmt.Sprint("user", i), "wrong"); got != wire.ReasonSignIn {
			t.Fatalf("guess %d: %s", i, got)
		}
	}
	if got := try("sweeper", "desk1", password); got != wire.ReasonTooManyTries {
		t.Errorf("address over its limit: %q", got)
	}
	for range 3 * burst { // right ones do not count
		if got := try("owner", "desk1", password); got != "" {
			t.Fatal(got)
		}
	}
}

func TestRestartKeepsAccountsAndSignIns(t *testing.T) {
	r := newRig(t)
	token := r.signIn()
	s := r.newSession(token)
	r.waitFor(func(*directory) bool { _, err := r.db.Session(t.Context(), s.ID); return err == nil })
	r.close()

	again := startRig(t, r.dir, r.clock)
	if status := again.call("GET", wire.SessionsPath, token, nil, nil); status != http.StatusOK {
		t.Errorf("token after restart: %d", status)
	}
	again.signIn()
	again.operator(token, s.ID).expect(wire.Welcome, "")
	if _, taken := again.srv.dir.numbers.taken[s.Routing]; !taken {
		t.Error("the routing number does not rest")
	}
}

func TestPasswordsAreHashedAnew(t *testing.T) {
	r := newRig(t)
	r.signIn()
	before, _ := r.db.AccountByUser(t.Context(), "desk1")
	r.srv.hasher = store.NewHasher(store.Params{MemoryKiB: 128, Passes: 1, Lanes: 1}, 1)
	r.signIn()
	after, _ := r.db.AccountByUser(t.Context(), "desk1")
	if before.PasswordHash == after.PasswordHash || !strings.Contains(after.PasswordHash, "m=128,") {
		t.Errorf("hash: %s", after.PasswordHash)
	}
	r.signIn()
}

func TestSessionsAreLimited(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.SessionsPerAccount = 2 })
	token := r.signIn()
	first := r.newSession(token)
	r.newSession(token)
	if status := r.call("POST", wire.SessionsPath, token, wire.NewSession{}, nil); status != 429 {
		t.Errorf("third session: %d", status)
	}
	r.call("DELETE", wire.SessionsPath+"/"+first.ID, token, nil, nil)
	r.newSession(token)
}

// TestALimitIsNotForgotten lets strangers try many names, so that a guessed account's limit is forgotten.
func TestALimitIsNotForgotten(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.Table = 100 })
	try := func(address, user string) wire.Reason {
		_, reason := r.srv.check(t.Context(), address, wire.SignIn{User: user, Password: "wrong"})
		return reason
	}
	for i := range DefaultLimits.FailedSignIns.Burst {
		try(fmt.Sprint("guess", i), "desk1")
	}
	// Names that nobody has checked yet, because their passwords still queue, cost whoever sends them nothing.
	for i := range 1000 {
		within(r.srv.limits.signIn("guess", fmt.Sprint("queued", i)))
	}
	if got := try("another", "desk1"); got != wire.ReasonTooManyTries {
		t.Errorf("after many names that wait: %q", got)
	}
	// Those that have been tried cost a little, and are forgotten first.
	for i := range 300 {
		try(fmt.Sprint("many", i), fmt.Sprint("user", i))
	}
	if got := try("another", "desk1"); got != wire.ReasonTooManyTries {
		t.Errorf("after many names that were tried: %q", got)
	}
	if n := len(r.srv.limits.signInAccount.keys); n > 100 {
		t.Errorf("%d accounts are remembered", n)
	}
}

func TestTablesAreBounded(t *testing.T) {
	c := newClock()
	tb := newTable(Rate{2, time.Second}, 3, c.Now)
	for i := range 100 {
		tb.take(fmt.Sprint(i))
	}
	if len(tb.keys) != 3 || len(tb.buckets) != 3 {
		t.Errorf("%d keys, %d buckets", len(tb.keys), len(tb.buckets))
	}
	tb.take("99")
	if tb.take("99") || tb.left("99") {
		t.Error("third within the limit of two")
	}
	if !tb.left("unknown") || tb.has("unknown") {
		t.Error("asking has changed the table")
	}
	for i := range 100 { // it takes more than one each to push out who took two
		tb.take(fmt.Sprint("more", i))
	}
	if tb.left("99") || len(tb.keys) != 3 {
		t.Error("pushed out by those who took less")
	}
	c.advance(time.Second)
	if !tb.left("99") || !tb.take("99") {
		t.Error("no more after a second")
	}
	for address, want := range map[string]string{
		"192.0.2.1:5": "192.0.2.1", "[2001:db8:1:2:3::4]:5": "2001:db8:1:2::/64", "[::ffff:192.0.2.1]:5": "192.0.2.1",
		"[fe80::1%eth0]:5": "fe80::/64", "": "unknown",
	} {
		if got := addressKey(address); got != want {
			t.Errorf("%s counts as %s, want %s", address, got, want)
		}
	}
}

func TestRoutingNumbersGrow(t *testing.T) {
	n := newNumbers()
	seen := map[string]bool{}
	for i := range 10_000/routingShare + 100 {
		number, err := n.pick()
		if err != nil || seen[number] {
			t.Fatalf("%s %v", number, err)
		}
		seen[number] = true
		want := minRouting
		if i >= 10_000/routingShare {
			want++
		}
		if len(number) != want || !digits(number) {
			t.Fatalf("number %d: %s", i, number)
		}
	}
	now := time.Now()
	for number := range seen {
		n.take(number, now.Add(routingRest))
	}
	n.sweep(now.Add(routingRest - 1))
	if len(n.taken) != len(seen) {
		t.Error("a number rested too short")
	}
	n.sweep(now.Add(routingRest))
	if number, _ := n.pick(); len(n.taken) != 1 || len(number) != minRouting {
		t.Errorf("%d taken after rest, %s picked", len(n.taken), number)
	}
}
