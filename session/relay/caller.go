package relay

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"handrail/session/relay/admin"
	"handrail/session/relay/mail"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

// caller is who asks for something over HTTP: somebody who is signed in, or a program with a key.
type caller struct {
	account store.Account
	key     *store.Key // nil: signed in, with everything that the account may do
}

// may says whether the caller may do what a scope stands for. What a key may do, its owner must still be allowed to.
func (c caller) may(s admin.Scope) bool {
	if !slices.Contains(admin.ScopesOf(c.account), s) {
		return false
	}
	return c.key == nil || slices.Contains(c.key.Scopes, string(s))
}

// forbid answers somebody who is known, and may not do this.
func (s *Server) forbid(w http.ResponseWriter, r *http.Request) {
	s.log.Info("refused", "method", r.Method, "path", r.URL.Path, "address", r.RemoteAddr, "reason", "forbidden")
	s.answer(w, http.StatusForbidden, wire.Failure{Reason: "forbidden", Text: "This account or key may not do that."})
}

// keyStep is by how much the last use of a key must have moved before it is written again.
const keyStep = time.Hour

// caller says who asks.
func (s *Server) caller(r *http.Request) (caller, wire.Reason) {
	token := bearer(r)
	if !strings.HasPrefix(token, admin.KeyPrefix) {
		account, reason := s.whose(r.Context(), token)
		return caller{account: account}, reason
	}
	// Nobody guesses 256 bits; but trying costs the store a look, and so it is counted.
	address := addressKey(r.RemoteAddr)
	if !s.limits.signInAddress.left(address) {
		return caller{}, wire.ReasonTooManyTries
	}
	k, account, err := s.cfg.Store.Key(r.Context(), admin.HashSecret(token))
	now := s.cfg.Now()
	switch {
	case errors.Is(err, store.ErrNotFound) || err == nil && (account.Disabled || !now.Before(k.Expires)):
		s.limits.signInAddress.take(address)
		return caller{}, wire.ReasonSignIn
	case err != nil:
		s.log.Error("key could not be read", "error", err)
		gaveUp(r.Context(), err)
		return caller{}, wire.ReasonInternal
	}
	if now.Sub(k.Used) >= keyStep {
		if err := s.cfg.Store.KeyUsed(r.Context(), k.ID, now); err != nil {
			s.log.Error("use of a key could not be noted", "error", err)
		}
	}
	return caller{account: account, key: &k}, ""
}

// withAccount lets only requests through that are made in an account's name and, with a key, within its scope.
func (s *Server) withAccount(scope admin.Scope, next func(http.ResponseWriter, *http.Request, store.Account)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, reason := s.caller(r)
		switch {
		case reason != "":
			s.fail(w, r, reason, 0)
		case !c.may(scope):
			s.forbid(w, r)
		default:
			next(w, r, c.account)
		}
	}
}

// allowed is what the organisation lets customers be asked for; nil is everything.
func (s *Server) allowed(ctx context.Context) []string {
	b, err := s.cfg.Store.Branding(ctx)
	if err != nil {
		s.log.Error("what customers may be asked for could not be read", "error", err)
		return admin.Permissions[:1] // rather less than the organisation allows than more
	}
	return b.Allowed
}

// office is where an account administers this relay.
func (s *Server) office(a store.Account) *admin.Office {
	return &admin.Office{
		Store: s.cfg.Store, Actor: a.User, Self: a.ID, Now: s.cfg.Now,
		Revoke: func(id string) { s.desk.Revoke(id) },
	}
}

// passwordLink sends somebody the link with which they set a password; without mail, the caller shows it.
func (s *Server) passwordLink(ctx context.Context, a store.Account, to, lang, link string) error {
	if s.cfg.Mail == nil {
		return wire.Fail(wire.ReasonNoMail, nil)
	}
	to, err := mail.CleanAddress(to)
	if err != nil {
		return wire.Fail(wire.ReasonMailAddress, err)
	}
	organisation, err := s.cfg.Store.Organisation(ctx)
	if err != nil {
		s.log.Error("organisation could not be read", "error", err)
	}
	defer unhurried(ctx)()
	err = s.cfg.Mail.Welcome(ctx, to, mail.Welcome{
		Language: lang, Organisation: organisation, User: a.User, Link: link, Left: admin.LinkLife,
	})
	return s.mailed(err, "password link", "account", a.User)
}
