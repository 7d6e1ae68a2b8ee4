package relay

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"handrail/session/relay/mail"
	"handrail/session/relay/mail/mailtest"
	"handrail/session/wire"
)

func mailer(t *testing.T, server *mailtest.Server) Mailer {
	t.Helper()
	return mailerOf(t, server.Config())
}

func mailerOf(t *testing.T, config mail.Config) Mailer {
	t.Helper()
	m, err := mail.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestInvitations sends them as the operator's program does.
func TestInvitations(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{User: "help", Password: "secret", Refuse: "gone@example.com"})
	public, _ := url.Parse("https://relay.example.org")
	r := newRig(t, func(c *Config) {
		c.Mail, c.URL = mailer(t, server), public
		c.Limits.Mails = Rate{4, time.Minute}
	})
	if err := r.db.SetOrganisation(t.Context(), "Example <b>Help</b>"); err != nil {
		t.Fatal(err)
	}
	r.addAccount("desk2", "Help desk 2")
	token, other := r.signIn(), r.tokenOf("desk2", password)
	var s wire.Session
	r.call("POST", wire.SessionsPath, token, wire.NewSession{}, &s)
	path := wire.SessionsPath + "/" + s.ID + "/invitation"
	if status := r.call("POST", path, token, wire.Invite{To: "ann@example.com", Language: "sl"}, nil); status != 204 {
		t.Fatalf("status %d", status)
	}
	got := server.Wait(t)
	link := "https://relay.example.org/join/" + s.Routing + "?lang=sl"
	if got.To != "ann@example.com" || !strings.Contains(got.Text, link) || !strings.Contains(got.Text, "Example <b>Help</b>") ||
		strings.Contains(got.HTML, "<b>") || !strings.Contains(got.HTML, link) || strings.Contains(got.Raw, "#") && strings.Contains(got.Text, "#") {
		t.Errorf("%+v", got)
	}
	for name, c := range map[string]struct {
		path, token, to string
		status          int
		reason          wire.Reason
	}{
		"nobody signed in":    {path, "", "ann@example.com", 401, wire.ReasonSignIn},
		"somebody else's":     {path, other, "ann@example.com", 404, wire.ReasonNotFound},
		"no such session":     {wire.SessionsPath + "/x/invitation", token, "ann@example.com", 404, wire.ReasonNotFound},
		"two addresses":       {path, token, "ann@example.com,bob@example.com", 422, wire.ReasonMailAddress},
		"a line more":         {path, token, "ann@example.com\r\nBcc: bob@example.com", 422, wire.ReasonMailAddress},
		"no such mailbox":     {path, token, "gone@example.com", 422, wire.ReasonMailAddress},
		"an address too long": {path, token, strings.Repeat("a", 300) + "@example.com", 422, wire.ReasonMailAddress},
	} {
		var f wire.Failure
		if status := r.call("POST", c.path, c.token, wire.Invite{To: c.to}, &f); status != c.status || f.Reason != c.reason {
			t.Errorf("%s: %d %+v", name, status, f)
		}
	}
	v := r.visitor("desk1")
	v.do("/desk", nil).want(200, "/desk/sessions/"+s.ID+"/invite")
	page := "/desk/sessions/" + s.ID + "/invite"
	v.do(page, nil).want(200, "https://relay.example.org/join/"+s.Routing, "mailto:?subject=")
	v.do(page, v.form("to", "gone@example.com", "language", "de")).want(422, "cannot be delivered", "no such mailbox here")
	v.do(page, nil).do(page, v.form("to", "bob@example.com", "language", "de")).want(200, "handed to the mail server")
	if got := server.Wait(t); got.Header.Get("Content-Language") != "de" {
		t.Errorf("%+v", got)
	}
	v.do(page, v.form("to", "bob@example.com", "language", "de")).want(422, "Too many mails")
	if v := r.visitor("desk2"); v.do(page, nil).status != 404 {
		t.Errorf("another operator's page: %d", v.status)
	}
	if !server.None() {
		t.Error("more mails than expected")
	}
}

// TestWithoutAMailServer has nothing to send with, or a server that fails.
func TestWithoutAMailServer(t *testing.T) {
	r := newRig(t)
	token := r.signIn()
	var s wire.Session
	r.call("POST", wire.SessionsPath, token, wire.NewSession{}, &s)
	var f wire.Failure
	path := wire.SessionsPath + "/" + s.ID + "/invitation"
	if status := r.call("POST", path, token, wire.Invite{To: "ann@example.com"}, &f); status != 501 || f.Reason != wire.ReasonNoMail {
		t.Errorf("%d %+v", status, f)
	}
	v := r.visitor("desk1").do("/desk/sessions/"+s.ID+"/invite", nil).want(200, "mailto:?subject=", "/join/"+s.Routing)
	if strings.Contains(v.page, `name="to"`) {
		t.Error("the page has a form for mails that nobody sends")
	}

	full := mailtest.Start(t, mailtest.Options{Full: true}).Config()
	away := mail.Config{Server: "127.0.0.1:1", From: "help@example.org"} // where nobody listens
	for name, c := range map[string]struct {
		config mail.Config
		said   string
	}{"takes no more": {full, "the disk is full"}, "is away": {away, "127.0.0.1:1"}} {
		r = newRig(t, func(own *Config) { own.Mail = mailerOf(t, c.config) })
		token = r.signIn()
		r.call("POST", wire.SessionsPath, token, wire.NewSession{}, &s)
		path = wire.SessionsPath + "/" + s.ID + "/invitation"
		if status := r.call("POST", path, token, wire.Invite{To: "ann@example.com"}, &f); status != 502 || f.Reason != wire.ReasonMail {
			t.Errorf("%s: %d %+v", name, status, f)
		}
		v = r.visitor("desk1").do("/desk/sessions/"+s.ID+"/invite", nil)
		v.do("/desk/sessions/"+s.ID+"/invite", v.form("to", "bob@example.com")).want(422, "could not be sent", c.said)
	}
}
