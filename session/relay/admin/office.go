// Package admin is what administrators of a relay do, whoever asks for it: the web pages, the HTTP interface, and the
// commands of handrail-relay. What is allowed, what is checked and what goes into the audit log is decided here, so that
// it is the same for all three.
//
//	office := &admin.Office{Store: db, Actor: "boss"}
//	account, link, err := office.AddAccount(ctx, admin.NewAccount{User: "desk1", Name: "Help desk 1"})
//
// Errors that people can do something about are of type Error: a sentence, and a word for programs.
package admin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"handrail/session/relay/store"
)

// Store is what an office needs of a store; *store.DB is one.
type Store interface {
	Account(ctx context.Context, id string) (store.Account, error)
	AccountByUser(ctx context.Context, user string) (store.Account, error)
	Accounts(ctx context.Context) ([]store.Account, error)
	AddAccount(ctx context.Context, a store.Account) error
	RemoveAccount(ctx context.Context, id string) error
	SetDisabled(ctx context.Context, id string, disabled bool) error
	SetAdministrator(ctx context.Context, id string, administrator bool) error
	SetName(ctx context.Context, id, name string) error
	RemoveSecondFactor(ctx context.Context, account string) error
	AddPasswordLink(ctx context.Context, hash [32]byte, account string, expires time.Time) error

	AddKey(ctx context.Context, k store.Key) error
	Keys(ctx context.Context, account string) ([]store.Key, error)
	RemoveKey(ctx context.Context, account, id string) error

	Organisation(ctx context.Context) (string, error)
	SetOrganisation(ctx context.Context, name string) error
	Branding(ctx context.Context) (store.Branding, error)
	SetBranding(ctx context.Context, b store.Branding) error
	Logo(ctx context.Context) ([]byte, error)
	SetLogo(ctx context.Context, png []byte) error

	History(ctx context.Context, account string, from, until time.Time, limit int) ([]store.SessionRecord, error)
	Report(ctx context.Context, user string, from, until, now time.Time) ([]store.ReportRow, error)
	AbuseReports(ctx context.Context, limit int) ([]store.AbuseReport, error)
	AbuseDone(ctx context.Context, id string, at time.Time) error
	Audit(ctx context.Context, at time.Time, actor, action, detail string) error
	AuditLines(ctx context.Context, limit int) ([]store.AuditLine, error)
	CheckAudit(ctx context.Context) (lines int64, err error)
}

// Office is an administrator at work. Only Store and Actor are needed. It may be copied; the copies are safe for
// concurrent use.
type Office struct {
	Store Store
	Actor string           // sign-in name for the audit log; Console for whoever has the relay's computer
	Self  string           // store.Account.ID of the actor, who cannot lock themselves out; "" for the console
	Now   func() time.Time // nil: time.Now
	// Revoke ends the sessions of an account. Nil: a relay that runs finds out by itself within seconds.
	Revoke func(account string)
}

// Console is the actor of what is done by commands on the relay's computer.
const Console = "console"

// Error is what people or programs can do something about.
type Error struct {
	Word string // stable, for programs
	Text string // a sentence
}

func (e *Error) Error() string { return e.Text }

// What can be wrong with a request.
var (
	ErrUser     = &Error{"user", "a sign-in name has 1 to 64 characters: letters a to z, digits and . _ - @ +"}
	ErrName     = &Error{"name", "a name has 1 to 80 printable characters"}
	ErrExists   = &Error{"exists", "there is already an account of this name"}
	ErrNotFound = &Error{"not_found", "there is none such"}
	ErrSelf     = &Error{"self", "nobody can block, remove or lower their own account"}
	ErrColour   = &Error{"colour", "a colour looks like #0b7a75"}
	ErrAddress  = &Error{"address", "an address begins with https:// and has at most 300 characters"}
	ErrText     = &Error{"text", "a text has at most 1000 printable characters"}
	ErrLogo     = &Error{"logo", "a logo is a PNG or JPEG picture of at most 512 kB and 4000 by 4000 pixels"}
	ErrAllowed  = &Error{"allowed", "what customers may be asked for is view, control, files, clipboard, sysinfo or whiteboard, and view is always in it"}
	ErrScopes   = &Error{"scopes", "a key needs at least one scope, and none that its owner does not have"}
	ErrDays     = &Error{"days", "a key lives for 1 to 730 days"}
	ErrKeyName  = &Error{"key_name", "say in 1 to 80 printable characters what the key is for"}
)

func (o *Office) now() time.Time {
	if o.Now == nil {
		return time.Now()
	}
	return o.Now()
}

// note adds a line to the audit log. What cannot be noted is not done.
func (o *Office) note(ctx context.Context, action, detail string) error {
	return o.Store.Audit(ctx, o.now(), o.Actor, action, detail)
}

// found makes an Error of store.ErrNotFound.
func found(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return ErrNotFound
	}
	return err
}

// NewAccount is an account to be.
type NewAccount struct {
	User          string
	Name          string // "": as User
	Administrator bool
}

// AddAccount adds an account and returns the last part of a link with which its owner sets a password.
func (o *Office) AddAccount(ctx context.Context, n NewAccount) (store.Account, string, error) {
	user, err := store.CleanUser(n.User)
	if err != nil {
		return store.Account{}, "", ErrUser
	}
	if strings.TrimSpace(n.Name) == "" {
		n.Name = user
	}
	name, err := store.CleanName(n.Name)
	if err != nil {
		return store.Account{}, "", ErrName
	}
	a := store.Account{ID: store.NewID(), User: user, Name: name, PasswordHash: store.NoPassword, Created: o.now(), Administrator: n.Administrator}
	if err := o.note(ctx, "added account", user); err != nil {
		return store.Account{}, "", err
	}
	err = o.Store.AddAccount(ctx, a)
	if errors.Is(err, store.ErrExists) {
		return store.Account{}, "", ErrExists
	} else if err != nil {
		return store.Account{}, "", err
	}
	word, err := o.link(ctx, a.ID)
	return a, word, err
}

// LinkLife is how long a link works with which a password is set.
const LinkLife = 72 * time.Hour

// link makes such a link, in place of earlier ones.
func (o *Office) link(ctx context.Context, account string) (string, error) {
	word := Secret()
	err := o.Store.AddPasswordLink(ctx, HashSecret(word), account, o.now().Add(LinkLife))
	return word, found(err)
}

// Secret is a fresh secret of 256 random bits.
func Secret() string {
	var b [32]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// HashSecret is the form in which secrets are kept. They are random and long, so a plain hash serves.
func HashSecret(secret string) [32]byte { return sha256.Sum256([]byte(secret)) }

// NewLink returns the last part of a new link with which the owner of an account sets a password.
func (o *Office) NewLink(ctx context.Context, id string) (store.Account, string, error) {
	a, err := o.Store.Account(ctx, id)
	if err != nil {
		return a, "", found(err)
	}
	if err := o.note(ctx, "made password link", a.User); err != nil {
		return a, "", err
	}
	word, err := o.link(ctx, id)
	return a, word, err
}

// Change is what is to be different about an account; nil stays.
type Change struct {
	Name          *string `json:"name,omitempty"`
	Disabled      *bool   `json:"disabled,omitempty"`
	Administrator *bool   `json:"administrator,omitempty"`
}

// ChangeAccount changes an account. Nobody can block or lower themselves.
func (o *Office) ChangeAccount(ctx context.Context, id string, c Change) error {
	a, err := o.Store.Account(ctx, id)
	if err != nil {
		return found(err)
	}
	if id == o.Self && (c.Disabled != nil && *c.Disabled || c.Administrator != nil && !*c.Administrator) {
		return ErrSelf
	}
	name := ""
	if c.Name != nil {
		if name, err = store.CleanName(*c.Name); err != nil {
			return ErrName
		}
	}
	choose := func(on bool, yes, no string) string {
		if on {
			return yes
		}
		return no
	}
	if c.Name != nil {
		if err := o.do(ctx, "renamed account", a.User, func() error { return o.Store.SetName(ctx, id, name) }); err != nil {
			return err
		}
	}
	if c.Administrator != nil {
		err := o.do(ctx, choose(*c.Administrator, "made administrator", "made operator"), a.User,
			func() error { return o.Store.SetAdministrator(ctx, id, *c.Administrator) })
		if err != nil {
			return err
		}
	}
	if c.Disabled != nil {
		err := o.do(ctx, choose(*c.Disabled, "blocked account", "unblocked account"), a.User,
			func() error { return o.Store.SetDisabled(ctx, id, *c.Disabled) })
		if err != nil {
			return err
		}
		if *c.Disabled && o.Revoke != nil {
			o.Revoke(id)
		}
	}
	return nil
}

// do notes something and does it.
func (o *Office) do(ctx context.Context, action, detail string, act func() error) error {
	if err := o.note(ctx, action, detail); err != nil {
		return err
	}
	return found(act())
}

// RemoveAccount removes an account; its history stays.
func (o *Office) RemoveAccount(ctx context.Context, id string) error {
	a, err := o.Store.Account(ctx, id)
	if err != nil {
		return found(err)
	}
	if id == o.Self {
		return ErrSelf
	}
	if err := o.do(ctx, "removed account", a.User, func() error { return o.Store.RemoveAccount(ctx, id) }); err != nil {
		return err
	}
	if o.Revoke != nil {
		o.Revoke(id)
	}
	return nil
}

// RemoveSecondFactor lets the owner of an account sign in with the password alone.
func (o *Office) RemoveSecondFactor(ctx context.Context, id string) error {
	a, err := o.Store.Account(ctx, id)
	if err != nil {
		return found(err)
	}
	return o.do(ctx, "removed second factor", a.User, func() error { return o.Store.RemoveSecondFactor(ctx, id) })
}
