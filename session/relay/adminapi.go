package relay

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"handrail/session/relay/admin"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

// OpenAPI describes the HTTP interface for programs; a test compares it with what the handlers do.
//
//go:embed openapi.json
var OpenAPI []byte

// operation is one call of the interface for administration.
type operation struct {
	method, path string
	scope        admin.Scope // "": only for somebody who is signed in, never with a key
	do           func(*Server, http.ResponseWriter, *http.Request, caller)
}

const (
	adminPath   = "/v1/admin/"
	keysPath    = "/v1/keys"
	openAPIPath = "/v1/openapi.json"
)

// operations are all calls of the interface for administration.
var operations = []operation{
	{"GET", adminPath + "accounts", admin.AccountsRead, (*Server).listAccounts},
	{"POST", adminPath + "accounts", admin.AccountsWrite, (*Server).addAccount},
	{"GET", adminPath + "accounts/{user}", admin.AccountsRead, (*Server).getAccount},
	{"PATCH", adminPath + "accounts/{user}", admin.AccountsWrite, (*Server).changeAccount},
	{"DELETE", adminPath + "accounts/{user}", admin.AccountsWrite, (*Server).removeAccount},
	{"POST", adminPath + "accounts/{user}/password-link", admin.AccountsWrite, (*Server).newPasswordLink},
	{"DELETE", adminPath + "accounts/{user}/second-factor", admin.AccountsWrite, (*Server).removeSecondFactor},
	{"GET", adminPath + "sessions", admin.AllRead, (*Server).listAllSessions},
	{"DELETE", adminPath + "sessions/{id}", admin.AllWrite, (*Server).endAnySession},
	{"GET", adminPath + "history", admin.ReportsRead, (*Server).getHistory},
	{"GET", adminPath + "report", admin.ReportsRead, (*Server).getReport},
	{"GET", adminPath + "report.csv", admin.ReportsRead, (*Server).getReportCSV},
	{"GET", adminPath + "audit", admin.AuditRead, (*Server).getAudit},
	{"GET", adminPath + "appearance", admin.SettingsRead, (*Server).getAppearance},
	{"PUT", adminPath + "appearance", admin.SettingsWrite, (*Server).putAppearance},
	{"PUT", adminPath + "logo", admin.SettingsWrite, (*Server).putLogo},
	{"DELETE", adminPath + "logo", admin.SettingsWrite, (*Server).deleteLogo},
	{"GET", adminPath + "abuse", admin.AbuseRead, (*Server).listAbuse},
	{"POST", adminPath + "abuse/{id}/done", admin.AbuseWrite, (*Server).abuseDone},
	{"GET", keysPath, "", (*Server).listKeys},
	{"POST", keysPath, "", (*Server).addKey},
	{"DELETE", keysPath + "/{id}", "", (*Server).removeKey},
}

func (s *Server) registerAdministration(mux *http.ServeMux) {
	for _, o := range operations {
		mux.HandleFunc(o.method+" "+o.path, func(w http.ResponseWriter, r *http.Request) {
			c, reason := s.caller(r)
			switch {
			case reason != "":
				s.fail(w, r, reason, 0)
			case o.scope == "" && c.key != nil || o.scope != "" && !c.may(o.scope):
				s.forbid(w, r)
			default:
				o.do(s, w, r, c)
			}
		})
	}
	mux.HandleFunc("GET "+openAPIPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(OpenAPI)
	})
}

// refused answers with what an office has said.
func (s *Server) refused(w http.ResponseWriter, r *http.Request, err error) {
	var wrong *admin.Error
	var failure *wire.Error
	status := http.StatusUnprocessableEntity
	switch {
	case errors.As(err, &failure):
		s.fail(w, r, failure.Reason, 0)
		return
	case !errors.As(err, &wrong):
		s.internal(w, r, err)
		return
	case wrong == admin.ErrNotFound:
		status = http.StatusNotFound
	case wrong == admin.ErrExists, wrong == admin.ErrSelf:
		status = http.StatusConflict
	}
	s.answer(w, status, wire.Failure{Reason: wire.Reason(wrong.Word), Text: wrong.Text})
}

// done answers without a body, or with what went wrong.
func (s *Server) done(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		s.refused(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// strict reads a request's JSON, in which nothing may stand that is not known; when it cannot, it has answered.
func (s *Server) strict(w http.ResponseWriter, r *http.Request, into any) bool {
	var raw json.RawMessage
	if !s.body(w, r, &raw) {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if d.Decode(into) != nil {
		s.fail(w, r, wire.ReasonMalformed, 0)
		return false
	}
	return true
}

// sessionView is a session that is running.
type sessionView struct {
	wire.Session
	User string `json:"user"`
}

func (s *Server) listAllSessions(w http.ResponseWriter, r *http.Request, _ caller) {
	users, err := s.users(r.Context())
	if err != nil {
		s.internal(w, r, err)
		return
	}
	live, err := s.desk.live(r.Context(), "")
	if err != nil {
		s.internal(w, r, err)
		return
	}
	all := []sessionView{}
	for _, l := range live {
		all = append(all, sessionView{l.Session, users[l.Account]})
	}
	s.answer(w, http.StatusOK, all)
}

// users are the accounts' sign-in names, by ID.
func (s *Server) users(ctx context.Context) (map[string]string, error) {
	accounts, err := s.cfg.Store.Accounts(ctx)
	users := map[string]string{}
	for _, a := range accounts {
		users[a.ID] = a.User
	}
	return users, err
}

func (s *Server) endAnySession(w http.ResponseWriter, r *http.Request, c caller) {
	id := r.PathValue("id")
	err := s.desk.end(r.Context(), "", id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		s.fail(w, r, wire.ReasonNotFound, 0)
		return
	case err != nil:
		s.internal(w, r, err)
		return
	}
	s.done(w, r, s.cfg.Store.Audit(r.Context(), s.cfg.Now(), c.account.User, "ended session", id))
}

// maxRecords bounds the history in one answer.
const maxRecords = 10_000

// recordView is a session of the history.
type recordView struct {
	ID      string     `json:"id"`
	User    string     `json:"user"`
	Routing string     `json:"routing"`
	Created time.Time  `json:"created"`
	Joined  *time.Time `json:"joined"` // null: nobody
	Ended   *time.Time `json:"ended"`  // null: not yet
	Reason  string     `json:"reason"`
}

// period is which days are asked for: the last 31 unless from and until (excluded) say otherwise, as in 2026-01-31.
func (s *Server) period(w http.ResponseWriter, r *http.Request) (from, until time.Time, ok bool) {
	now := s.cfg.Now().UTC()
	from, until = now.Truncate(24*time.Hour).AddDate(0, 0, -30), now.Truncate(24*time.Hour).AddDate(0, 0, 1)
	for name, at := range map[string]*time.Time{"from": &from, "until": &until} {
		if text := r.URL.Query().Get(name); text != "" {
			t, err := time.Parse(time.DateOnly, text)
			if err != nil {
				s.fail(w, r, wire.ReasonMalformed, 0)
				return from, until, false
			}
			*at = t
		}
	}
	return from, until, true
}

func (s *Server) getHistory(w http.ResponseWriter, r *http.Request, _ caller) {
	from, until, ok := s.period(w, r)
	if !ok {
		return
	}
	records, err := s.cfg.Store.History(r.Context(), "", from, until, maxRecords)
	if err != nil {
		s.internal(w, r, err)
		return
	}
	all := []recordView{}
	for _, h := range records {
		all = append(all, recordView{h.ID, h.User, h.Routing, h.Created, orNull(h.Joined), orNull(h.Ended), h.Reason})
	}
	s.answer(w, http.StatusOK, all)
}

// reportView is what an operator did on a day.
type reportView struct {
	Day      string  `json:"day"`
	User     string  `json:"user"`
	Sessions int     `json:"sessions"`
	Joined   int     `json:"joined"`
	Minutes  float64 `json:"minutes"`
	Longest  float64 `json:"longest_minutes"`
}

func (s *Server) report(w http.ResponseWriter, r *http.Request) ([]store.ReportRow, bool) {
	from, until, ok := s.period(w, r)
	if !ok {
		return nil, false
	}
	rows, err := s.cfg.Store.Report(r.Context(), r.URL.Query().Get("user"), from, until, s.cfg.Now())
	if err != nil {
		s.internal(w, r, err)
	}
	return rows, err == nil
}

func (s *Server) getReport(w http.ResponseWriter, r *http.Request, _ caller) {
	rows, ok := s.report(w, r)
	if !ok {
		return
	}
	all := []reportView{}
	for _, row := range rows {
		all = append(all, reportView{
			row.Day.Format(time.DateOnly), row.User, row.Sessions, row.Joined, row.Length.Minutes(), row.Longest.Minutes(),
		})
	}
	s.answer(w, http.StatusOK, all)
}

func (s *Server) getReportCSV(w http.ResponseWriter, r *http.Request, _ caller) {
	rows, ok := s.report(w, r)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="handrail-report.csv"`)
	out := csv.NewWriter(w)
	out.WriteAll(admin.ReportTable(rows))
}

// auditView is the audit log, and whether a line of it was changed or is missing.
type auditView struct {
	Intact bool        `json:"intact"`
	Lines  []auditLine `json:"lines"` // the newest first
}

type auditLine struct {
	Number int64     `json:"number"`
	Time   time.Time `json:"time"`
	Actor  string    `json:"actor"`
	Action string    `json:"action"`
	Detail string    `json:"detail"`
	Hash   string    `json:"hash"`
}

func (s *Server) getAudit(w http.ResponseWriter, r *http.Request, _ caller) {
	limit := 1000
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxRecords {
			s.fail(w, r, wire.ReasonMalformed, 0)
			return
		}
		limit = n
	}
	lines, err := s.cfg.Store.AuditLines(r.Context(), limit)
	if err != nil {
		s.internal(w, r, err)
		return
	}
	_, broken := s.cfg.Store.CheckAudit(r.Context())
	if broken != nil && !errors.Is(broken, store.ErrAuditBroken) {
		s.internal(w, r, broken)
		return
	}
	v := auditView{Intact: broken == nil, Lines: []auditLine{}}
	for _, l := range lines {
		v.Lines = append(v.Lines, auditLine{l.Number, l.At, l.Actor, l.Action, l.Detail, hex.EncodeToString(l.Hash[:])})
	}
	s.answer(w, http.StatusOK, v)
}

func (s *Server) getAppearance(w http.ResponseWriter, r *http.Request, c caller) {
	a, err := s.office(c.account).Appearance(r.Context())
	if err != nil {
		s.internal(w, r, err)
		return
	}
	if a.Allowed == nil {
		a.Allowed = admin.Permissions
	}
	s.answer(w, http.StatusOK, a)
}

func (s *Server) putAppearance(w http.ResponseWriter, r *http.Request, c caller) {
	var a admin.Appearance
	if s.strict(w, r, &a) {
		s.done(w, r, s.office(c.account).SetAppearance(r.Context(), a))
	}
}

func (s *Server) putLogo(w http.ResponseWriter, r *http.Request, c caller) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		s.fail(w, r, wire.ReasonTooLarge, 0)
		return
	}
	s.done(w, r, s.office(c.account).SetLogo(r.Context(), data))
}

func (s *Server) deleteLogo(w http.ResponseWriter, r *http.Request, c caller) {
	s.done(w, r, s.office(c.account).SetLogo(r.Context(), nil))
}

// abuseView is a report of misuse.
type abuseView struct {
	ID      string     `json:"id"`
	Time    time.Time  `json:"time"`
	Routing string     `json:"routing"`
	Session string     `json:"session"` // "" when no session had these digits
	User    string     `json:"user"`
	Text    string     `json:"text"`
	Done    *time.Time `json:"done"` // null: nobody has looked into it
}

// maxAbuse bounds the reports of misuse in one answer.
const maxAbuse = 500

func (s *Server) listAbuse(w http.ResponseWriter, r *http.Request, _ caller) {
	reports, err := s.cfg.Store.AbuseReports(r.Context(), maxAbuse)
	if err != nil {
		s.internal(w, r, err)
		return
	}
	all := []abuseView{}
	for _, a := range reports {
		all = append(all, abuseView{a.ID, a.At, a.Routing, a.Session, a.User, a.Text, orNull(a.Done)})
	}
	s.answer(w, http.StatusOK, all)
}

func (s *Server) abuseDone(w http.ResponseWriter, r *http.Request, c caller) {
	s.done(w, r, s.office(c.account).AbuseDone(r.Context(), r.PathValue("id")))
}

// keyView is a key without what opens anything.
type keyView struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Scopes  []string   `json:"scopes"`
	Created time.Time  `json:"created"`
	Expires time.Time  `json:"expires"`
	Used    *time.Time `json:"used"` // to within the hour; null: never
}

type freshKey struct {
	keyView
	Key string `json:"key"` // shown this once
}

func viewKey(k store.Key) keyView {
	return keyView{k.ID, k.Name, k.Scopes, k.Created, k.Expires, orNull(k.Used)}
}

func (s *Server) listKeys(w http.ResponseWriter, r *http.Request, c caller) {
	keys, err := s.cfg.Store.Keys(r.Context(), c.account.ID)
	if err != nil {
		s.internal(w, r, err)
		return
	}
	all := []keyView{}
	for _, k := range keys {
		all = append(all, viewKey(k))
	}
	s.answer(w, http.StatusOK, all)
}

type keyAsk struct {
	Password string   `json:"password"` // the account's own: a key outlives every sign-in
	Name     string   `json:"name"`
	Scopes   []string `json:"scopes"`
	Days     int      `json:"days"`
}

func (s *Server) addKey(w http.ResponseWriter, r *http.Request, c caller) {
	var ask keyAsk
	if !s.strict(w, r, &ask) {
		return
	}
	if reason := s.desk.Confirm(r.Context(), r.RemoteAddr, c.account, ask.Password); reason != "" {
		s.fail(w, r, reason, 0)
		return
	}
	k, secret, err := s.office(c.account).AddKey(r.Context(), c.account, admin.NewKey{Name: ask.Name, Scopes: ask.Scopes, Days: ask.Days})
	if err != nil {
		s.refused(w, r, err)
		return
	}
	s.answer(w, http.StatusCreated, freshKey{viewKey(k), secret})
}

func (s *Server) removeKey(w http.ResponseWriter, r *http.Request, c caller) {
	s.done(w, r, s.office(c.account).RemoveKey(r.Context(), c.account.ID, r.PathValue("id")))
}
