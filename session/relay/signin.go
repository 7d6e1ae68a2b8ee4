package relay

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	"handrail/session/relay/pages"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

const (
	// tokenLife is how long a sign-in outlives its last use.
	tokenLife = 12 * time.Hour
	// tokenStep is by how much a token's end must have moved before it is written again.
	tokenStep = 5 * time.Minute
	// hashWait is how long a sign-in waits until its password can be checked.
	hashWait = 5 * time.Second
)

// Tokens are in the store, as hashes, and not in memory: a relay that is upgraded or has crashed must not sign a whole
// help desk out, and a removed account or a changed password makes them void from another process too.

func (s *Server) postSignIn(w http.ResponseWriter, r *http.Request) {
	var ask wire.SignIn
	if !s.body(w, r, &ask) {
		return
	}
	account, reason := s.check(r.Context(), addressKey(r.RemoteAddr), ask)
	if reason != "" {
		s.fail(w, r, reason, 0)
		return
	}
	organisation, err := s.cfg.Store.Organisation(r.Context())
	if err != nil {
		s.internal(w, r, err)
		return
	}
	token, expires, err := s.newToken(r.Context(), account)
	if errors.Is(err, store.ErrNotFound) {
		s.fail(w, r, wire.ReasonSignIn, 0)
		return
	}
	if err != nil {
		s.internal(w, r, err)
		return
	}
	s.log.Info("signed in", "user", account.User, "address", r.RemoteAddr)
	s.answer(w, http.StatusOK, wire.SignedIn{
		Relays: s.nodes.told(), Token: token, Name: account.Name, Organisation: organisation, Expires: expires.UTC(),
		Mail: s.cfg.Mail != nil, Allowed: s.allowed(r.Context()),
	})
}

// newToken signs an account in, as it was when its password was checked; store.ErrNotFound when it has another password by now.
func (s *Server) newToken(ctx context.Context, a store.Account) (token string, expires time.Time, err error) {
	now := s.cfg.Now()
	var secret [32]byte
	rand.Read(secret[:])
	token = base64.RawURLEncoding.EncodeToString(secret[:])
	t := store.Token{Hash: sha256.Sum256([]byte(token)), Account: a.ID, Passwords: a.Passwords, Created: now, Expires: now.Add(tokenLife)}
	if err := s.cfg.Store.AddToken(ctx, t); err != nil {
		return "", time.Time{}, err
	}
	s.seen(ctx, a, now)
	s.metrics.signIns.Add(1)
	return token, t.Expires, nil
}

// check says whose name, password and second factor these are. It takes as long for a name that does not exist, and
// counts it.
func (s *Server) check(ctx context.Context, address string, ask wire.SignIn) (store.Account, wire.Reason) {
	return s.prove(ctx, address, ask, true)
}

// prove is check, or with both unset, for somebody who has signed in already, checks the password alone.
func (s *Server) prove(ctx context.Context, address string, ask wire.SignIn, both bool) (store.Account, wire.Reason) {
	user := userKey(ask.User)
	waiting, cancel := context.WithTimeout(ctx, hashWait)
	defer cancel()
	limits := s.limits.signIn(address, user)
	if !within(limits) { // before queueing: whoever is over the limit must not hold up the others
		return store.Account{}, wire.ReasonTooManyTries
	}
	release, err := s.hasher.Acquire(waiting)
	if err != nil {
		return store.Account{}, wire.ReasonTooManyTries
	}
	defer release()
	if !within(limits) { // the count may have gone up meanwhile
		return store.Account{}, wire.ReasonTooManyTries
	}

	account, err := s.cfg.Store.AccountByUser(ctx, user)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		s.log.Error("account could not be read", "error", err)
		gaveUp(ctx, err)
		return store.Account{}, wire.ReasonInternal
	}
	password := ask.Password
	if len(password) > store.MaxPassword {
		password = ""
	}
	// A word that signs in once proves no password: whoever has only a cookie could get one.
	ok, stale, second := both && s.desk.takeOnce(ctx, account.ID, password), false, ""
	var failed error // of the store: whether all is right is not known, then
	if !ok {
		if both {
			password, second = s.parts(ctx, account, password)
		}
		ok, stale = s.hasher.CheckNow(password, account.PasswordHash)
		if ok && both && !account.Disabled {
			if ok, failed = s.secondOK(ctx, account, second); failed != nil {
				s.log.Error("second factor could not be looked up", "user", account.User, "error", failed)
				gaveUp(ctx, failed)
			}
		}
	}
	if silent(ctx) || failed != nil && ctx.Err() == nil { // who has gone away has had a try
		return store.Account{}, wire.ReasonInternal
	}
	if !ok || account.Disabled {
		for _, l := range limits {
			l.table.take(l.key)
		}
		return store.Account{}, wire.ReasonSignIn
	}
	s.limits.signedIn(address, user)
	if stale {
		if err := s.cfg.Store.Rehash(ctx, account.ID, account.PasswordHash, s.hasher.HashNow(password)); err != nil {
			s.log.Error("password could not be hashed anew", "user", account.User, "error", err)
		}
	}
	return account, ""
}

func within(limits [2]counter) bool {
	for _, l := range limits {
		if !l.table.left(l.key) {
			return false
		}
	}
	return true
}

// parts takes a password and what proves the second factor apart: the latter follows behind wire.SecondMark or, as
// people type it where there is no field for it, as six digits directly.
func (s *Server) parts(ctx context.Context, a store.Account, given string) (password, second string) {
	password, second, marked := strings.Cut(given, wire.SecondMark)
	if n := len(password) - 6; !marked && n > 0 {
		if f, err := s.cfg.Store.SecondFactor(ctx, a.ID); err == nil && f.Confirmed {
			return password[:n], password[n:]
		}
	}
	return password, second
}

// secondOK says whether this proves the account's second factor. An account without one must give nothing.
func (s *Server) secondOK(ctx context.Context, a store.Account, second string) (bool, error) {
	f, err := s.cfg.Store.SecondFactor(ctx, a.ID)
	if errors.Is(err, store.ErrNotFound) || err == nil && !f.Confirmed {
		return second == "", nil
	}
	if err != nil {
		return false, err
	}
	if step, ok := pages.FindStep(f.Secret, second, s.cfg.Now()); ok {
		err = s.cfg.Store.UseStep(ctx, a.ID, step)
	} else {
		err = s.cfg.Store.UseRecoveryCode(ctx, a.ID, pages.HashRecoveryCode(second))
	}
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (s *Server) deleteSignIn(w http.ResponseWriter, r *http.Request) {
	token := bearer(r)
	if _, reason := s.whose(r.Context(), token); reason != "" {
		s.fail(w, r, reason, 0)
		return
	}
	if err := s.cfg.Store.RemoveToken(r.Context(), sha256.Sum256([]byte(token))); err != nil {
		s.internal(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// whose says whose token this is, and moves its end.
func (s *Server) whose(ctx context.Context, token string) (store.Account, wire.Reason) {
	if token == "" {
		return store.Account{}, wire.ReasonSignIn
	}
	// Looked up by hash: how long the look-up takes says nothing about any token.
	hash := sha256.Sum256([]byte(token))
	t, account, err := s.cfg.Store.Token(ctx, hash)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return store.Account{}, wire.ReasonSignIn
	case err != nil:
		s.log.Error("token could not be read", "error", err)
		gaveUp(ctx, err)
		return store.Account{}, wire.ReasonInternal
	}
	now := s.cfg.Now()
	if !now.Before(t.Expires) || account.Disabled {
		return store.Account{}, wire.ReasonSignIn
	}
	if until := now.Add(tokenLife); until.Sub(t.Expires) >= tokenStep {
		if err := s.cfg.Store.ExtendToken(ctx, hash, until); err != nil {
			s.log.Error("token could not be extended", "error", err)
		}
		s.seen(ctx, account, now)
	}
	return account, ""
}

func (s *Server) seen(ctx context.Context, a store.Account, now time.Time) {
	if err := s.cfg.Store.SetSeen(ctx, a.ID, now); err != nil {
		s.log.Error("last use of account could not be noted", "user", a.User, "error", err)
	}
}

func (s *Server) internal(w http.ResponseWriter, r *http.Request, err error) {
	s.log.Error("request failed", "path", r.URL.Path, "error", err)
	gaveUp(r.Context(), err)
	s.fail(w, r, wire.ReasonInternal, 0)
}
