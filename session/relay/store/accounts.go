package store

import (
	"context"
	"fmt"
	"time"
)

const accountColumns = `a.id, a.user_name, a.display_name, a.password_hash, a.created_ms, a.disabled, a.last_seen_ms, a.administrator, a.passwords`

type row interface{ Scan(...any) error }

func scanAccount(r row, more ...any) (Account, error) {
	var a Account
	var created, seen int64
	err := r.Scan(append([]any{&a.ID, &a.User, &a.Name, &a.PasswordHash, &created, &a.Disabled, &seen, &a.Administrator, &a.Passwords}, more...)...)
	a.Created, a.LastSeen = fromMS(created), fromMS(seen)
	return a, err
}

// AddAccount adds an account; ErrExists when the sign-in name is taken.
func (s *DB) AddAccount(ctx context.Context, a Account) error {
	_, err := s.exec(ctx, "add account", `INSERT INTO account
		(id, user_name, display_name, password_hash, created_ms, disabled, last_seen_ms, administrator) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.User, a.Name, a.PasswordHash, ms(a.Created), a.Disabled, ms(a.LastSeen), a.Administrator)
	return err
}

// Account returns the account with this id, or ErrNotFound.
func (s *DB) Account(ctx context.Context, id string) (Account, error) {
	a, err := scanAccount(s.read.QueryRowContext(ctx, `SELECT `+accountColumns+` FROM account a WHERE a.id = ?`, id))
	if err != nil {
		return Account{}, scanErr("account", err)
	}
	return a, nil
}

// AccountByUser returns the account with this sign-in name, or ErrNotFound.
func (s *DB) AccountByUser(ctx context.Context, user string) (Account, error) {
	a, err := scanAccount(s.read.QueryRowContext(ctx, `SELECT `+accountColumns+` FROM account a WHERE a.user_name = ?`, user))
	if err != nil {
		return Account{}, scanErr("account", err)
	}
	return a, nil
}

// Accounts returns all accounts, by sign-in name.
func (s *DB) Accounts(ctx context.Context) ([]Account, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+accountColumns+` FROM account a ORDER BY a.user_name`)
	if err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	defer rows.Close()
	var all []Account
	for rows.Next() {
		a, err := scanAccount(rows)
		if err != nil {
			return nil, fmt.Errorf("accounts: %w", err)
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

// SetPassword sets a new password and signs the account out everywhere, those too who are about to sign in with what they
// have proved of before.
func (s *DB) SetPassword(ctx context.Context, id, hash string) error {
	tx, err := s.write.begin(ctx)
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	defer tx.Rollback()
	res, err := tx.ExecContext(ctx, `UPDATE account SET password_hash = ?, passwords = passwords + 1 WHERE id = ?`, hash, id)
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return fmt.Errorf("set password: %w", ErrNotFound)
	}
	for _, q := range []string{`DELETE FROM token WHERE account_id = ?`, `DELETE FROM once_word WHERE account_id = ?`} {
		if _, err := tx.ExecContext(ctx, q, id); err != nil {
			return fmt.Errorf("set password: %w", err)
		}
	}
	return tx.Commit()
}

// Rehash replaces the hash old of an unchanged password. When the password has been changed meanwhile, the new one
// stays.
func (s *DB) Rehash(ctx context.Context, id, old, hash string) error {
	_, err := s.exec(ctx, "rehash", `UPDATE account SET password_hash = ? WHERE id = ? AND password_hash = ?`, hash, id, old)
	return err
}

// SetDisabled locks an account out, or lets it in again. Its tokens stop working at once.
func (s *DB) SetDisabled(ctx context.Context, id string, disabled bool) error {
	return s.execOne(ctx, "disable account", `UPDATE account SET disabled = ? WHERE id = ?`, disabled, id)
}

// SetAdministrator makes an account an administrator's, or an operator's again.
func (s *DB) SetAdministrator(ctx context.Context, id string, administrator bool) error {
	return s.execOne(ctx, "set role", `UPDATE account SET administrator = ? WHERE id = ?`, administrator, id)
}

// SetSeen notes when the account was last used.
func (s *DB) SetSeen(ctx context.Context, id string, at time.Time) error {
	_, err := s.exec(ctx, "last seen", `UPDATE account SET last_seen_ms = ? WHERE id = ?`, ms(at), id)
	return err
}

// RemoveAccount removes an account and its tokens; the history of its sessions stays.
func (s *DB) RemoveAccount(ctx context.Context, id string) error {
	return s.execOne(ctx, "remove account", `DELETE FROM account WHERE id = ?`, id)
}

// SetName changes what customers see of an account.
func (s *DB) SetName(ctx context.Context, id, name string) error {
	return s.execOne(ctx, "set name", `UPDATE account SET display_name = ? WHERE id = ?`, name, id)
}
