package relay

import (
	"errors"
	"net/http"
	"time"

	"handrail/session/relay/admin"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

// accountView is an account as programs see it.
type accountView struct {
	User          string     `json:"user"`
	Name          string     `json:"name"`
	Administrator bool       `json:"administrator"`
	Disabled      bool       `json:"disabled"`
	Created       time.Time  `json:"created"`
	LastSeen      *time.Time `json:"last_seen"` // null: never
}

// orNull is a time, or null for none.
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func viewAccount(a store.Account) accountView {
	return accountView{a.User, a.Name, a.Administrator, a.Disabled, a.Created, orNull(a.LastSeen)}
}

func (s *Server) listAccounts(w http.ResponseWriter, r *http.Request, _ caller) {
	accounts, err := s.cfg.Store.Accounts(r.Context())
	if err != nil {
		s.internal(w, r, err)
		return
	}
	all := []accountView{}
	for _, a := range accounts {
		all = append(all, viewAccount(a))
	}
	s.answer(w, http.StatusOK, all)
}

// named is the account in the path; when there is none, it has answered.
func (s *Server) named(w http.ResponseWriter, r *http.Request) (store.Account, bool) {
	a, err := s.cfg.Store.AccountByUser(r.Context(), userKey(r.PathValue("user")))
	if errors.Is(err, store.ErrNotFound) {
		err = admin.ErrNotFound
	}
	if err != nil {
		s.refused(w, r, err)
	}
	return a, err == nil
}

func (s *Server) getAccount(w http.ResponseWriter, r *http.Request, _ caller) {
	if a, ok := s.named(w, r); ok {
		s.answer(w, http.StatusOK, viewAccount(a))
	}
}

// linkAsk says where a link goes with which a password is set.
type linkAsk struct {
	Mail     string `json:"mail"` // "": the answer has the link
	Language string `json:"language"`
}

type accountAsk struct {
	User          string `json:"user"`
	Name          string `json:"name"`
	Administrator bool   `json:"administrator"`
	linkAsk
}

// linkView is what became of such a link.
type linkView struct {
	Link   string `json:"link"` // "" when it was sent by mail
	Mailed bool   `json:"mailed"`
}

type freshAccount struct {
	accountView
	linkView
}

func (s *Server) addAccount(w http.ResponseWriter, r *http.Request, c caller) {
	var ask accountAsk
	if !s.strict(w, r, &ask) {
		return
	}
	if ask.Mail != "" && s.cfg.Mail == nil {
		s.fail(w, r, wire.ReasonNoMail, 0)
		return
	}
	a, word, err := s.office(c.account).AddAccount(r.Context(), admin.NewAccount{User: ask.User, Name: ask.Name, Administrator: ask.Administrator})
	if err != nil {
		s.refused(w, r, err)
		return
	}
	s.answer(w, http.StatusCreated, freshAccount{viewAccount(a), s.deliver(r, a, word, ask.linkAsk)})
}

// deliver sends a link by mail, or gives it to the caller when that was not asked for or has failed.
func (s *Server) deliver(r *http.Request, a store.Account, word string, ask linkAsk) linkView {
	link := s.address(r).JoinPath("desk", "password", word).String()
	if ask.Mail == "" || s.passwordLink(r.Context(), a, ask.Mail, ask.Language, link) != nil {
		return linkView{Link: link}
	}
	return linkView{Mailed: true}
}

func (s *Server) newPasswordLink(w http.ResponseWriter, r *http.Request, c caller) {
	var ask linkAsk
	if !s.strict(w, r, &ask) {
		return
	}
	a, ok := s.named(w, r)
	if !ok {
		return
	}
	_, word, err := s.office(c.account).NewLink(r.Context(), a.ID)
	if err != nil {
		s.refused(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, s.deliver(r, a, word, ask))
}

func (s *Server) changeAccount(w http.ResponseWriter, r *http.Request, c caller) {
	var change admin.Change
	if !s.strict(w, r, &change) {
		return
	}
	if a, ok := s.named(w, r); ok {
		s.done(w, r, s.office(c.account).ChangeAccount(r.Context(), a.ID, change))
	}
}

func (s *Server) removeAccount(w http.ResponseWriter, r *http.Request, c caller) {
	if a, ok := s.named(w, r); ok {
		s.done(w, r, s.office(c.account).RemoveAccount(r.Context(), a.ID))
	}
}

func (s *Server) removeSecondFactor(w http.ResponseWriter, r *http.Request, c caller) {
	if a, ok := s.named(w, r); ok {
		s.done(w, r, s.office(c.account).RemoveSecondFactor(r.Context(), a.ID))
	}
}
