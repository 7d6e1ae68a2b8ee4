package pages

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"time"

	"handrail/session/relay/admin"
	"handrail/session/relay/store"
)

// reportPage is what administrators see of who did what on which day.
type reportPage struct {
	Rows        []store.ReportRow
	From, Until string // days, both included
	User        string
	Users       []string
	Query       string // of the same report as a file
}

// period is the days that are asked for: the last 31 unless the request says otherwise.
func (p *Pages) period(r *http.Request) (from, until time.Time) {
	today := p.cfg.Now().UTC().Truncate(24 * time.Hour)
	from, until = today.AddDate(0, 0, -30), today
	if t, err := time.Parse(time.DateOnly, r.URL.Query().Get("from")); err == nil {
		from = t
	}
	if t, err := time.Parse(time.DateOnly, r.URL.Query().Get("until")); err == nil {
		until = t
	}
	return from, until
}

func (p *Pages) getReport(w http.ResponseWriter, r *http.Request, v visit) {
	from, until := p.period(r)
	d := reportPage{From: from.Format(time.DateOnly), Until: until.Format(time.DateOnly), User: r.URL.Query().Get("user")}
	rows, err := p.cfg.DeskStore.Report(r.Context(), d.User, from, until.AddDate(0, 0, 1), p.cfg.Now())
	if err != nil {
		p.failed(w, r, err)
		return
	}
	accounts, err := p.cfg.DeskStore.Accounts(r.Context())
	if err != nil {
		p.failed(w, r, err)
		return
	}
	for _, a := range accounts {
		d.Users = append(d.Users, a.User)
	}
	d.Rows = rows
	d.Query = url.Values{"from": {d.From}, "until": {d.Until}, "user": {d.User}}.Encode()
	p.showDesk(w, r, v, "report", deskFrame{Data: d})
}

// maxRecords bounds the sessions of a report.
const maxRecords = 100_000

// getReportCSV is the report as a file, and getSessionsCSV every session of it.
func (p *Pages) getReportCSV(w http.ResponseWriter, r *http.Request, v visit) {
	from, until := p.period(r)
	rows, err := p.cfg.DeskStore.Report(r.Context(), r.URL.Query().Get("user"), from, until.AddDate(0, 0, 1), p.cfg.Now())
	if err != nil {
		p.failed(w, r, err)
		return
	}
	p.sendTable(w, r, v, "handrail-report.csv", admin.ReportTable(rows))
}

func (p *Pages) getSessionsCSV(w http.ResponseWriter, r *http.Request, v visit) {
	from, until := p.period(r)
	records, err := p.cfg.DeskStore.History(r.Context(), "", from, until.AddDate(0, 0, 1), maxRecords)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	p.sendTable(w, r, v, "handrail-sessions.csv", admin.HistoryTable(records, p.cfg.Now()))
}

// sendTable answers with a table as a file, and notes who took it.
func (p *Pages) sendTable(w http.ResponseWriter, r *http.Request, v visit, name string, table [][]string) {
	p.audit(r.Context(), v.account.User, "took report", name)
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	csv.NewWriter(w).WriteAll(table) // whoever asked may be gone
}
