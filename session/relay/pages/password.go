package pages

import (
	"errors"
	"net/http"

	"handrail/session/relay/admin"
	"handrail/session/relay/store"
)

// passwordData is what the page shows on which somebody sets a password by a link.
type passwordData struct {
	Word    string // the link's last part
	User    string
	MinWord int
	Wrong   string // sentence
}

// linked is the account that the link in the path is for; when there is none, it has answered.
func (p *Pages) linked(w http.ResponseWriter, r *http.Request) (store.Account, bool) {
	a, err := p.cfg.DeskStore.PasswordLink(r.Context(), admin.HashSecret(r.PathValue("word")), p.cfg.Now())
	switch {
	case errors.Is(err, store.ErrNotFound):
		p.show(w, r, http.StatusNotFound, "expired", nil)
	case err != nil:
		p.failed(w, r, err)
	}
	return a, err == nil
}

func (p *Pages) getPassword(w http.ResponseWriter, r *http.Request) {
	if a, ok := p.linked(w, r); ok {
		p.show(w, r, http.StatusOK, "password", passwordData{r.PathValue("word"), a.User, store.MinPassword, ""})
	}
}

func (p *Pages) postPasswordLink(w http.ResponseWriter, r *http.Request) {
	if !p.form(w, r) {
		return
	}
	a, ok := p.linked(w, r)
	if !ok {
		return
	}
	word, ctx := r.PathValue("word"), r.Context()
	if store.CheckPassword(r.PostForm.Get("new")) != nil {
		d := passwordData{word, a.User, store.MinPassword, p.texts.say(p.texts.choose(w, r), "account.short", store.MinPassword)}
		p.show(w, r, http.StatusUnprocessableEntity, "password", d)
		return
	}
	// Used up first: of two who have the link, one sets the password.
	err := p.cfg.DeskStore.UsePasswordLink(ctx, admin.HashSecret(word), p.cfg.Now())
	if errors.Is(err, store.ErrNotFound) {
		p.show(w, r, http.StatusNotFound, "expired", nil)
		return
	}
	if err == nil {
		err = p.cfg.Desk.SetPassword(ctx, a.ID, r.PostForm.Get("new"))
	}
	if err != nil {
		p.failed(w, r, err)
		return
	}
	p.audit(ctx, a.User, "set password by link", "")
	http.Redirect(w, r, "/desk/signin", http.StatusSeeOther)
}
