package store

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Key lets a program use the relay in an account's name, within its scopes. The key itself is only with that program.
type Key struct {
	ID      string
	Account string // Account.ID
	Name    string // what it is for
	Hash    [32]byte
	Scopes  []string
	Created time.Time
	Expires time.Time
	Used    time.Time // to within the hour; zero: never
}

const keyColumns = `k.id, k.account_id, k.name, k.hash, k.scopes, k.created_ms, k.expires_ms, k.used_ms`

// keyFields are where keyColumns go; finish makes a Key of them.
func keyFields(k *Key) (into []any, finish func()) {
	var hash []byte
	var scopes string
	var created, expires, used int64
	return []any{&k.ID, &k.Account, &k.Name, &hash, &scopes, &created, &expires, &used}, func() {
		copy(k.Hash[:], hash)
		k.Scopes = strings.Fields(scopes)
		k.Created, k.Expires, k.Used = fromMS(created), fromMS(expires), fromMS(used)
	}
}

// AddKey adds a key.
func (s *DB) AddKey(ctx context.Context, k Key) error {
	_, err := s.exec(ctx, "add key", `INSERT INTO api_key (id, account_id, name, hash, scopes, created_ms, expires_ms)
		VALUES (?, ?, ?, ?, ?, ?, ?)`,
		k.ID, k.Account, k.Name, k.Hash[:], strings.Join(k.Scopes, " "), ms(k.Created), ms(k.Expires))
	return err
}

// Key returns the key with this hash and its account, or ErrNotFound. Whether the key has expired and whether the
// account is disabled is for the caller to see.
func (s *DB) Key(ctx context.Context, hash [32]byte) (Key, Account, error) {
	var k Key
	into, finish := keyFields(&k)
	a, err := scanAccount(s.read.QueryRowContext(ctx, `SELECT `+accountColumns+`, `+keyColumns+`
		FROM api_key k JOIN account a ON a.id = k.account_id WHERE k.hash = ?`, hash[:]), into...)
	if err != nil {
		return Key{}, Account{}, scanErr("key", err)
	}
	finish()
	return k, a, nil
}

// Keys returns the keys of an account, or all with "", the oldest first.
func (s *DB) Keys(ctx context.Context, account string) ([]Key, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+keyColumns+` FROM api_key k
		WHERE (? = '' OR k.account_id = ?) ORDER BY k.created_ms, k.id`, account, account)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	defer rows.Close()
	var all []Key
	for rows.Next() {
		var k Key
		into, finish := keyFields(&k)
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("keys: %w", err)
		}
		finish()
		all = append(all, k)
	}
	return all, rows.Err()
}

// KeyUsed notes when a key was used.
func (s *DB) KeyUsed(ctx context.Context, id string, at time.Time) error {
	_, err := s.exec(ctx, "key used", `UPDATE api_key SET used_ms = ? WHERE id = ?`, ms(at), id)
	return err
}

// RemoveKey removes a key of an account, or anybody's with ""; ErrNotFound when there is none such.
func (s *DB) RemoveKey(ctx context.Context, account, id string) error {
	return s.execOne(ctx, "remove key", `DELETE FROM api_key WHERE id = ? AND (? = '' OR account_id = ?)`, id, account, account)
}
