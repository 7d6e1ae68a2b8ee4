package relay

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"handrail/session/relay/pages"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

// desk lets the web pages do what operators and administrators may do.
type desk struct {
	s *Server
}

// Words that sign in once are in the store, as hashes: where there are several relays, the program may come to another one
// than the browser.
const (
	onceLife = time.Minute
	oncePref = "once-"
)

var _ pages.Desk = (*desk)(nil)

// SignIn is a sign-in by name and password.
func (d *desk) SignIn(ctx context.Context, remote string, ask wire.SignIn) (string, store.Account, wire.Reason) {
	account, reason := d.s.check(ctx, addressKey(remote), ask)
	if reason != "" {
		return "", store.Account{}, reason
	}
	token, _, err := d.s.newToken(ctx, account)
	if errors.Is(err, store.ErrNotFound) {
		return "", store.Account{}, wire.ReasonSignIn
	}
	if err != nil {
		d.s.log.Error("token could not be kept", "error", err)
		return "", store.Account{}, wire.ReasonInternal
	}
	d.s.log.Info("signed in to the pages", "user", account.User, "address", remote)
	return token, account, ""
}

// SignOut makes a token void.
func (d *desk) SignOut(ctx context.Context, token string) {
	if err := d.s.cfg.Store.RemoveToken(ctx, sha256.Sum256([]byte(token))); err != nil {
		d.s.log.Error("token could not be removed", "error", err)
	}
}

// Whose says whose token this is.
func (d *desk) Whose(ctx context.Context, token string) (store.Account, wire.Reason) {
	return d.s.whose(ctx, token)
}

// Confirm checks an account's own password, without its second factor.
func (d *desk) Confirm(ctx context.Context, remote string, a store.Account, password string) wire.Reason {
	_, reason := d.s.prove(ctx, addressKey(remote), wire.SignIn{User: a.User, Password: password}, false)
	return reason
}

// SetPassword hashes and sets a password.
func (d *desk) SetPassword(ctx context.Context, account, password string) error {
	hash, err := d.s.hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	return d.s.cfg.Store.SetPassword(ctx, account, hash)
}

// Once makes a word that signs in once.
func (d *desk) Once(ctx context.Context, a store.Account) (string, error) {
	word, now := oncePref+rand.Text(), d.s.cfg.Now()
	return word, d.s.cfg.Store.AddOnceWord(ctx, sha256.Sum256([]byte(word)), a.ID, now, now.Add(onceLife))
}

// takeOnce uses a word up; false when it is not this account's, or no longer.
func (d *desk) takeOnce(ctx context.Context, account, word string) bool {
	if !strings.HasPrefix(word, oncePref) || account == "" {
		return false
	}
	err := d.s.cfg.Store.UseOnceWord(ctx, sha256.Sum256([]byte(word)), account, d.s.cfg.Now())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		d.s.log.Error("word could not be looked up", "error", err)
	}
	return err == nil
}

// Address is where people reach this relay.
func (d *desk) Address(r *http.Request) *url.URL { return d.s.address(r) }

// CanMail says whether the relay sends mails.
func (d *desk) CanMail() bool { return d.s.cfg.Mail != nil }

// Invite sends a customer the way to a session.
func (d *desk) Invite(ctx context.Context, a store.Account, id string, ask wire.Invite, base *url.URL) error {
	return d.s.invite(ctx, a, id, ask, base)
}

// SendLink sends somebody a link with which they set the password of an account.
func (d *desk) SendLink(ctx context.Context, a store.Account, to, lang, link string) error {
	return d.s.passwordLink(ctx, a, to, lang, link)
}

// misuseBack is how long ago a session may have started that a report is about.
const misuseBack = 7 * 24 * time.Hour

// Misuse keeps what a visitor reports.
func (d *desk) Misuse(ctx context.Context, remote, routing, text string) wire.Reason {
	if !d.s.limits.misuse.take(addressKey(remote)) {
		return wire.ReasonTooManyTries
	}
	now := d.s.cfg.Now()
	r := store.AbuseReport{ID: store.NewID(), At: now, Routing: routing, Text: text}
	if err := d.s.cfg.Store.AddAbuseReport(ctx, r, now.Add(-misuseBack)); err != nil {
		d.s.log.Error("report of misuse could not be kept", "error", err)
		return wire.ReasonInternal
	}
	d.s.log.Warn("misuse was reported", "routing", shortened(routing), "address", remote)
	return ""
}

// Live returns the running sessions of an account, or everybody's, as far as they are known.
func (d *desk) Live(account string) []pages.LiveSession {
	ctx, cancel := context.WithTimeout(context.Background(), storePatience)
	defer cancel()
	all, err := d.live(ctx, account)
	if err != nil {
		d.s.log.Error("sessions could not be listed", "error", err)
	}
	return all
}

func (d *desk) live(ctx context.Context, account string) ([]pages.LiveSession, error) {
	if d.s.nodes != nil {
		return d.s.nodes.live(ctx, account)
	}
	all := []pages.LiveSession{}
	accounts := []string{account}
	if account == "" {
		accounts = d.s.dir.accounts()
	}
	for _, id := range accounts {
		for _, s := range d.s.dir.list(id) {
			all = append(all, pages.LiveSession{Session: s, Account: id, Customer: d.s.dir.customer(s.ID)})
		}
	}
	return all, nil
}

// End ends a session.
func (d *desk) End(account, id string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), storePatience)
	defer cancel()
	err := d.end(ctx, account, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		d.s.log.Error("session could not be ended", "error", err)
	}
	return err == nil
}

// end is End; store.ErrNotFound when there is no such session.
func (d *desk) end(ctx context.Context, account, id string) error {
	all, err := d.live(ctx, account)
	for _, s := range all {
		if s.ID == id {
			return d.s.end(ctx, s.Account, id)
		}
	}
	return cmp.Or(err, error(store.ErrNotFound))
}

// Revoke ends the sessions of an account.
func (d *desk) Revoke(account string) {
	d.s.dir.endAccount(account)
	if d.s.nodes != nil {
		ctx, cancel := context.WithTimeout(context.Background(), storePatience)
		defer cancel()
		all, err := d.s.nodes.live(ctx, account)
		for _, s := range all {
			err = cmp.Or(d.s.end(ctx, account, s.ID), err)
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			d.s.log.Error("sessions of an account could not be ended", "error", err)
		}
	}
}
