package pages

import (
	"net/http"
	"slices"
	"strconv"

	"handrail/session/relay/admin"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

// keysData is what the page shows about the keys of an account.
type keysData struct {
	Keys   []store.Key
	Scopes []choice
	Fresh  string // a key that was just made, shown this once
	Name   string
	Days   int
}

func (p *Pages) showKeys(w http.ResponseWriter, r *http.Request, v visit, d deskFrame, fresh string) {
	keys, err := p.cfg.DeskStore.Keys(r.Context(), v.account.ID)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	data := keysData{Keys: keys, Fresh: fresh, Days: 90}
	for _, s := range admin.ScopesOf(v.account) {
		data.Scopes = append(data.Scopes, choice{Name: string(s), On: d.Wrong != "" && slices.Contains(r.PostForm["scope"], string(s))})
	}
	if d.Wrong != "" {
		data.Name = r.PostForm.Get("name")
	}
	d.Data = data
	p.showDesk(w, r, v, "keys", d)
}

func (p *Pages) getKeys(w http.ResponseWriter, r *http.Request, v visit) {
	p.showKeys(w, r, v, deskFrame{}, "")
}

// postKey makes a key. It outlives every cookie, so the password is asked for.
func (p *Pages) postKey(w http.ResponseWriter, r *http.Request, v visit) {
	lang := p.texts.choose(w, r)
	switch p.cfg.Desk.Confirm(r.Context(), r.RemoteAddr, v.account, r.PostForm.Get("password")) {
	case "":
	case wire.ReasonTooManyTries:
		p.showKeys(w, r, v, deskFrame{Wrong: p.texts.say(lang, "signin.wait")}, "")
		return
	default:
		p.showKeys(w, r, v, deskFrame{Wrong: p.texts.say(lang, "account.wrong")}, "")
		return
	}
	days, _ := strconv.Atoi(r.PostForm.Get("days")) // 0 is refused
	_, secret, err := p.office(v).AddKey(r.Context(), v.account, admin.NewKey{
		Name: r.PostForm.Get("name"), Scopes: r.PostForm["scope"], Days: days,
	})
	if err != nil {
		if wrong, ok := p.wrong(w, r, err); ok {
			p.showKeys(w, r, v, deskFrame{Wrong: wrong}, "")
		}
		return
	}
	p.showKeys(w, r, v, deskFrame{}, secret)
}

func (p *Pages) postKeyRemove(w http.ResponseWriter, r *http.Request, v visit) {
	if err := p.office(v).RemoveKey(r.Context(), v.account.ID, r.PathValue("id")); err != nil {
		if _, ok := p.wrong(w, r, err); ok {
			p.show(w, r, http.StatusNotFound, "missing", nil)
		}
		return
	}
	http.Redirect(w, r, "/desk/keys", http.StatusSeeOther)
}
