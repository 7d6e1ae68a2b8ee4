package admin

import (
	"context"
	"slices"
	"strings"
	"time"

	"handrail/session/relay/store"
)

// Scope is a part of the HTTP interface that a key opens.
type Scope string

// The scopes. Operators' keys can have the first two, for their own sessions.
const (
	SessionsRead  Scope = "sessions:read"  // list one's own
	SessionsWrite Scope = "sessions:write" // start, end and invite to one's own
	AccountsRead  Scope = "accounts:read"
	AccountsWrite Scope = "accounts:write"
	AllRead       Scope = "all-sessions:read"  // everybody's sessions
	AllWrite      Scope = "all-sessions:write" // end them
	ReportsRead   Scope = "reports:read"
	AuditRead     Scope = "audit:read"
	SettingsRead  Scope = "settings:read"
	SettingsWrite Scope = "settings:write"
	AbuseRead     Scope = "abuse:read"
	AbuseWrite    Scope = "abuse:write"
)

// Scopes are all scopes; an operator's keys can have the first OperatorScopes.
var Scopes = []Scope{
	SessionsRead, SessionsWrite,
	AccountsRead, AccountsWrite, AllRead, AllWrite, ReportsRead, AuditRead, SettingsRead, SettingsWrite, AbuseRead, AbuseWrite,
}

// OperatorScopes is how many of Scopes operators have.
const OperatorScopes = 2

// ScopesOf are the scopes that an account's keys can have.
func ScopesOf(a store.Account) []Scope {
	if a.Administrator {
		return Scopes
	}
	return Scopes[:OperatorScopes]
}

// KeyPrefix begins every key, so that people and programs that look for leaked secrets know one.
const KeyPrefix = "hrk_"

// NewKey is a key to be.
type NewKey struct {
	Name   string
	Scopes []string
	Days   int // that it lives
}

// MaxKeyDays bounds the life of a key.
const MaxKeyDays = 730

// AddKey makes a key for an account and returns it; it cannot be read again.
func (o *Office) AddKey(ctx context.Context, a store.Account, n NewKey) (store.Key, string, error) {
	name, err := store.CleanName(n.Name)
	if err != nil {
		return store.Key{}, "", ErrKeyName
	}
	if n.Days < 1 || n.Days > MaxKeyDays {
		return store.Key{}, "", ErrDays
	}
	scopes := slices.Compact(slices.Sorted(slices.Values(n.Scopes)))
	for _, s := range scopes {
		if !slices.Contains(ScopesOf(a), Scope(s)) {
			return store.Key{}, "", ErrScopes
		}
	}
	if len(scopes) == 0 {
		return store.Key{}, "", ErrScopes
	}
	secret := KeyPrefix + Secret()
	now := o.now()
	k := store.Key{
		ID: store.NewID(), Account: a.ID, Name: name, Hash: HashSecret(secret), Scopes: scopes,
		Created: now, Expires: now.Add(time.Duration(n.Days) * 24 * time.Hour),
	}
	err = o.do(ctx, "made key", a.User+": "+name+" ("+strings.Join(scopes, " ")+")", func() error { return o.Store.AddKey(ctx, k) })
	return k, secret, err
}

// RemoveKey removes a key of an account, or anybody's with "".
func (o *Office) RemoveKey(ctx context.Context, account, id string) error {
	return o.do(ctx, "removed key", id, func() error { return o.Store.RemoveKey(ctx, account, id) })
}
