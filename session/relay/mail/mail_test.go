package mail_test

import (
	"errors"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"handrail/session/relay/mail"
	"handrail/session/relay/mail/mailtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var invitation = mail.Invitation{
	Organisation: "Example & Söhne", Operator: "Help <desk> 1", Link: "https://relay.example.org/join/4821?lang=en", Routing: "4821",
	Left: 9 * time.Minute,
}

func TestInvitation(t *testing.T) {
	for _, o := range []mailtest.Options{
		{}, {User: "help", Password: "sécret"}, {Security: mail.TLS, User: "help", Password: "p"}, {Security: mail.Plain},
	} {
		server := mailtest.Start(t, o)
		m, err := mail.New(server.Config())
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Check(t.Context()); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
		for _, lang := range mail.Languages {
			i := invitation
			i.Language = lang
			if err := m.Invite(t.Context(), "ann@example.com", i); err != nil {
				t.Fatalf("%+v: %v", o, err)
			}
			got := server.Wait(t)
			if got.From != "help@example.org" || got.To != "ann@example.com" || got.Header.Get("Content-Language") != lang {
				t.Errorf("%+v", got)
			}
			if !strings.Contains(got.Subject, i.Operator) {
				t.Errorf("subject %q", got.Subject)
			}
			for _, part := range []string{i.Operator, i.Organisation, i.Link, "4821", "9"} {
				if !strings.Contains(got.Text, part) {
					t.Errorf("%s: the text lacks %q: %s", lang, part, got.Text)
				}
			}
			if !strings.Contains(got.HTML, `href="`+i.Link+`"`) || !strings.Contains(got.HTML, "Help &lt;desk&gt; 1") ||
				strings.Contains(got.HTML, "<desk>") || !strings.Contains(got.HTML, "Example &amp; Söhne") {
				t.Errorf("%s: %s", lang, got.HTML)
			}
			if strings.Contains(got.Text+got.HTML, "%!") {
				t.Errorf("%s: a text has other places than values: %s", lang, got.Text)
			}
			if found := regexp.MustCompile(`src=|url\(|<script|<link`).FindString(got.HTML); found != "" {
				t.Errorf("the mail fetches something: %s", found)
			}
		}
	}
}

func TestWelcome(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	m, err := mail.New(server.Config())
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range append(mail.Languages, "xx") {
		w := mail.Welcome{Language: lang, User: "desk1", Link: "https://relay.example.org/desk/password/abc", Left: 72 * time.Hour}
		if err := m.Welcome(t.Context(), "bob@example.org", w); err != nil {
			t.Fatal(err)
		}
		got := server.Wait(t)
		if !strings.Contains(got.Text, w.Link) || !strings.Contains(got.Text, "72") || !strings.Contains(got.Text, "desk1") || strings.Contains(got.Text, "%!") {
			t.Errorf("%s: %s", lang, got.Text)
		}
	}
}

// TestTextsAreComplete compares the languages.
func TestTextsAreComplete(t *testing.T) {
	all := mail.TextsForTest()
	place := regexp.MustCompile(`%(?:\[\d\])?[sd]`)
	for key, english := range all["en"] {
		for _, lang := range mail.Languages {
			text := all[lang][key]
			if text == "" || len(place.FindAllString(text, -1)) != len(place.FindAllString(english, -1)) || len(all[lang]) != len(all["en"]) {
				t.Errorf("%s: %s", lang, key)
			}
		}
	}
}

func TestFailures(t *testing.T) {
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody.Close()
	signedIn := mailtest.Start(t, mailtest.Options{User: "help", Password: "right"})
	wrongPassword := signedIn.Config()
	wrongPassword.Password = "wrong"
	strange := signedIn.Config()
	strange.Roots = nil
	noTLS := mailtest.Start(t, mailtest.Options{Security: mail.Plain}).Config()
	noTLS.Security = mail.StartTLS
	for name, c := range map[string]struct {
		config mail.Config
		kind   mail.Kind
	}{
		"nobody listens":           {mail.Config{Server: nobody.Addr().String(), From: "a@example.org"}, mail.Unreachable},
		"a wrong password":         {wrongPassword, mail.SignIn},
		"an unknown certificate":   {strange, mail.Unreachable},
		"TLS is taken away":        {noTLS, mail.Unreachable},
		"no such mailbox":          {mailtest.Start(t, mailtest.Options{Refuse: "ann@example.com"}).Config(), mail.Refused},
		"the server takes no more": {mailtest.Start(t, mailtest.Options{Full: true}).Config(), mail.Failed},
	} {
		m, err := mail.New(c.config)
		if err != nil {
			t.Fatal(err)
		}
		err = m.Invite(t.Context(), "ann@example.com", invitation)
		var failed *mail.Error
		if !errors.As(err, &failed) || failed.Kind != c.kind || failed.Said() == "" || len(err.Error()) > 400 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !signedIn.None() {
		t.Error("a mail was sent with a wrong password")
	}
}

// TestHostileAddresses has addresses that would add lines or people to a mail.
func TestHostileAddresses(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	m, err := mail.New(server.Config())
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{
		"", "ann", "ann@", "@example.com", "ann@example.com, bob@example.com", "ann@example.com\r\nBcc: bob@example.com",
		"Ann <ann@example.com>", "ann@example.com;bob@example.com", "ann@exam ple.com", strings.Repeat("a", 260) + "@example.com", "аnn@example.com",
	} {
		if err := m.Invite(t.Context(), to, invitation); err == nil {
			t.Errorf("%q was taken", to)
		}
	}
	i := invitation
	i.Operator = "Desk\r\nBcc: bob@example.com"
	if err := m.Invite(t.Context(), "ann@example.com", i); err != nil {
		t.Fatal(err)
	}
	if got := server.Wait(t); got.Header.Get("Bcc") != "" {
		t.Errorf("a name added a line: %s", got.Raw)
	}
	if !server.None() {
		t.Error("more mails than expected")
	}
}

func TestConfigurations(t *testing.T) {
	for _, c := range []mail.Config{
		{Server: "", From: "a@example.org"},
		{Server: "mail.example.org", From: "nobody"},
		{Server: "mail.example.org:x", From: "a@example.org"},
		{Server: "mail.example.org:99999", From: "a@example.org"},
		{Server: "mail.example.org", From: "a@example.org", Security: "some"},
		{Server: "mail.example.org", From: "a@example.org", Security: mail.Plain},
		{Server: "https://mail.example.org", From: "a@example.org"},
	} {
		if _, err := mail.New(c); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
	for _, c := range []mail.Config{
		{Server: "mail.example.org", From: "a@example.org"},
		{Server: "mail.example.org:2525", From: "Ä <a@example.org>"},
		{Server: "localhost", From: "a@example.org", Security: mail.Plain},
	} {
		if _, err := mail.New(c); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
