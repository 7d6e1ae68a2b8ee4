package mail

import (
	"bytes"
	"context"
	"crypto/rand"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	"time"
)

// Languages are those that mails are written in; another one gets the first.
var Languages = []string{"en", "sl", "de", "nb", "ko"}

//go:embed texts/*.json
var textFiles embed.FS

//go:embed templates/mail.html
var templateFiles embed.FS

var (
	allTexts = mustTexts()
	page     = template.Must(template.ParseFS(templateFiles, "templates/mail.html"))
)

func mustTexts() map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, lang := range Languages {
		data, err := textFiles.ReadFile("texts/" + lang + ".json")
		if err != nil {
			panic(err) // the program was built without its texts
		}
		texts := map[string]string{}
		if err := json.Unmarshal(data, &texts); err != nil {
			panic(fmt.Sprintf("texts/%s.json: %v", lang, err))
		}
		all[lang] = texts
	}
	return all
}

// Invitation is what a customer is told.
type Invitation struct {
	Language     string
	Organisation string // may be empty
	Operator     string // display name
	Link         string // to the join page, with the routing digits, and never with the secret ones
	Routing      string
	Left         time.Duration // of the code's life
}

// Invite sends a customer the way to a session.
func (m *Mailer) Invite(ctx context.Context, to string, i Invitation) error {
	say := speaker(i.Language)
	return m.send(ctx, to, letter{
		Lang: say.lang, Organisation: i.Organisation, Subject: say.text("invite.subject", i.Operator),
		Lines:  []string{say.from(i.Organisation, i.Operator), say.text("invite.do")},
		Link:   i.Link,
		Button: say.text("invite.button"),
		After:  []string{say.text("invite.rest", i.Routing), say.text("invite.until", minutes(i.Left))},
		Care:   say.text("invite.care"),
	}.content())
}

// Welcome is what somebody is told who gets an account, or a new way to set its password.
type Welcome struct {
	Language     string
	Organisation string
	User         string // what they sign in with
	Link         string // sets the password, once
	Left         time.Duration
}

// Welcome sends somebody a link with which they set their password.
func (m *Mailer) Welcome(ctx context.Context, to string, w Welcome) error {
	say := speaker(w.Language)
	return m.send(ctx, to, letter{
		Lang: say.lang, Organisation: w.Organisation, Subject: say.text("welcome.subject"),
		Lines:  []string{say.text("welcome.account", w.User), say.text("welcome.do")},
		Link:   w.Link,
		Button: say.text("welcome.button"),
		After:  []string{say.text("welcome.until", int(w.Left.Hours()))},
		Care:   say.text("welcome.care"),
	}.content())
}

// Try sends a mail that only says that mails arrive.
func (m *Mailer) Try(ctx context.Context, to, lang string) error {
	say := speaker(lang)
	return m.send(ctx, to, letter{Lang: say.lang, Subject: say.text("try.subject"), Lines: []string{say.text("try.text")}}.content())
}

func minutes(d time.Duration) int { return max(1, int(d.Round(time.Minute).Minutes())) }

// speaking has the texts of one language.
type speaking struct {
	lang  string
	texts map[string]string
}

func speaker(lang string) speaking {
	if texts, ok := allTexts[lang]; ok {
		return speaking{lang, texts}
	}
	return speaking{Languages[0], allTexts[Languages[0]]}
}

func (s speaking) text(key string, args ...any) string {
	if len(args) == 0 {
		return s.texts[key]
	}
	return fmt.Sprintf(s.texts[key], args...)
}

func (s speaking) from(organisation, operator string) string {
	if organisation == "" {
		return s.text("invite.who", operator)
	}
	return s.text("invite.who.organisation", operator, organisation)
}

// letter is a mail before it is text and HTML. Its fields are text, never HTML.
type letter struct {
	Lang, Organisation, Subject string
	Lines                       []string
	Link, Button                string
	After                       []string
	Care                        string
}

// content is a mail that can be sent.
type content struct{ lang, subject, text, html string }

func (l letter) content() content {
	parts := append([]string{}, l.Lines...)
	if l.Link != "" {
		parts = append(parts, l.Link)
	}
	parts = append(parts, l.After...)
	if l.Care != "" {
		parts = append(parts, l.Care)
	}
	if l.Organisation != "" {
		parts = append(parts, "-- \r\n"+l.Organisation)
	}
	var html bytes.Buffer
	if err := page.Execute(&html, l); err != nil {
		panic(err) // the template does not fit the letter
	}
	return content{l.Lang, l.Subject, strings.Join(parts, "\r\n\r\n") + "\r\n", html.String()}
}

// messageID is unique, and says no more of the sender than the mail does anyway.
func messageID(from string) string {
	_, domain, _ := strings.Cut(from, "@")
	return strings.ToLower(rand.Text()) + "@" + domain
}

// Language is the language that a mail gets when this one is asked for.
func Language(asked string) string { return speaker(asked).lang }
