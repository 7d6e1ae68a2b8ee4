package pages

import (
	"errors"
	"net/http"

	"handrail/session/relay/admin"
	"handrail/session/relay/store"
)

// accountRow is an account as administrators see it.
type accountRow struct {
	store.Account
	Self bool
}

type accountsData struct {
	Accounts  []accountRow
	Fresh     string // a link with which a password is set, shown this once
	FreshUser string
	Mailed    bool // it went by mail instead
	Mail      bool // the relay can send mails
}

func (p *Pages) showAccounts(w http.ResponseWriter, r *http.Request, v visit, d deskFrame, data accountsData) {
	all, err := p.cfg.DeskStore.Accounts(r.Context())
	if err != nil {
		p.failed(w, r, err)
		return
	}
	data.Mail = p.cfg.Desk.CanMail()
	for _, a := range all {
		data.Accounts = append(data.Accounts, accountRow{a, a.ID == v.account.ID})
	}
	d.Data = data
	p.showDesk(w, r, v, "accounts", d)
}

func (p *Pages) getAccounts(w http.ResponseWriter, r *http.Request, v visit) {
	p.showAccounts(w, r, v, deskFrame{}, accountsData{})
}

// postAccount adds an account. Its owner sets the password by a link; nobody else ever knows it.
func (p *Pages) postAccount(w http.ResponseWriter, r *http.Request, v visit) {
	a, word, err := p.office(v).AddAccount(r.Context(), admin.NewAccount{
		User: r.PostForm.Get("user"), Name: r.PostForm.Get("name"), Administrator: r.PostForm.Get("administrator") != "",
	})
	p.showLink(w, r, v, a, word, err)
}

// showLink sends a link with which a password is set by mail, or shows it.
func (p *Pages) showLink(w http.ResponseWriter, r *http.Request, v visit, a store.Account, word string, err error) {
	if err != nil {
		if wrong, ok := p.wrong(w, r, err); ok {
			p.showAccounts(w, r, v, deskFrame{Wrong: wrong}, accountsData{})
		}
		return
	}
	link := p.cfg.Desk.Address(r).JoinPath("desk", "password", word).String()
	data := accountsData{Fresh: link, FreshUser: a.User}
	if to := r.PostForm.Get("mail"); to != "" {
		lang := p.texts.choose(w, r)
		if chosen := r.PostForm.Get("language"); chosen != "" {
			lang = chosen
		}
		if err := p.cfg.Desk.SendLink(r.Context(), a, to, lang, link); err != nil {
			p.showAccounts(w, r, v, deskFrame{Wrong: p.mailProblem(p.texts.choose(w, r), err)}, data)
			return
		}
		data.Fresh, data.Mailed = "", true
	}
	p.showAccounts(w, r, v, deskFrame{}, data)
}

// postAccountChange blocks an account or lets it in again, and changes its role. Nobody can lock themselves out.
func (p *Pages) postAccountChange(w http.ResponseWriter, r *http.Request, v visit) {
	ctx, id, office := r.Context(), r.PathValue("id"), p.office(v)
	yes, no := true, false
	var err error
	switch r.PathValue("change") {
	case "block":
		err = office.ChangeAccount(ctx, id, admin.Change{Disabled: &yes})
	case "unblock":
		err = office.ChangeAccount(ctx, id, admin.Change{Disabled: &no})
	case "raise":
		err = office.ChangeAccount(ctx, id, admin.Change{Administrator: &yes})
	case "lower":
		err = office.ChangeAccount(ctx, id, admin.Change{Administrator: &no})
	case "second":
		err = office.RemoveSecondFactor(ctx, id)
	case "link":
		a, word, err := office.NewLink(ctx, id)
		p.showLink(w, r, v, a, word, err)
		return
	default:
		p.refuse(w, r)
		return
	}
	var refused *admin.Error
	switch {
	case errors.As(err, &refused):
		p.refuse(w, r)
	case err != nil:
		p.failed(w, r, err)
	default:
		http.Redirect(w, r, "/desk/admin/accounts", http.StatusSeeOther)
	}
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

// maxAudit bounds what the audit page lists.
const maxAudit = 300

type auditData struct {
	Lines  []store.AuditLine
	Broken bool // a line was changed, or is missing
}

func (p *Pages) getAudit(w http.ResponseWriter, r *http.Request, v visit) {
	lines, err := p.cfg.DeskStore.AuditLines(r.Context(), maxAudit)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	_, err = p.cfg.DeskStore.CheckAudit(r.Context())
	if err != nil && !errors.Is(err, store.ErrAuditBroken) {
		p.failed(w, r, err)
		return
	}
	p.showDesk(w, r, v, "audit", deskFrame{Data: auditData{lines, err != nil}})
}
