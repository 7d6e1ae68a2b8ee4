package pages

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"handrail/session/relay/mail"
	"handrail/session/wire"
)

// inviteData is what the page shows with which a customer is invited.
type inviteData struct {
	ID      string
	Routing string
	Link    string // with the routing digits only
	Own     string // opens the operator's own mail program
	Mail    bool   // the relay can send it
	To      string
}

func (p *Pages) showInvite(w http.ResponseWriter, r *http.Request, v visit, d deskFrame, to string) {
	lang := p.texts.choose(w, r)
	for _, s := range p.cfg.Desk.Live(v.account.ID) {
		if s.ID != r.PathValue("id") || s.State != wire.SessionWaiting {
			continue
		}
		link := p.cfg.Desk.Address(r).JoinPath("join", s.Routing).String()
		body := p.texts.say(lang, "invite.text", link, s.Routing)
		d.Data = inviteData{
			ID: s.ID, Routing: s.Routing, Link: link, Mail: p.cfg.Desk.CanMail(), To: to,
			Own: mailTo(p.texts.say(lang, "invite.subject"), body),
		}
		p.showDesk(w, r, v, "invite", d)
		return
	}
	p.show(w, r, http.StatusNotFound, "missing", nil)
}

// mailTo is written as RFC 6068 wants it: spaces as %20, lines end with CR LF.
func mailTo(subject, body string) string {
	escape := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	return "mailto:?subject=" + escape(subject) + "&body=" + escape(strings.ReplaceAll(body, "\n", "\r\n"))
}

func (p *Pages) getInvite(w http.ResponseWriter, r *http.Request, v visit) {
	p.showInvite(w, r, v, deskFrame{}, "")
}

func (p *Pages) postInvite(w http.ResponseWriter, r *http.Request, v visit) {
	to := r.PostForm.Get("to")
	ask := wire.Invite{To: to, Language: r.PostForm.Get("language")}
	err := p.cfg.Desk.Invite(r.Context(), v.account, r.PathValue("id"), ask, p.cfg.Desk.Address(r))
	if err == nil {
		p.audit(r.Context(), v.account.User, "sent invitation", r.PathValue("id"))
		p.showInvite(w, r, v, deskFrame{Said: "invite.sent"}, "")
		return
	}
	p.showInvite(w, r, v, deskFrame{Wrong: p.mailProblem(p.texts.choose(w, r), err)}, to)
}

// mailProblem says why a mail was not sent, with the words of the mail server where there are any.
func (p *Pages) mailProblem(lang string, err error) string {
	var failure *wire.Error
	errors.As(err, &failure)
	said := ""
	if e := (*mail.Error)(nil); errors.As(err, &e) && e.Said() != "" {
		said = " (" + e.Said() + ")"
	}
	switch {
	case failure != nil && failure.Reason == wire.ReasonMailAddress:
		return p.texts.say(lang, "invite.wrong.address") + said
	case failure != nil && failure.Reason == wire.ReasonTooManyTries:
		return p.texts.say(lang, "invite.wrong.many")
	}
	return p.texts.say(lang, "invite.wrong.mail") + said
}
