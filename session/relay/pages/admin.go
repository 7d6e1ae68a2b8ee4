package pages

import (
	"crypto/rand"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"handrail/session/relay/store"
)

// accountRow is an account as administrators see it.
type accountRow struct {
	store.Account
	Self bool
}

type accountsData struct {
	Accounts     []accountRow
	Organisation string
	Fresh        string // the first password of an account that was just added, shown this once
	FreshUser    string
}

func (p *Pages) showAccounts(w http.ResponseWriter, r *http.Request, v visit, d deskFrame, fresh, freshUser string) {
	all, err := p.cfg.DeskStore.Accounts(r.Context())
	if err != nil {
		p.failed(w, r, err)
		return
	}
	data := accountsData{Fresh: fresh, FreshUser: freshUser}
	for _, a := range all {
		data.Accounts = append(data.Accounts, accountRow{a, a.ID == v.account.ID})
	}
	if data.Organisation, err = p.cfg.Store.Organisation(r.Context()); err != nil {
		p.failed(w, r, err)
		return
	}
	d.Data = data
	p.showDesk(w, r, v, "accounts", d)
}

func (p *Pages) getAccounts(w http.ResponseWriter, r *http.Request, v visit) {
	p.showAccounts(w, r, v, deskFrame{}, "", "")
}

// postAccount adds an account with a password that is shown once; its owner changes it after the first sign-in.
func (p *Pages) postAccount(w http.ResponseWriter, r *http.Request, v visit) {
	lang := p.texts.choose(w, r)
	user, err := store.CleanUser(r.PostForm.Get("user"))
	if err != nil {
		p.showAccounts(w, r, v, deskFrame{Wrong: p.texts.say(lang, "accounts.user.wrong")}, "", "")
		return
	}
	name, err := store.CleanName(r.PostForm.Get("name"))
	if err != nil {
		p.showAccounts(w, r, v, deskFrame{Wrong: p.texts.say(lang, "accounts.name.wrong")}, "", "")
		return
	}
	password := strings.ToLower(rand.Text()[:16])
	a := store.Account{
		ID: store.NewID(), User: user, Name: name, PasswordHash: "none", Created: p.cfg.Now(),
		Administrator: r.PostForm.Get("administrator") != "",
	}
	if err := p.cfg.DeskStore.AddAccount(r.Context(), a); err != nil {
		p.showAccounts(w, r, v, deskFrame{Wrong: p.texts.say(lang, "accounts.exists")}, "", "")
		return
	}
	if err := p.cfg.Desk.SetPassword(r.Context(), a.ID, password); err != nil {
		p.failed(w, r, err)
		return
	}
	p.audit(r.Context(), v.account.User, "added account", user)
	p.showAccounts(w, r, v, deskFrame{}, password, user)
}

// postAccountChange blocks an account or lets it in again, and changes its role. Nobody can lock themselves out.
func (p *Pages) postAccountChange(w http.ResponseWriter, r *http.Request, v visit) {
	ctx, id := r.Context(), r.PathValue("id")
	a, err := p.cfg.DeskStore.Account(ctx, id)
	if err != nil || id == v.account.ID {
		p.refuse(w, r)
		return
	}
	switch r.PathValue("change") {
	case "block":
		err = p.cfg.DeskStore.SetDisabled(ctx, id, true)
		p.cfg.Desk.Revoke(id)
		p.audit(ctx, v.account.User, "blocked account", a.User)
	case "unblock":
		err = p.cfg.DeskStore.SetDisabled(ctx, id, false)
		p.audit(ctx, v.account.User, "unblocked account", a.User)
	case "raise":
		err = p.cfg.DeskStore.SetAdministrator(ctx, id, true)
		p.audit(ctx, v.account.User, "made administrator", a.User)
	case "lower":
		err = p.cfg.DeskStore.SetAdministrator(ctx, id, false)
		p.audit(ctx, v.account.User, "made operator", a.User)
	case "second":
		err = p.cfg.DeskStore.RemoveSecondFactor(ctx, id)
		p.audit(ctx, v.account.User, "removed second factor", a.User)
	default:
		p.refuse(w, r)
		return
	}
	if err != nil {
		p.failed(w, r, err)
		return
	}
	http.Redirect(w, r, "/desk/admin/accounts", http.StatusSeeOther)
}

func (p *Pages) postOrganisation(w http.ResponseWriter, r *http.Request, v visit) {
	name := strings.TrimSpace(r.PostForm.Get("organisation"))
	if name != "" {
		clean, err := store.CleanName(name)
		if err != nil {
			p.showAccounts(w, r, v, deskFrame{Wrong: p.texts.say(p.texts.choose(w, r), "accounts.name.wrong")}, "", "")
			return
		}
		name = clean
	}
	if err := p.cfg.DeskStore.SetOrganisation(r.Context(), name); err != nil {
		p.failed(w, r, err)
		return
	}
	p.audit(r.Context(), v.account.User, "renamed organisation", name)
	http.Redirect(w, r, "/desk/admin/accounts", http.StatusSeeOther)
}

func (p *Pages) getAllSessions(w http.ResponseWriter, r *http.Request, v visit) {
	all, err := p.cfg.DeskStore.Accounts(r.Context())
	if err != nil {
		p.failed(w, r, err)
		return
	}
	users := map[string]string{}
	for _, a := range all {
		users[a.ID] = a.User
	}
	rows := p.rows("")
	for i := range rows {
		rows[i].User = users[rows[i].User]
	}
	p.showDesk(w, r, v, "sessions", deskFrame{Data: rows})
}

func (p *Pages) postEndAny(w http.ResponseWriter, r *http.Request, v visit) {
	if p.cfg.Desk.End("", r.PathValue("id")) {
		p.audit(r.Context(), v.account.User, "ended session of another", r.PathValue("id"))
	}
	http.Redirect(w, r, "/desk/admin/sessions", http.StatusSeeOther)
}

// maxReport bounds a report, in sessions.
const maxReport = 100_000

// getReport is all sessions of the last days as CSV, 31 unless ?days says otherwise.
func (p *Pages) getReport(w http.ResponseWriter, r *http.Request, v visit) {
	days, err := strconv.Atoi(r.URL.Query().Get("days"))
	if err != nil || days < 1 || days > 3660 {
		days = 31
	}
	now := p.cfg.Now()
	records, err := p.cfg.DeskStore.History(r.Context(), "", now.AddDate(0, 0, -days), now.Add(time.Hour), maxReport)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	p.audit(r.Context(), v.account.User, "took report", strconv.Itoa(days)+" days")
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="handrail-sessions.csv"`)
	out := csv.NewWriter(w)
	out.Write([]string{"session", "operator", "routing", "created", "joined", "ended", "minutes", "reason"})
	for _, s := range records {
		row := recordRow(s, now)
		out.Write([]string{
			s.ID, inert(s.User), s.Routing, stamp(s.Created), stamp(s.Joined), stamp(s.Ended), strconv.Itoa(row.Minutes), inert(s.Reason),
		})
	}
	out.Flush()
}

// inert keeps a spreadsheet from taking text for a formula.
func inert(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// maxAudit bounds what the audit page lists.
const maxAudit = 300

func (p *Pages) getAudit(w http.ResponseWriter, r *http.Request, v visit) {
	lines, err := p.cfg.DeskStore.AuditLines(r.Context(), maxAudit)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	p.showDesk(w, r, v, "audit", deskFrame{Data: lines})
}
