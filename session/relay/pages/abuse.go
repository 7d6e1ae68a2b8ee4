package pages

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"handrail/session/relay/store"
	"handrail/session/wire"
)

// reportData is what the page shows on which visitors report misuse.
type reportData struct {
	Routing string
	Text    string
	Wrong   string // sentence
	Done    bool
}

const (
	maxReport  = 2000 // characters
	maxReports = 200
)

func (p *Pages) getMisuse(w http.ResponseWriter, r *http.Request) {
	d := reportData{Routing: r.URL.Query().Get("code")}
	if !isRouting(d.Routing) {
		d.Routing = ""
	}
	p.show(w, r, http.StatusOK, "misuse", d)
}

// postMisuse takes a report in. Only the first digits of a code are asked for: they name the session, and open nothing.
func (p *Pages) postMisuse(w http.ResponseWriter, r *http.Request) {
	if !p.form(w, r) {
		return
	}
	lang := p.texts.choose(w, r)
	d := reportData{Routing: strings.TrimSpace(r.PostForm.Get("code")), Text: strings.TrimSpace(r.PostForm.Get("text"))}
	status := http.StatusUnprocessableEntity
	switch {
	case d.Routing != "" && !isRouting(d.Routing):
		d.Wrong, d.Routing = p.texts.say(lang, "misuse.wrong.code"), ""
	case d.Text == "" || !utf8.ValidString(d.Text) || utf8.RuneCountInString(d.Text) > maxReport:
		d.Wrong = p.texts.say(lang, "misuse.wrong.text", maxReport)
	default:
		switch p.cfg.Desk.Misuse(r.Context(), r.RemoteAddr, d.Routing, clean(d.Text)) {
		case "":
			d, status = reportData{Done: true}, http.StatusOK
		case wire.ReasonTooManyTries:
			d.Wrong, status = p.texts.say(lang, "signin.wait"), http.StatusTooManyRequests
			w.Header().Set("Retry-After", "60")
		default:
			p.problem(w, r)
			return
		}
	}
	p.show(w, r, status, "misuse", d)
}

// clean leaves out what could hide in a text.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
}

// misuseRow is a report as administrators see it.
type misuseRow struct {
	store.AbuseReport
	CanBlock bool
	Blocked  bool
	Running  bool
	Active   bool // and somebody has joined
}

func (p *Pages) getReports(w http.ResponseWriter, r *http.Request, v visit) {
	reports, err := p.cfg.DeskStore.AbuseReports(r.Context(), maxReports)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	accounts, err := p.cfg.DeskStore.Accounts(r.Context())
	if err != nil {
		p.failed(w, r, err)
		return
	}
	known, running := map[string]store.Account{}, map[string]wire.SessionState{}
	for _, a := range accounts {
		known[a.ID] = a
	}
	for _, s := range p.cfg.Desk.Live("") {
		running[s.ID] = s.State
	}
	var rows []misuseRow
	for _, report := range reports {
		a, ok := known[report.Account]
		rows = append(rows, misuseRow{report, ok && !a.Disabled && a.ID != v.account.ID, a.Disabled, running[report.Session] != "", running[report.Session] == wire.SessionActive})
	}
	p.showDesk(w, r, v, "abuse", deskFrame{Data: rows})
}

func (p *Pages) postReportDone(w http.ResponseWriter, r *http.Request, v visit) {
	if err := p.office(v).AbuseDone(r.Context(), r.PathValue("id")); err != nil {
		if _, ok := p.wrong(w, r, err); ok {
			p.show(w, r, http.StatusNotFound, "missing", nil)
		}
		return
	}
	http.Redirect(w, r, "/desk/admin/abuse", http.StatusSeeOther)
}
