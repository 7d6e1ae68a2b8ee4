package relay

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"handrail/session/relay/admin"
	"handrail/session/relay/pages"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

// evil are texts that become something else than text wherever they are not escaped.
var evil = []string{
	`"><script>alert(1)</script><img src=x onerror=alert(2)>`,
	`' onmouseover='alert(3)`,
	`javascript:alert(4)`,
	`</title></style></textarea><svg/onload=alert(5)>`,
	`{{.Form}}{{template "said"}}`,
}

// alive returns what in a page would run, or reaches outside: scripts that are not the relay's own, handlers, styles, forms and
// links that lead elsewhere.
func alive(page string) (found []string) {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return []string{err.Error()}
	}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			source := ""
			for _, a := range n.Attr {
				key, value := strings.ToLower(a.Key), strings.ToLower(strings.TrimSpace(a.Val))
				if key == "src" || key == "action" || key == "formaction" {
					source = value
					if !strings.HasPrefix(value, "/") || strings.HasPrefix(value, "//") {
						found = append(found, n.Data+" "+key+"="+a.Val)
					}
				}
				if strings.HasPrefix(key, "on") || key == "style" || strings.HasPrefix(value, "javascript:") && key == "href" {
					found = append(found, n.Data+" "+key+"="+a.Val)
				}
			}
			if n.Data == "script" && (source == "" || n.FirstChild != nil) || n.Data == "style" || n.Data == "iframe" || n.Data == "svg" || n.Data == "base" {
				found = append(found, "<"+n.Data+">")
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	return found
}

// TestNoTextBecomesHTML puts hostile texts into every field that anybody controls, and looks at every page.
func TestNoTextBecomesHTML(t *testing.T) {
	for _, text := range evil {
		downloads := t.TempDir()
		r := newRig(t, func(c *Config) { c.Downloads = downloads; c.Limits.Misuse = Rate{100, time.Second} })
		os.WriteFile(filepath.Join(downloads, "handrail-client-linux"), []byte("x"), 0o600)
		boss := r.addAdministrator("boss")
		short := text[:min(len(text), 78)]
		v := r.visitor("boss")
		token := r.tokenOf("boss", password)
		var s wire.Session
		r.call("POST", wire.SessionsPath, token, wire.NewSession{}, &s)
		var seen []string
		look := func(where string) {
			t.Helper()
			seen = append(seen, where)
			if found := alive(v.page); len(found) > 0 {
				t.Errorf("%s with %s: %q", where, text, found)
			}
			if csp := v.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
				t.Errorf("%s: policy %q", where, csp)
			}
		}
		for path, fields := range map[string]url.Values{
			"/desk/admin/accounts": {"user": {text}, "name": {short}}, "/desk/admin/accounts?": {"user": {"desk7"}, "name": {short}, "mail": {text}},
			pages.AppearancePath: {
				"organisation": {short}, "welcome": {text}, "footer": {text}, "allowed": {"control"},
			},
			pages.AppearancePath + "?": {"organisation": {text}, "privacy": {text}, "downloads": {text}, "accent": {text}, "own-accent": {"yes"}, "allowed": {text}},
			"/desk/keys":               {"name": {short}, "scope": {text}, "days": {text}, "password": {password}},
			"/desk/keys?":              {"name": {short}, "scope": {"sessions:read"}, "days": {"3"}, "password": {password}},
			"/desk/account/password":   {"password": {text}, "new": {text}},
			"/report":                  {"code": {text}, "text": {text}}, "/report?": {"code": {s.Routing}, "text": {text}},
			"/desk/sessions/" + s.ID + "/invite": {"to": {text}, "language": {text}},
			"/desk/signin":                       {"user": {text}, "password": {text}, "second": {text}},
		} {
			v.do("/desk/history", nil)
			form := v.form()
			for name, values := range fields {
				form[name] = values
			}
			cookie := v.cookie
			v.do(strings.TrimSuffix(path, "?"), form)
			v.cookie = cookie
			look("POST " + path)
		}
		if err := r.db.SetName(t.Context(), boss.ID, text); err != nil {
			t.Fatal(err)
		}
		r.db.SetOrganisation(t.Context(), text)
		r.db.SetBranding(t.Context(), store.Branding{Welcome: text, Footer: text, Privacy: text, Downloads: text})
		r.srv.pages.Forget()
		q := "?lang=" + url.QueryEscape(text) + "&user=" + url.QueryEscape(text) + "&from=" + url.QueryEscape(text) + "&code=" + url.QueryEscape(text)
		for _, path := range []string{
			"/", "/join", "/join/" + url.PathEscape(text), "/download", "/download/" + url.PathEscape(text), "/report", "/desk/password/" + url.PathEscape(text),
			"/desk", "/desk/history", "/desk/account", "/desk/keys", "/desk/sessions/" + s.ID + "/invite", "/desk/admin/accounts", "/desk/admin/sessions",
			"/desk/admin/report", "/desk/admin/abuse", "/desk/admin/appearance", "/desk/admin/audit", "/desk/signin",
		} {
			v.do(path+q, nil, "Accept-Language", text, "User-Agent", text, "Referer", text)
			look(path)
		}
		if len(seen) < 25 {
			t.Errorf("only %d pages were looked at", len(seen))
		}
	}
}

// TestHostileRequests is the table of what strangers try; each case says what was refused, or what went through.
func TestHostileRequests(t *testing.T) {
	secretFile := "top secret of the computer"
	downloads := filepath.Join(t.TempDir(), "downloads")
	os.Mkdir(downloads, 0o700)
	os.WriteFile(filepath.Join(filepath.Dir(downloads), "secret"), []byte(secretFile), 0o600)
	os.WriteFile(filepath.Join(downloads, "handrail-client-linux"), []byte("program"), 0o600)
	for name, try := range map[string]func(t *testing.T, r *rig){
		"every form of another site": func(t *testing.T, r *rig) {
			v := r.visitor("boss")
			for _, path := range []string{
				"/desk/start", "/desk/keys", "/desk/keys/x/remove", "/desk/account/password", "/desk/account/second", "/desk/account/second/remove",
				"/desk/signout", "/desk/admin/accounts", "/desk/admin/accounts/x/block", "/desk/admin/sessions/x/end", pages.AppearancePath, pages.LogoPath,
				"/desk/admin/abuse/x/done", "/desk/signin", "/report", "/desk/password/x", "/desk/sessions/x/end", "/desk/sessions/x/invite",
			} {
				for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, {"Sec-Fetch-Site", "", "Origin", "null"}} {
					v.do("/desk", nil)
					form := v.form("password", password)
					if v.do(path, form, header...); v.status != 403 {
						t.Errorf("%s %v: %d", path, header, v.status)
					}
				}
			}
		},
		"a planted cookie": func(t *testing.T, r *rig) {
			v := &visitor{rig: r, cookie: "planted"}
			if v.do("/desk/signin", url.Values{"user": {"desk1"}, "password": {password}}); v.cookie == "planted" {
				t.Error("the sign-in went on with it")
			}
			if v = (&visitor{rig: r, cookie: "planted"}).do("/desk", nil); v.status != 303 {
				t.Errorf("it is good for something: %d", v.status)
			}
		},
		"guessing a password": func(t *testing.T, r *rig) {
			owner := r.visitor("desk1")
			from := "203.0.113.5, 198.51.100.7"
			refused := 0
			for i := range 30 { // from one address, whatever it says of itself
				v := (&visitor{rig: r}).do("/desk/signin", url.Values{"user": {"desk1"}, "password": {fmt.Sprint(i)}}, "X-Forwarded-For", from, "X-Real-IP", fmt.Sprint("192.0.2.", i))
				if v.status == 429 {
					refused++
				}
			}
			if refused < 15 {
				t.Errorf("%d of 30 guesses were refused unseen", refused)
			}
			if owner.do("/desk", nil).status != 200 {
				t.Error("the owner was signed out")
			}
			// The owner, from an address that has signed in before, has a count of their own.
			limits := r.srv.limits
			limits.signedIn("198.51.100.7", "desk1")
			if reason := r.srv.desk.tryAs(t.Context(), "198.51.100.7:1", "desk1"); reason != "" {
				t.Errorf("the owner is locked out: %s", reason)
			}
		},
		"paths that lead out": func(t *testing.T, r *rig) {
			for _, path := range []string{
				"/download/..%2fsecret", "/download/%2e%2e%2fsecret", "/download/..%5csecret", "/download/%00", "/static/..%2f..%2fpages.go",
				"/static/%2e%2e/templates/join.html", "/download/handrail-client-linux%2f..%2f..%2fsecret",
			} {
				v := (&visitor{rig: r}).do(path, nil)
				if v.status < 400 || strings.Contains(v.page, secretFile) || strings.Contains(v.page, "package pages") {
					t.Errorf("%s: %d %s", path, v.status, v.page)
				}
			}
		},
		"forms that are too large": func(t *testing.T, r *rig) {
			v := r.visitor("boss")
			big := strings.Repeat("x", 2<<20)
			for _, path := range []string{"/desk/signin", "/desk/keys", "/report", pages.AppearancePath, pages.LogoPath} {
				v.do("/desk", nil)
				if v.do(path, v.form("text", big)); v.status != 403 {
					t.Errorf("%s: %d", path, v.status)
				}
			}
			if status := r.call("POST", wire.SignInPath, "", wire.SignIn{User: big}, nil); status != 413 {
				t.Errorf("the programs' sign-in: %d", status)
			}
		},
		"pictures that are not": func(t *testing.T, r *rig) {
			office := &admin.Office{Store: r.db, Actor: "x"}
			huge := somePicture()
			copy(huge[16:24], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // says that it is 65536 pixels wide and high
			for what, data := range map[string][]byte{"SVG": []byte(`<svg onload="alert(1)"/>`), "HTML": []byte("<script>"), "nothing": {}, "a bomb": huge, "half": somePicture()[:60]} {
				if err := office.SetLogo(t.Context(), data); err == nil {
					t.Errorf("%s is a logo", what)
				}
			}
		},
		"a key of another account": func(t *testing.T, r *rig) {
			desk, other := r.newProgram("desk1", admin.SessionsRead, admin.SessionsWrite), r.newProgram("boss", admin.SessionsRead, admin.SessionsWrite)
			s := desk.ask(201, "POST", wire.SessionsPath, wire.NewSession{})
			other.ask(404, "DELETE", wire.SessionsPath+"/{id}", nil, field(s, "id"))
			other.ask(501, "POST", wire.SessionsPath+"/{id}/invitation", wire.Invite{To: "x@example.org"}, field(s, "id"))
			if all, _ := other.ask(200, "GET", wire.SessionsPath, nil).([]any); len(all) > 0 {
				t.Errorf("it lists %v", all)
			}
			if v := (&visitor{rig: r}).do("/desk", nil, "Authorization", "Bearer "+desk.token); v.status != 303 {
				t.Errorf("a key opens the pages: %d", v.status)
			}
			if v := (&visitor{rig: r, cookie: desk.token}).do("/desk", nil); v.status != 303 {
				t.Errorf("a key is a cookie: %d", v.status)
			}
		},
		"a cookie as a token of another kind": func(t *testing.T, r *rig) {
			if status := r.call("GET", wire.SessionsPath, "once-ABC", nil, nil); status != 401 {
				t.Errorf("%d", status)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(c *Config) { c.Downloads = downloads })
			r.addAdministrator("boss")
			try(t, r)
		})
	}
}

// tryAs signs in with the right password.
func (d *desk) tryAs(ctx context.Context, remote, user string) wire.Reason {
	_, _, reason := d.SignIn(ctx, remote, wire.SignIn{User: user, Password: password})
	return reason
}

// TestSlowForms sends forms that never end: others are served meanwhile, and each is given up in its time.
func TestSlowForms(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Times.Request = time.Second })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- r.srv.Serve(ctx, listener) }()
	defer func() { stop(); <-served; http.DefaultTransport.(*http.Transport).CloseIdleConnections() }()
	var slow []net.Conn
	for range 200 {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, "POST /desk/signin HTTP/1.1\r\nHost: relay\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nuser=")
		slow = append(slow, conn)
	}
	resp, err := http.Get("http://" + listener.Addr().String() + "/join")
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("others meanwhile: %v %v", resp, err)
	}
	resp.Body.Close()
	for _, conn := range slow {
		conn.SetReadDeadline(time.Now().Add(30 * time.Second))
		if _, err := io.Copy(io.Discard, conn); err != nil {
			t.Fatalf("a slow form is still waited for: %v", err)
		}
	}
}
