package relay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/session/relay/admin"
	"handrail/session/relay/mail/mailtest"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

// openAPI is as much of the description as the tests look at.
type openAPI struct {
	Paths map[string]map[string]struct {
		Scope     string `json:"x-scope"`
		Security  []map[string][]string
		Responses map[string]struct {
			Content map[string]struct{ Schema schema }
		}
		Body *struct {
			Content map[string]struct{ Schema schema }
		} `json:"requestBody"`
	}
	Components struct{ Schemas map[string]schema }
}

type schema struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Format               string
	Items                *schema
	Properties           map[string]schema
	Required             []string
	Enum                 []string
	AdditionalProperties *bool
}

func readOpenAPI(t testing.TB) openAPI {
	t.Helper()
	var doc openAPI
	if err := json.Unmarshal(OpenAPI, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// check says what is wrong with a value by its schema; "" is nothing.
func (d openAPI) check(s schema, v any) string {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		known, ok := d.Components.Schemas[name]
		if !ok {
			return "there is no schema " + name
		}
		return d.check(known, v)
	}
	kind := map[bool]string{true: "null"}[v == nil]
	switch v := v.(type) {
	case string:
		kind = "string"
		if _, err := time.Parse(time.RFC3339Nano, v); s.Format == "date-time" && err != nil {
			return err.Error()
		}
		if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
			return v + " is none of those"
		}
	case bool:
		kind = "boolean"
	case float64:
		kind = "number"
	case []any:
		kind = "array"
		for _, item := range v {
			if wrong := d.check(*s.Items, item); wrong != "" {
				return wrong
			}
		}
	case map[string]any:
		kind = "object"
		for name, value := range v {
			p, ok := s.Properties[name]
			if !ok && s.AdditionalProperties != nil {
				return name + " is not described"
			}
			if !ok {
				continue
			}
			if wrong := d.check(p, value); wrong != "" {
				return name + ": " + wrong
			}
		}
		for _, name := range s.Required {
			if _, ok := v[name]; !ok {
				return name + " is missing"
			}
		}
	}
	if text := fmt.Sprint(s.Type); !strings.Contains(text, kind) && !(kind == "number" && text == "integer") {
		return fmt.Sprintf("%s is no %s", kind, text)
	}
	return ""
}

// TestOpenAPIHasTheOperations compares the description with the table of operations.
func TestOpenAPIHasTheOperations(t *testing.T) {
	doc := readOpenAPI(t)
	described := map[string]string{}
	for path, methods := range doc.Paths {
		for method, o := range methods {
			described[strings.ToUpper(method)+" "+path] = o.Scope
		}
	}
	want := map[string]string{
		"GET " + wire.HealthPath: "", "GET " + openAPIPath: "", "POST " + wire.SignInPath: "", "DELETE " + wire.SignInPath: "",
		"POST " + wire.ReportsPath:  "",
		"POST " + wire.SessionsPath: "sessions:write", "GET " + wire.SessionsPath: "sessions:read",
		"DELETE " + wire.SessionsPath + "/{id}": "sessions:write", "POST " + wire.SessionsPath + "/{id}/invitation": "sessions:write",
	}
	for _, o := range operations {
		want[o.method+" "+o.path] = string(o.scope)
	}
	for name, scope := range want {
		if got, ok := described[name]; !ok || got != scope {
			t.Errorf("%s: described with %q (%v), not %q", name, got, ok, scope)
		}
	}
	for name := range described {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is described, and not there", name)
		}
	}
	for _, s := range admin.Scopes {
		if !slices.Contains(doc.Components.Schemas["NewKey"].Properties["scopes"].Items.Enum, string(s)) {
			t.Errorf("scope %s is not described", s)
		}
	}
}

// program uses the interface with a key or a token, and checks every answer by the description.
type program struct {
	*rig
	doc   openAPI
	token string
	used  map[string]bool
}

// ask asks for something; pattern is the path as described, and in it "{…}" is what values are for.
func (p *program) ask(status int, method, pattern string, body any, values ...string) any {
	p.t.Helper()
	path := pattern
	for _, v := range values {
		path = regexp.MustCompile(`\{\w+\}`).ReplaceAllLiteralString(path, v)
	}
	data, raw := body.([]byte)
	if !raw && body != nil {
		data, _ = json.Marshal(body)
	}
	req, err := http.NewRequest(method, p.web.URL+path, bytes.NewReader(data))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	name, _, _ := strings.Cut(pattern, "?")
	o, ok := p.doc.Paths[name][strings.ToLower(method)]
	described, known := o.Responses[fmt.Sprint(resp.StatusCode)]
	if resp.StatusCode != status || !ok || !known {
		p.t.Errorf("%s %s: %d (described: %v) %s, want %d", method, path, resp.StatusCode, known, answer, status)
		return nil
	}
	p.used[method+" "+name] = true
	content, ok := described.Content["application/json"]
	if !ok {
		return string(answer)
	}
	var v any
	if err := json.Unmarshal(answer, &v); err != nil {
		p.t.Errorf("%s %s: %v", method, path, err)
	} else if wrong := p.doc.check(content.Schema, v); wrong != "" {
		p.t.Errorf("%s %s: %s in %s", method, path, wrong, answer)
	}
	return v
}

func field(v any, name string) string {
	m, _ := v.(map[string]any)
	return fmt.Sprint(m[name])
}

// newProgram makes a key by the interface itself.
func (r *rig) newProgram(user string, scopes ...admin.Scope) *program {
	r.t.Helper()
	p := &program{rig: r, doc: readOpenAPI(r.t), token: r.tokenOf(user, password), used: map[string]bool{}}
	key := p.ask(201, "POST", keysPath, keyAsk{Password: password, Name: "test", Scopes: texts(scopes), Days: 30})
	p.token = field(key, "key")
	if !strings.HasPrefix(p.token, admin.KeyPrefix) {
		r.t.Fatalf("key %v", key)
	}
	return p
}

func texts(scopes []admin.Scope) (all []string) {
	for _, s := range scopes {
		all = append(all, string(s))
	}
	return all
}

func (r *rig) addAdministrator(user string) store.Account {
	r.t.Helper()
	a := r.addAccount(user, "The "+user)
	if err := r.db.SetAdministrator(r.t.Context(), a.ID, true); err != nil {
		r.t.Fatal(err)
	}
	return a
}

func somePicture() []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, image.NewGray(image.Rect(0, 0, 300, 200)))
	return b.Bytes()
}

// TestAdministrationByPrograms does everything there is with a key, and checks all answers by the description.
func TestAdministrationByPrograms(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{Refuse: "gone@example.com"})
	r := newRig(t, func(c *Config) { c.Mail, c.Reports = mailer(t, server), t.TempDir() })
	r.addAdministrator("boss")
	p := r.newProgram("boss", admin.Scopes...)
	const accounts = adminPath + "accounts"
	p.ask(200, "GET", wire.HealthPath, nil)
	p.ask(200, "GET", openAPIPath, nil)
	p.ask(201, "POST", wire.ReportsPath, wire.Report{Text: "It broke."})
	fresh := p.ask(201, "POST", accounts, map[string]any{"user": "New1", "name": "New one"})
	if field(fresh, "user") != "new1" || !strings.Contains(field(fresh, "link"), "/desk/password/") {
		t.Errorf("%v", fresh)
	}
	p.ask(409, "POST", accounts, map[string]any{"user": "new1"})
	p.ask(422, "POST", accounts, map[string]any{"user": "no spaces"})
	p.ask(400, "POST", accounts, map[string]any{"user": "new2", "passwort": "x"})
	if v := p.ask(201, "POST", accounts, map[string]any{"user": "new2", "mail": "new2@example.com", "language": "de"}); field(v, "mailed") != "true" {
		t.Errorf("%v", v)
	}
	if m := server.Wait(t); !strings.Contains(m.Text, "/desk/password/") || m.To != "new2@example.com" {
		t.Errorf("%+v", m)
	}
	p.ask(200, "GET", accounts, nil)
	p.ask(200, "GET", accounts+"/{user}", nil, "new1")
	p.ask(404, "GET", accounts+"/{user}", nil, "new9")
	p.ask(204, "PATCH", accounts+"/{user}", map[string]any{"name": "Renamed", "administrator": true}, "new1")
	if v := p.ask(200, "GET", accounts+"/{user}", nil, "new1"); field(v, "name") != "Renamed" || field(v, "administrator") != "true" {
		t.Errorf("%v", v)
	}
	p.ask(409, "PATCH", accounts+"/{user}", map[string]any{"disabled": true}, "boss")
	p.ask(422, "PATCH", accounts+"/{user}", map[string]any{"name": strings.Repeat("x", 99)}, "new1")
	p.ask(200, "POST", accounts+"/{user}/password-link", map[string]any{}, "new1")
	if v := p.ask(200, "POST", accounts+"/{user}/password-link", map[string]any{"mail": "gone@example.com"}, "new1"); field(v, "link") == "" {
		t.Error("a link that could not be sent is lost")
	}
	p.ask(204, "DELETE", accounts+"/{user}/second-factor", nil, "new1")
	p.ask(204, "DELETE", accounts+"/{user}", nil, "new1")
	p.ask(404, "DELETE", accounts+"/{user}", nil, "new1")

	s := p.ask(201, "POST", wire.SessionsPath, wire.NewSession{})
	other := &program{rig: r, doc: p.doc, token: r.tokenOf("desk1", password), used: p.used}
	theirs := other.ask(201, "POST", wire.SessionsPath, wire.NewSession{})
	p.ask(200, "GET", wire.SessionsPath, nil)
	p.ask(204, "POST", wire.SessionsPath+"/{id}/invitation", wire.Invite{To: "ann@example.com"}, field(s, "id"))
	server.Wait(t)
	if all, _ := p.ask(200, "GET", adminPath+"sessions", nil).([]any); len(all) != 2 {
		t.Errorf("%v", all)
	}
	p.ask(404, "DELETE", wire.SessionsPath+"/{id}", nil, field(theirs, "id")) // somebody else's, by the narrow way
	p.ask(204, "DELETE", adminPath+"sessions/{id}", nil, field(theirs, "id"))
	p.ask(204, "DELETE", wire.SessionsPath+"/{id}", nil, field(s, "id"))
	p.ask(404, "DELETE", adminPath+"sessions/{id}", nil, field(s, "id"))

	p.ask(200, "GET", adminPath+"history", nil)
	p.ask(400, "GET", adminPath+"history?from=yesterday", nil)
	p.ask(200, "GET", adminPath+"report?from=2026-01-01&user=desk1", nil)
	p.ask(200, "GET", adminPath+"report.csv", nil)
	p.ask(400, "GET", adminPath+"audit?limit=0", nil)
	if v := p.ask(200, "GET", adminPath+"audit?limit=5", nil); field(v, "intact") != "true" {
		t.Errorf("%v", v)
	}

	p.ask(200, "GET", adminPath+"appearance", nil)
	p.ask(422, "PUT", adminPath+"appearance", map[string]any{"accent": "red;}"})
	p.ask(422, "PUT", adminPath+"appearance", map[string]any{"privacy": "javascript:alert(1)"})
	p.ask(422, "PUT", adminPath+"appearance", map[string]any{"allowed": []string{"control"}})
	p.ask(204, "PUT", adminPath+"appearance", map[string]any{"organisation": "Example", "accent": "#AA3355", "allowed": []string{"view", "control"}})
	if v := p.ask(200, "GET", adminPath+"appearance", nil); field(v, "accent") != "#aa3355" || field(v, "allowed") != "[view control]" {
		t.Errorf("%v", v)
	}
	p.ask(204, "PUT", adminPath+"logo", somePicture())
	p.ask(422, "PUT", adminPath+"logo", []byte(`<svg onload="alert(1)"/>`))
	p.ask(413, "PUT", adminPath+"logo", make([]byte, admin.MaxLogo+10_000))
	p.ask(204, "DELETE", adminPath+"logo", nil)

	if reason := r.srv.desk.Misuse(t.Context(), "192.0.2.1:1", "4821", "He asked for money."); reason != "" {
		t.Fatal(reason)
	}
	reports, _ := p.ask(200, "GET", adminPath+"abuse", nil).([]any)
	p.ask(204, "POST", adminPath+"abuse/{id}/done", nil, field(reports[0], "id"))
	p.ask(404, "POST", adminPath+"abuse/{id}/done", nil, "none")

	p.ask(403, "GET", keysPath, nil) // a key makes no keys
	p.ask(403, "POST", keysPath, keyAsk{Password: password, Name: "x", Scopes: []string{"audit:read"}, Days: 1})
	p.token = r.tokenOf("boss", password)
	p.ask(401, "POST", keysPath, keyAsk{Password: "wrong", Name: "x", Scopes: []string{"audit:read"}, Days: 1})
	keys, _ := p.ask(200, "GET", keysPath, nil).([]any)
	p.ask(204, "DELETE", keysPath+"/{id}", nil, field(keys[0], "id"))
	p.ask(204, "DELETE", wire.SignInPath, nil)
	p.ask(200, "POST", wire.SignInPath, wire.SignIn{User: "boss", Password: password})
	for path, methods := range p.doc.Paths {
		for method := range methods {
			if name := strings.ToUpper(method) + " " + path; !p.used[name] {
				t.Errorf("%s was not tried", name)
			}
		}
	}
	if n, err := r.db.CheckAudit(t.Context()); err != nil || n < 10 {
		t.Errorf("audit log: %d %v", n, err)
	}
}

// TestKeysOpenNoMore has keys that are too weak, too old, or whose owner may no longer.
func TestKeysOpenNoMore(t *testing.T) {
	r := newRig(t)
	boss := r.addAdministrator("boss")
	for _, scope := range admin.Scopes { // each key opens its part and nothing else
		p := r.newProgram("boss", scope)
		for _, o := range operations {
			if o.method != "GET" {
				continue
			}
			status := 403
			if o.scope == scope {
				status = 200
			}
			pattern, value := o.path, "boss"
			p.ask(status, "GET", pattern, nil, value)
		}
	}
	desk := r.newProgram("desk1", admin.SessionsRead)
	desk.ask(200, "GET", wire.SessionsPath, nil)
	desk.ask(403, "POST", wire.SessionsPath, wire.NewSession{})
	desk.ask(403, "GET", adminPath+"accounts", nil)
	desk.token = r.tokenOf("desk1", password)
	desk.ask(403, "GET", adminPath+"accounts", nil)
	for name, ask := range map[string]keyAsk{
		"more than an operator may": {password, "x", []string{"accounts:read"}, 30},
		"no such scope":             {password, "x", []string{"everything"}, 30},
		"no scope":                  {password, "x", nil, 30},
		"for ever":                  {password, "x", []string{"sessions:read"}, 100_000},
		"no days":                   {password, "x", []string{"sessions:read"}, 0},
		"no name":                   {password, " ", []string{"sessions:read"}, 30},
	} {
		if v := desk.ask(422, "POST", keysPath, ask); field(v, "text") == "" {
			t.Errorf("%s: %v", name, v)
		}
	}

	p := r.newProgram("boss", admin.AccountsRead, admin.SessionsRead)
	if keys, _ := r.db.Keys(t.Context(), boss.ID); len(keys) > 0 {
		desk.ask(404, "DELETE", keysPath+"/{id}", nil, keys[0].ID) // somebody else's
	}
	p.ask(200, "GET", adminPath+"accounts", nil)
	if err := r.db.SetAdministrator(t.Context(), boss.ID, false); err != nil {
		t.Fatal(err)
	}
	p.ask(403, "GET", adminPath+"accounts", nil)
	p.ask(200, "GET", wire.SessionsPath, nil)
	if err := r.db.SetDisabled(t.Context(), boss.ID, true); err != nil {
		t.Fatal(err)
	}
	p.ask(401, "GET", wire.SessionsPath, nil)
	if err := r.db.SetDisabled(t.Context(), boss.ID, false); err != nil {
		t.Fatal(err)
	}
	r.clock.advance(31 * 24 * time.Hour)
	p.ask(401, "GET", wire.SessionsPath, nil)
	p.token = admin.KeyPrefix + strings.Repeat("x", 43)
	for range 12 {
		p.token += "x"
		req, _ := http.NewRequest("GET", r.web.URL+wire.SessionsPath, nil)
		req.Header.Set("Authorization", "Bearer "+p.token)
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
		}
	}
	p.ask(429, "GET", wire.SessionsPath, nil)
}
