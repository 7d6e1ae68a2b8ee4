package relay

import (
	"crypto/hmac"
	"crypto/sha1"
	"database/sql"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"handrail/session/relay/pages"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

// visitor is a browser without scripts.
type visitor struct {
	*rig
	cookie string
	page   string // the last one
	status int
	where  string // Location, when that was a redirect
	header http.Header
}

var formField = regexp.MustCompile(`name="form" value="([0-9a-f]+)"`)

// do asks for a page; form nil is a GET. Header has pairs of names and values.
func (v *visitor) do(path string, form url.Values, header ...string) *visitor {
	v.t.Helper()
	method, body := "GET", io.Reader(nil)
	if form != nil {
		method, body = "POST", strings.NewReader(form.Encode())
	}
	req, err := http.NewRequest(method, v.web.URL+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if v.cookie != "" {
		req.Header.Set("Cookie", "__Host-handrail="+v.cookie)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range resp.Cookies() {
		if c.Name != "__Host-handrail" {
			continue
		}
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			v.t.Errorf("cookie %+v", c)
		}
		v.cookie = c.Value
	}
	v.page, v.status, v.where, v.header = string(data), resp.StatusCode, resp.Header.Get("Location"), resp.Header
	return v
}

// form adds what the last page's forms carry.
func (v *visitor) form(pairs ...string) url.Values {
	f := url.Values{}
	if m := formField.FindStringSubmatch(v.page); m != nil {
		f.Set("form", m[1])
	}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

func (v *visitor) want(status int, parts ...string) *visitor {
	v.t.Helper()
	if v.status != status {
		v.t.Errorf("status %d, not %d: %s", v.status, status, v.page)
	}
	for _, p := range parts {
		if !strings.Contains(html.UnescapeString(v.page), p) {
			v.t.Errorf("the page lacks %q: %s", p, v.page)
		}
	}
	return v
}

func (r *rig) visitor(user string) *visitor {
	r.t.Helper()
	v := &visitor{rig: r}
	v.do("/desk/signin", url.Values{"user": {user}, "password": {password}})
	if v.status != 303 || v.where != "/desk" || v.cookie == "" {
		r.t.Fatalf("sign-in: %d %s", v.status, v.page)
	}
	return v.do("/desk", nil)
}

func TestSignInOnThePages(t *testing.T) {
	r := newRig(t)
	v := &visitor{rig: r}
	v.do("/desk", nil)
	if v.status != 303 || v.where != "/desk/signin" {
		t.Errorf("without a cookie: %d %s", v.status, v.where)
	}
	v.do("/desk/signin", url.Values{"user": {`"><script>`}, "password": {"wrong"}}).want(401, "not right")
	if strings.Contains(v.page, "<script>") || v.cookie != "" {
		t.Errorf("after a wrong password: %s", v.page)
	}
	// A cookie that somebody has planted, known or not, is not the one of the sign-in.
	v.cookie = "planted"
	v.do("/desk/signin", url.Values{"user": {"desk1"}, "password": {password}})
	fixed := v.cookie
	if fixed == "planted" || fixed == "" {
		t.Error("the cookie was not replaced")
	}
	v.do("/desk/signin", url.Values{"user": {"desk1"}, "password": {password}})
	if v.cookie == fixed {
		t.Error("a second sign-in has the same cookie")
	}
	old := &visitor{rig: r, cookie: fixed}
	if old.do("/desk", nil); old.status != 303 {
		t.Errorf("the cookie before is still good: %d", old.status)
	}
	v.do("/desk", nil).want(200, "Start a new session", "Help desk 1")
	for _, admin := range []string{"/desk/admin/accounts", "/desk/admin/audit", "/desk/admin/sessions", "/desk/admin/report.csv"} {
		if v.do(admin, nil); v.status != 404 {
			t.Errorf("%s for an operator: %d", admin, v.status)
		}
	}
	v.do("/desk", nil).do("/desk/signout", v.form())
	if v.status != 303 || v.cookie != "" {
		t.Errorf("sign-out: %d, cookie %q", v.status, v.cookie)
	}
}

// TestFormsOfOthersAreRefused sends what another site could make a browser send.
func TestFormsOfOthersAreRefused(t *testing.T) {
	r := newRig(t)
	v := r.visitor("desk1")
	other := (&visitor{rig: r}).do("/desk/signin", url.Values{"user": {"desk1"}, "password": {password}}).do("/desk", nil)
	for name, c := range map[string]struct {
		form   url.Values
		header []string
	}{
		"no form token":       {url.Values{}, nil},
		"wrong form token":    {url.Values{"form": {"00"}}, nil},
		"form of another":     {other.form(), nil},
		"another site":        {v.form(), []string{"Sec-Fetch-Site", "cross-site"}},
		"another origin":      {v.form(), []string{"Sec-Fetch-Site", "", "Origin", "https://evil.example"}},
		"a null origin":       {v.form(), []string{"Sec-Fetch-Site", "", "Origin", "null"}},
		"a neighbouring site": {v.form(), []string{"Sec-Fetch-Site", "same-site"}},
		"too large":           {v.form("x", strings.Repeat("x", 20_000)), nil},
	} {
		for _, path := range []string{"/desk/signout", "/desk/start", "/desk/account/second"} {
			page := v.page
			if v.do(path, c.form, c.header...); v.status != 403 {
				t.Errorf("%s, %s: %d", name, path, v.status)
			}
			v.page = page
		}
	}
	form := url.Values{"user": {"desk1"}, "password": {password}}
	if v.do("/desk/signin", form, "Sec-Fetch-Site", "cross-site"); v.status != 403 {
		t.Errorf("a sign-in from another site: %d", v.status)
	}
	v.do("/desk", nil).want(200) // still signed in
	if v.do("/desk/signout", nil); v.status < 400 {
		t.Errorf("signed out by a link: %d", v.status)
	}
}

func TestGuessingOnThePages(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.FailedSignIns = Rate{3, time.Minute} })
	owner := r.visitor("desk1")
	v := &visitor{rig: r}
	for range 3 {
		v.do("/desk/signin", url.Values{"user": {"desk1"}, "password": {"guess"}}).want(401)
	}
	v.do("/desk/signin", url.Values{"user": {"desk1"}, "password": {password}},
		"X-Forwarded-For", "192.0.2.1").want(429, "too many tries")
	if v.header.Get("Retry-After") == "" || v.cookie != "" {
		t.Error("over the limit, and yet")
	}
	// Whoever is signed in stays so, though guesses at the password on the account's page count as well.
	owner.do("/desk/account", nil)
	owner.do("/desk/account/password", owner.form("password", "guess", "new", "another horse")).want(422, "too many tries")
}

func TestSessionsOnThePages(t *testing.T) {
	r := newRig(t)
	r.addAccount("desk2", "Help desk 2")
	v, other := r.visitor("desk1"), r.visitor("desk2")
	v.do("/desk/start", v.form()).want(200, "handrail:operate?")
	link := regexp.MustCompile(`handrail:operate\?([^"]+)`).FindStringSubmatch(html.UnescapeString(v.page))
	q, err := url.ParseQuery(link[1])
	if err != nil || q.Get("user") != "desk1" {
		t.Fatalf("link %q", link)
	}
	in := r.tokenOf("desk1", q.Get("once"))
	if status := r.call("POST", wire.SignInPath, "", wire.SignIn{User: "desk1", Password: q.Get("once")}, nil); status != 401 {
		t.Errorf("the word signs in again: %d", status)
	}
	var s wire.Session
	if status := r.call("POST", wire.SessionsPath, in, wire.NewSession{}, &s); status != 201 {
		t.Fatalf("new session: %d", status)
	}
	v.do("/desk", nil).want(200, s.Routing+" ··· ···", "Waiting", `<td class="number">–</td>`)
	operator := r.operator(in, s.ID)
	operator.expect(wire.Welcome, "")
	r.customer(s.Routing).expect(wire.Welcome, "")
	operator.expect(wire.Paired, "")
	v.do("/desk", nil).want(200, "Customer", `<td class="number">127.0.0.1</td>`)
	if other.do("/desk", nil); strings.Contains(other.page, s.Routing) {
		t.Error("somebody else's session is listed")
	}
	other.do("/desk/sessions/"+s.ID+"/end", other.form())
	v.do("/desk", nil).want(200, s.Routing)
	v.do("/desk/sessions/"+s.ID+"/end", v.form())
	if v.do("/desk", nil); strings.Contains(v.page, s.Routing) {
		t.Error("the session has not ended")
	}
	deadline := time.Now().Add(20 * time.Second) // the journal writes in its own time
	for v.do("/desk/history", nil); !strings.Contains(v.page, s.Routing) && time.Now().Before(deadline); v.do("/desk/history", nil) {
		time.Sleep(10 * time.Millisecond)
	}
	v.want(200, s.Routing, "Nobody joined")

	// A word for one account is no good for another, nor after its minute.
	v.do("/desk", nil).do("/desk/start", v.form())
	word := regexp.MustCompile(`once=(once-[A-Z0-9]+)`).FindStringSubmatch(v.page)[1]
	if status := r.call("POST", wire.SignInPath, "", wire.SignIn{User: "desk2", Password: word}, nil); status != 401 {
		t.Errorf("for another account: %d", status)
	}
	v.do("/desk", nil).do("/desk/start", v.form())
	word = regexp.MustCompile(`once=(once-[A-Z0-9]+)`).FindStringSubmatch(v.page)[1]
	r.clock.advance(2 * time.Minute)
	if status := r.call("POST", wire.SignInPath, "", wire.SignIn{User: "desk1", Password: word}, nil); status != 401 {
		t.Errorf("after its time: %d", status)
	}
}

// tokenOf signs in as the operator's program does.
func (r *rig) tokenOf(user, password string) string {
	r.t.Helper()
	var in wire.SignedIn
	if status := r.call("POST", wire.SignInPath, "", wire.SignIn{User: user, Password: password}, &in); status != 200 {
		r.t.Fatalf("sign-in: %d", status)
	}
	return in.Token
}

// digitsNow is what an authenticator shows: RFC 6238.
func digitsNow(secret []byte, now time.Time) string {
	mac := hmac.New(sha1.New, secret)
	binary.Write(mac, binary.BigEndian, now.Unix()/30)
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1_000_000)
}

// changeStore changes the database behind the relay's back.
func changeStore(t *testing.T, dir, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

// signInStatus tries to sign in as the operator's program does.
func (r *rig) signInStatus(user, password string) int {
	return r.call("POST", wire.SignInPath, "", wire.SignIn{User: user, Password: password}, nil)
}

// TestKeysAskForThePassword has somebody at an open browser want a key, which would outlive the browser's sign-in.
func TestKeysAskForThePassword(t *testing.T) {
	r := newRig(t)
	v := r.visitor("desk1")
	asks := map[string]string{
		"en": "Present password", "sl": "Sedanje geslo", "de": "Bisheriges Passwort", "nb": "Nåværende passord", "ko": "현재 비밀번호",
	}
	for lang, label := range asks {
		v.do("/desk/keys?lang="+lang, nil).want(200, label, `name="password" type="password"`)
	}
	v.do("/desk/keys?lang=en", nil)
	keys := func() int {
		a, err := r.db.AccountByUser(t.Context(), "desk1")
		if err != nil {
			t.Fatal(err)
		}
		keys, err := r.db.Keys(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		return len(keys)
	}
	once := regexp.MustCompile(`once=(once-\w+)`).FindStringSubmatch(v.do("/desk/start", v.form()).page)
	for _, wrong := range []string{"", "wrong", once[1]} {
		form := v.do("/desk/keys", nil).form("name", "tickets", "scope", "sessions:read", "days", "90", "password", wrong)
		// What was filled in besides stays.
		v.do("/desk/keys", form).want(422, "present password is not right", `value="tickets"`, `value="sessions:read" checked`)
		if keys() > 0 || strings.Contains(v.page, "hrk_") {
			t.Errorf("a key for the password %q", wrong)
		}
	}
	v.do("/desk/keys", v.form("name", "tickets", "scope", "sessions:read", "days", "90", "password", password)).want(200, "hrk_")
	if keys() != 1 {
		t.Error("no key")
	}
}

func TestSecondFactor(t *testing.T) {
	r := newRig(t)
	v := r.visitor("desk1")
	v.do("/desk/account", nil)
	// Somebody who passes by an open browser cannot set one up that keeps its owner out.
	for _, wrong := range []string{"", "wrong"} {
		v.do("/desk/account/second", v.form("password", wrong)).want(422, "present password is not right")
		if v.do("/desk/account", nil); strings.Contains(v.page, "Six digits from the app") {
			t.Errorf("set up with the password %q", wrong)
		}
	}
	v.do("/desk/account/second", v.form("password", password)).want(303)
	v.do("/desk/account", nil).want(200, "Six digits from the app")
	text := regexp.MustCompile(`<code>([A-Z2-7]{32})</code>`).FindStringSubmatch(v.page)
	secret, err := base32.StdEncoding.DecodeString(text[1])
	if err != nil {
		t.Fatal(err)
	}
	if status := r.signInStatus("desk1", password); status != 200 {
		t.Errorf("before it is confirmed: %d", status)
	}
	for _, wrong := range []string{"", "wrong"} {
		form := v.form("password", wrong, "second", digitsNow(secret, r.clock.Now()))
		v.do("/desk/account/second/confirm", form).want(422, "present password is not right")
	}
	if status := r.signInStatus("desk1", password); status != 200 {
		t.Errorf("after somebody without the password has confirmed it: %d", status)
	}
	v.do("/desk/account/second/confirm", v.form("password", password, "second", "000000")).want(422, "digits are not right")
	v.do("/desk/account/second/confirm", v.form("password", password, "second", digitsNow(secret, r.clock.Now()))).want(200, "recovery codes")
	codes := regexp.MustCompile(`<li><code>([a-z2-7-]{19})</code>`).FindAllStringSubmatch(v.page, -1)
	if len(codes) != 10 {
		t.Fatalf("%d codes: %s", len(codes), v.page)
	}

	try := func(second string, status int) {
		t.Helper()
		(&visitor{rig: r}).do("/desk/signin", url.Values{"user": {"desk1"}, "password": {password}, "second": {second}}).want(status)
	}
	try("", 401)
	try(digitsNow(secret, r.clock.Now()), 401) // was used to set it up
	r.clock.advance(time.Minute)
	digits := digitsNow(secret, r.clock.Now())
	try(digits, 303)
	try(digits, 401) // no step counts twice
	try(codes[0][1], 303)
	try(codes[0][1], 401)
	try(strings.ToUpper(strings.ReplaceAll(codes[1][1], "-", " ")), 303)
	r.clock.advance(time.Minute)
	if status := r.signInStatus("desk1", password); status != 401 {
		t.Errorf("the program with the password alone: %d", status)
	}
	if status := r.signInStatus("desk1", password+digitsNow(secret, r.clock.Now())); status != 200 {
		t.Errorf("the program with the digits behind the password: %d", status)
	}
	v.do("/desk/account", nil).want(200, "left: 8")
	if strings.Contains(v.page, text[1]) {
		t.Error("the page still shows the secret")
	}
	v.do("/desk/account/second", v.form("password", password)).do("/desk/account", nil).want(200, "left: 8") // cannot be set up over it
	r.clock.advance(time.Minute)
	v.do("/desk/account/second/remove", v.form("password", "wrong")).want(422)
	v.do("/desk/account/second/remove", v.form("password", password))
	try("", 303)
}

func TestPasswordIsChangedOnThePages(t *testing.T) {
	r := newRig(t)
	v, elsewhere := r.visitor("desk1"), r.visitor("desk1")
	v.do("/desk/account", nil)
	v.do("/desk/account/password", v.form("password", "wrong", "new", "another horse")).want(422, "present password is not right")
	word := v.do("/desk", nil).do("/desk/start", v.form())
	once := regexp.MustCompile(`once=(once-[A-Z0-9]+)`).FindStringSubmatch(word.page)[1]
	v.do("/desk/account", nil)
	v.do("/desk/account/password", v.form("password", once, "new", "another horse")).want(422, "present password is not right")
	v.do("/desk/account/password", v.form("password", password, "new", "short")).want(422, "too short")
	v.do("/desk/account/password", v.form("password", password, "new", "another horse")).want(303)
	if elsewhere.do("/desk", nil); elsewhere.status != 303 {
		t.Error("signed in elsewhere with the old password")
	}
	if status := r.signInStatus("desk1", "another horse"); status != 200 {
		t.Errorf("the new password: %d", status)
	}
}

func TestAdministration(t *testing.T) {
	const hostile = `=cmd|' /C calc'!A0<script>alert(1)</script>`
	r := newRig(t)
	boss := r.addAccount("boss", "Boss")
	if err := r.db.SetAdministrator(t.Context(), boss.ID, true); err != nil {
		t.Fatal(err)
	}
	v := r.visitor("boss")
	v.do("/desk/admin/accounts", nil).want(200, "desk1")
	v.do("/desk/admin/accounts", v.form("user", "no spaces", "name", "x")).want(422, "letters a to z")
	v.do("/desk/admin/accounts", v.form("user", "desk1", "name", "x")).want(422, "already")
	v.do("/desk/admin/accounts", v.form("user", "=desk9", "name", "x")).want(422, "letters a to z")
	v.do("/desk/admin/accounts", v.form("user", "-desk2", "name", hostile)).want(200, "shown only now")
	if strings.Contains(v.page, "<script>alert") {
		t.Error("a name became HTML")
	}
	fresh := regexp.MustCompile(`data-fresh>http://[^/]+(/desk/password/[\w-]{43})<`).FindStringSubmatch(v.page)
	desk2, err := r.db.AccountByUser(t.Context(), "-desk2")
	if err != nil || fresh == nil {
		t.Fatal(err, v.page)
	}
	if status := r.signInStatus("-desk2", ""); status != 401 {
		t.Errorf("signed in without a password: %d", status)
	}
	owner := (&visitor{rig: r}).do(fresh[1], nil).want(200, "For the account -desk2")
	owner.do(fresh[1], url.Values{"new": {"short"}}).want(422, "too short")
	owner.do(fresh[1], url.Values{"new": {"first horse"}}, "Sec-Fetch-Site", "cross-site").want(403)
	owner.do(fresh[1], url.Values{"new": {"first horse"}}).want(303)
	owner.do(fresh[1], url.Values{"new": {"second horse"}}).want(404, "no longer good")
	owner.do(fresh[1], nil).want(404, "no longer good")
	token := r.tokenOf("-desk2", "first horse")
	var s wire.Session
	r.call("POST", wire.SessionsPath, token, wire.NewSession{}, &s)
	v.do("/desk/admin/sessions", nil).want(200, s.Routing, "-desk2")

	v.do(pages.AppearancePath, v.form("organisation", hostile)).want(200, "Saved")
	v.do("/join", nil).want(200, hostile)
	if strings.Contains(v.page, "<script>alert") {
		t.Error("the organisation became HTML")
	}
	v.do("/desk/admin/accounts", nil)
	v.do("/desk/admin/accounts/"+boss.ID+"/block", v.form()).want(403) // nobody locks themselves out
	v.do("/desk/admin/accounts", nil)
	v.do("/desk/admin/accounts/"+desk2.ID+"/other", v.form()).want(403)
	v.do("/desk/admin/accounts", nil)
	v.do("/desk/admin/accounts/"+desk2.ID+"/raise", v.form()).want(303)
	if a, _ := r.db.Account(t.Context(), desk2.ID); !a.Administrator {
		t.Error("the role has not changed")
	}
	v.do("/desk/admin/accounts", nil)
	v.do("/desk/admin/accounts/"+desk2.ID+"/block", v.form()).want(303)
	if status := r.call("GET", wire.SessionsPath, token, nil, nil); status != 401 {
		t.Errorf("a blocked account's token: %d", status)
	}
	if v.do("/desk/admin/sessions", nil); strings.Contains(v.page, s.Routing) {
		t.Error("a blocked account's session goes on")
	}
	deadline := time.Now().Add(20 * time.Second)
	for v.do("/desk/admin/sessions.csv", nil); !strings.Contains(v.page, s.ID) && time.Now().Before(deadline); v.do("/desk/admin/sessions.csv", nil) {
		time.Sleep(10 * time.Millisecond)
	}
	v.want(200, s.ID+",'-desk2,"+s.Routing) // no formula for a spreadsheet
	v.do("/desk/admin/audit", nil).want(200, "blocked account: -desk2", "changed appearance: =cmd", "None was changed", "set password by link")
	v.do("/desk/admin/report", nil).want(200, "-desk2")
	v.do("/desk/admin/report.csv", nil).want(200, ",'-desk2,1,0,0.0,0.0")
	if n, err := r.db.CheckAudit(t.Context()); err != nil || n < 6 {
		t.Errorf("audit log: %d lines, %v", n, err)
	}
}

func TestAuditLogNoticesChanges(t *testing.T) {
	r := newRig(t)
	for _, action := range []string{"one", "two", "three"} {
		if err := r.db.Audit(t.Context(), r.clock.Now(), "desk1", action, ""); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := r.db.CheckAudit(t.Context()); n != 3 || err != nil {
		t.Fatalf("%d %v", n, err)
	}
	for _, change := range []string{
		`UPDATE audit SET action = 'none' WHERE number = 2`,
		`DELETE FROM audit WHERE number = 1`,
	} {
		changeStore(t, r.dir, change)
		if _, err := r.db.CheckAudit(t.Context()); !errors.Is(err, store.ErrAuditBroken) {
			t.Errorf("%s: %v", change, err)
		}
	}
}
