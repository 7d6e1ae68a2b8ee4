package pages

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"handrail/session/relay/store"
	"handrail/session/wire"
)

// recordRow is a session of the history as the pages list it.
func recordRow(s store.SessionRecord, now time.Time) sessionRow {
	row := sessionRow{ID: s.ID, User: s.User, Routing: s.Routing, Created: s.Created, Joined: s.Joined, Reason: s.Reason}
	if end := s.Ended; !s.Joined.IsZero() {
		if end.IsZero() {
			end = now
		}
		row.Minutes = int(end.Sub(s.Joined).Round(time.Minute).Minutes())
	}
	return row
}

// accountData is what the page about one's own account shows.
type accountData struct {
	Second  bool     // a second factor counts
	Left    int      // recovery codes
	Secret  string   // of a second factor that is being set up, in base32
	Link    string   // the same for an authenticator on this device
	Codes   []string // fresh recovery codes, shown this once
	MinWord int      // characters of a password
}

func (p *Pages) showAccount(w http.ResponseWriter, r *http.Request, v visit, d deskFrame, codes []string) {
	data := accountData{Codes: codes, MinWord: store.MinPassword}
	f, err := p.cfg.DeskStore.SecondFactor(r.Context(), v.account.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		p.failed(w, r, err)
		return
	case f.Confirmed:
		data.Second, data.Left = true, f.Codes
	default:
		data.Secret = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(f.Secret)
		q := url.Values{"secret": {data.Secret}, "issuer": {"Handrail"}}
		data.Link = "otpauth://totp/" + url.PathEscape("Handrail:"+v.account.User+"@"+r.Host) + "?" + q.Encode()
	}
	d.Data = data
	p.showDesk(w, r, v, "account", d)
}

func (p *Pages) getAccount(w http.ResponseWriter, r *http.Request, v visit) {
	p.showAccount(w, r, v, deskFrame{}, nil)
}

// confirmed checks the person's own password before something that a passer-by must not do; when it is wrong, it
// has answered.
func (p *Pages) confirmed(w http.ResponseWriter, r *http.Request, v visit) bool {
	lang := p.texts.choose(w, r)
	switch p.cfg.Desk.Confirm(r.Context(), r.RemoteAddr, v.account, r.PostForm.Get("password")) {
	case "":
		return true
	case wire.ReasonTooManyTries:
		p.showAccount(w, r, v, deskFrame{Wrong: p.texts.say(lang, "signin.wait")}, nil)
	default:
		p.showAccount(w, r, v, deskFrame{Wrong: p.texts.say(lang, "account.wrong")}, nil)
	}
	return false
}

func (p *Pages) postPassword(w http.ResponseWriter, r *http.Request, v visit) {
	if store.CheckPassword(r.PostForm.Get("new")) != nil {
		p.showAccount(w, r, v, deskFrame{Wrong: p.texts.say(p.texts.choose(w, r), "account.short", store.MinPassword)}, nil)
		return
	}
	if !p.confirmed(w, r, v) {
		return
	}
	if err := p.cfg.Desk.SetPassword(r.Context(), v.account.ID, r.PostForm.Get("new")); err != nil {
		p.failed(w, r, err)
		return
	}
	p.audit(r.Context(), v.account.User, "changed password", "")
	setCookie(w, "")
	http.Redirect(w, r, "/desk/signin", http.StatusSeeOther)
}

// postSecond begins to set a second factor up, and postSecondConfirm makes it count. Both ask for the password: a passer-by
// would keep the owner out with one of their own.
func (p *Pages) postSecond(w http.ResponseWriter, r *http.Request, v visit) {
	if !p.confirmed(w, r, v) {
		return
	}
	secret := make([]byte, 20)
	rand.Read(secret)
	if err := p.cfg.DeskStore.BeginSecondFactor(r.Context(), v.account.ID, secret); err != nil && !errors.Is(err, store.ErrExists) {
		p.failed(w, r, err)
		return
	}
	http.Redirect(w, r, "/desk/account", http.StatusSeeOther)
}

// recoveryCodes is how many codes a person gets to keep on paper.
const recoveryCodes = 10

func (p *Pages) postSecondConfirm(w http.ResponseWriter, r *http.Request, v visit) {
	ctx, lang := r.Context(), p.texts.choose(w, r)
	f, err := p.cfg.DeskStore.SecondFactor(ctx, v.account.ID)
	if err != nil || f.Confirmed {
		http.Redirect(w, r, "/desk/account", http.StatusSeeOther)
		return
	}
	if !p.confirmed(w, r, v) {
		return
	}
	step, ok := FindStep(f.Secret, strings.TrimSpace(r.PostForm.Get("second")), p.cfg.Now())
	if !ok || p.cfg.DeskStore.UseStep(ctx, v.account.ID, step) != nil {
		p.showAccount(w, r, v, deskFrame{Wrong: p.texts.say(lang, "account.second.wrong")}, nil)
		return
	}
	var codes []string
	var hashes [][32]byte
	for range recoveryCodes {
		code := strings.ToLower(rand.Text()[:16])
		codes = append(codes, code[:4]+"-"+code[4:8]+"-"+code[8:12]+"-"+code[12:])
		hashes = append(hashes, HashRecoveryCode(code))
	}
	if err := p.cfg.DeskStore.ConfirmSecondFactor(ctx, v.account.ID, hashes); err != nil {
		p.failed(w, r, err)
		return
	}
	p.audit(ctx, v.account.User, "set up second factor", "")
	p.showAccount(w, r, v, deskFrame{Said: "account.second.on"}, codes)
}

func (p *Pages) postSecondRemove(w http.ResponseWriter, r *http.Request, v visit) {
	if !p.confirmed(w, r, v) {
		return
	}
	if err := p.cfg.DeskStore.RemoveSecondFactor(r.Context(), v.account.ID); err != nil {
		p.failed(w, r, err)
		return
	}
	p.audit(r.Context(), v.account.User, "removed second factor", "")
	http.Redirect(w, r, "/desk/account", http.StatusSeeOther)
}
