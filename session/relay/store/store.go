// Package store keeps what a relay must remember over a restart: the operators' accounts, who is signed in,
// the history of sessions and a few settings.
//
//	db, err := store.Open(ctx, filepath.Join(data, store.FileName))
//	defer db.Close()
//	err = db.AddAccount(ctx, store.Account{ID: store.NewID(), User: "desk1", …})
//
// The types in this file are what a store is about; DB, in the other files, keeps them in SQLite or in PostgreSQL. Whoever
// uses a store declares the interface that it needs, as package relay does. A store never has a password, a token
// or the secret digits of a code: of the first two it has only hashes, and the last never reach a relay.
//
// Both databases get the same words. To add something:
//
//   - Tables: a file migrations/NNNNN_what.sql with the next number, in SQLite's words. For PostgreSQL, INTEGER
//     becomes BIGINT and BLOB becomes BYTEA, and nothing else is changed: so no AUTOINCREMENT, WITHOUT ROWID or the like. A
//     file that has been on main is never changed again.
//   - Queries: ? for each argument, none inside a text; truths are 0 and 1; times are ms since 1970 (ms, fromMS); in
//     ON CONFLICT … WHERE, columns have their table's name before them. Transactions (s.write.begin)
//     come one after the other, those of other programs included; single statements do not wait for them.
//   - Tests: run with each in store_test.go, so that both databases show that they do the same.
package store

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// FileName is the usual name of the database in a relay's data folder.
const FileName = "relay.db"

// Errors that callers test for.
var (
	ErrNotFound = errors.New("not found")
	ErrExists   = errors.New("already exists")
)

// Account is an operator who may start sessions.
type Account struct {
	ID           string // random, never reused, not shown to people
	User         string // what the operator signs in with; see CleanUser
	Name         string // what customers see
	PasswordHash string // PHC string; see Hasher
	Passwords    int    // how often the password was changed, by SetPassword
	Created      time.Time
	Disabled     bool
	LastSeen     time.Time // zero: never signed in

	Administrator bool // may manage accounts, and see and end everybody's sessions
}

// Token is proof of a sign-in. The token itself is only with the operator's program.
type Token struct {
	Hash    [32]byte // SHA-256
	Account string   // Account.ID
	Created time.Time
	Expires time.Time

	Passwords int // Account.Passwords when the sign-in was proved
}

// SessionRecord is a session in the history.
type SessionRecord struct {
	ID      string
	Account string // Account.ID
	User    string // Account.User at that time: history outlives accounts
	Routing string
	Created time.Time
	Joined  time.Time // zero: nobody proved the code
	Ended   time.Time // zero: not ended
	Reason  string    // why it ended

	Tries int // customers who were paired, whatever came of it
	// Hashes of the tokens with which the peers of an active session come back; empty before it is active.
	OperatorResume, CustomerResume string

	Node string // address of the relay that has the session, where several share the store
}

// NewID returns a fresh random identifier of 32 hexadecimal digits.
func NewID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}

// Bounds of what an account may be called, in characters.
const (
	MaxUser = 64
	MaxName = 80
)

// CleanUser returns the form in which a sign-in name is kept (lower case), or an error that says what is wrong
// with it. Only plain characters are allowed, so that two names never look the same.
func CleanUser(user string) (string, error) {
	user = strings.ToLower(strings.TrimSpace(user))
	if user == "" || len(user) > MaxUser {
		return "", fmt.Errorf("a sign-in name has 1 to %d characters", MaxUser)
	}
	for _, r := range user {
		if !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || strings.ContainsRune("._-@+", r)) {
			return "", fmt.Errorf("a sign-in name has only letters a to z, digits and . _ - @ +, so %q is not possible", r)
		}
	}
	return user, nil
}

// CleanName returns a display name as it is kept, or an error that says what is wrong with it.
func CleanName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > MaxName {
		return "", fmt.Errorf("a display name has 1 to %d characters", MaxName)
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, unprintable) {
		return "", errors.New("a display name has only printable characters")
	}
	return name, nil
}

// unprintable also holds for the marks that turn the direction of writing, with which one name can be made to
// look like another.
func unprintable(r rune) bool { return !unicode.IsPrint(r) }
