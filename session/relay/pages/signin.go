package pages

import (
	"net/http"
	"net/url"
	"time"

	"handrail/session/wire"
)

type signInData struct {
	User   string
	Failed string // key of a sentence
}

func (p *Pages) getSignIn(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, http.StatusOK, "signin", signInData{})
}

func (p *Pages) postSignIn(w http.ResponseWriter, r *http.Request) {
	if !p.form(w, r) {
		return
	}
	ask := wire.SignIn{User: r.PostForm.Get("user"), Password: r.PostForm.Get("password") + secondOf(r.PostForm.Get("second"))}
	token, account, reason := p.cfg.Desk.SignIn(r.Context(), r.RemoteAddr, ask)
	switch reason {
	case "":
	case wire.ReasonTooManyTries:
		w.Header().Set("Retry-After", "60")
		p.show(w, r, http.StatusTooManyRequests, "signin", signInData{ask.User, "signin.wait"})
		return
	case wire.ReasonSignIn:
		p.show(w, r, http.StatusUnauthorized, "signin", signInData{ask.User, "signin.wrong"})
		return
	default:
		p.problem(w, r)
		return
	}
	// Whatever cookie was there before is worth nothing now: a sign-in always gets a fresh one.
	if c, err := r.Cookie(cookieName); err == nil {
		p.cfg.Desk.SignOut(r.Context(), c.Value)
	}
	setCookie(w, token)
	p.audit(r.Context(), account.User, "signed in", r.RemoteAddr)
	http.Redirect(w, r, "/desk", http.StatusSeeOther)
}

func (p *Pages) postSignOut(w http.ResponseWriter, r *http.Request, v visit) {
	p.cfg.Desk.SignOut(r.Context(), v.token)
	setCookie(w, "")
	http.Redirect(w, r, "/desk/signin", http.StatusSeeOther)
}

// deskFrame is what the pages of somebody who is signed in show.
type deskFrame struct {
	Name          string
	Administrator bool
	Reports       int    // of misuse, that nobody has looked into
	Form          string // for every form
	Tab           string // which part of the menu this is
	Said          string // key of a sentence about what was just done
	Wrong         string // sentence about what was wrong
	Data          any
}

func (p *Pages) showDesk(w http.ResponseWriter, r *http.Request, v visit, tab string, d deskFrame) {
	d.Name, d.Administrator, d.Form, d.Tab = v.account.Name, v.account.Administrator, v.formToken(), tab
	if d.Administrator {
		n, err := p.cfg.DeskStore.OpenAbuseReports(r.Context())
		if err != nil { // the page is useful without the number
			p.log.Error("reports could not be counted", "error", err)
		}
		d.Reports = n
	}
	status := http.StatusOK
	if d.Wrong != "" {
		status = http.StatusUnprocessableEntity
	}
	p.show(w, r, status, tab, d)
}

// sessionRow is a session as the pages list it.
type sessionRow struct {
	ID      string
	User    string
	Routing string
	// Customer is the address of the customer's computer; empty while it is not connected.
	Customer string
	Active   bool
	Created  time.Time
	Joined   time.Time
	Minutes  int
	Reason   string
}

func (p *Pages) rows(account string) []sessionRow {
	now := p.cfg.Now()
	var rows []sessionRow
	for _, s := range p.cfg.Desk.Live(account) {
		rows = append(rows, sessionRow{
			ID: s.ID, User: s.Account, Routing: s.Routing, Customer: s.Customer, Active: s.State == wire.SessionActive,
			Created: s.Created, Minutes: int(now.Sub(s.Created).Minutes()),
		})
	}
	return rows
}

func (p *Pages) getDesk(w http.ResponseWriter, r *http.Request, v visit) {
	p.showDesk(w, r, v, "desk", deskFrame{Data: p.rows(v.account.ID)})
}

// postStart shows the way into the operator's program. The code's secret digits are made there, so that this
// relay never has them.
func (p *Pages) postStart(w http.ResponseWriter, r *http.Request, v visit) {
	word, err := p.cfg.Desk.Once(r.Context(), v.account)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	q := url.Values{"relay": {p.cfg.Desk.Address(r).String()}, "user": {v.account.User}, "once": {word}}
	p.showDesk(w, r, v, "start", deskFrame{Data: "handrail:operate?" + q.Encode()})
}

func (p *Pages) postEnd(w http.ResponseWriter, r *http.Request, v visit) {
	if p.cfg.Desk.End(v.account.ID, r.PathValue("id")) {
		p.audit(r.Context(), v.account.User, "ended session", r.PathValue("id"))
	}
	http.Redirect(w, r, "/desk", http.StatusSeeOther)
}

// maxHistory bounds what the history page lists.
const maxHistory = 200

func (p *Pages) getHistory(w http.ResponseWriter, r *http.Request, v visit) {
	records, err := p.cfg.DeskStore.History(r.Context(), v.account.ID, time.Time{}, p.cfg.Now().Add(time.Hour), maxHistory)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	var rows []sessionRow
	for _, s := range records {
		rows = append(rows, recordRow(s, p.cfg.Now()))
	}
	p.showDesk(w, r, v, "history", deskFrame{Data: rows})
}
