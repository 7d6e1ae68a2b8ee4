package relay

import (
	"context"
	"time"

	"handrail/session/relay/admin"
	"handrail/session/relay/pages"
	"handrail/session/relay/store"
)

// Store is what a relay needs of a store; *store.DB is one. Its methods are safe for concurrent use, return
// store.ErrNotFound and store.ErrExists where these apply, and stop when the context ends.
type Store interface {
	pages.DeskStore
	admin.Store
	// SetPassword makes every token and word of the account void.
	SetPassword(ctx context.Context, id, hash string) error

	AccountByUser(ctx context.Context, user string) (store.Account, error)
	// Rehash replaces the hash old, and does nothing when the account's hash is another by now.
	Rehash(ctx context.Context, id, old, hash string) error
	SetSeen(ctx context.Context, id string, at time.Time) error

	// Key returns expired keys and those of disabled accounts too.
	Key(ctx context.Context, hash [32]byte) (store.Key, store.Account, error)
	KeyUsed(ctx context.Context, id string, at time.Time) error
	AddAbuseReport(ctx context.Context, r store.AbuseReport, since time.Time) error
	PruneAbuse(ctx context.Context, before time.Time) error

	// AddToken refuses the token, by store.ErrNotFound, when the password was changed since it was proved.
	AddToken(ctx context.Context, t store.Token) error
	AddOnceWord(ctx context.Context, hash [32]byte, account string, now, expires time.Time) error
	UseOnceWord(ctx context.Context, hash [32]byte, account string, now time.Time) error
	// Token returns expired tokens and disabled accounts too.
	Token(ctx context.Context, hash [32]byte) (store.Token, store.Account, error)
	ExtendToken(ctx context.Context, hash [32]byte, expires time.Time) error
	RemoveToken(ctx context.Context, hash [32]byte) error
	PruneTokens(ctx context.Context, now time.Time) error

	EndsWanted(ctx context.Context, address string) ([]string, error)
	AddSession(ctx context.Context, r store.SessionRecord) error
	SessionTried(ctx context.Context, id string, tries int) error
	SessionJoined(ctx context.Context, id string, at time.Time, operatorResume, customerResume string) error
	SessionEnded(ctx context.Context, id string, at time.Time, reason string) error
	// Session returns ended sessions too.
	Session(ctx context.Context, id string) (store.SessionRecord, error)
	OpenSessions(ctx context.Context) ([]store.SessionRecord, error)
	EndedSince(ctx context.Context, since time.Time) ([]store.SessionRecord, error)
}

var (
	_ Store     = (*store.DB)(nil)
	_ NodeStore = (*store.DB)(nil)
)
