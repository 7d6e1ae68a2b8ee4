package store

import (
	"context"
	"fmt"
	"time"
)

// AddPasswordLink keeps a link with which an account's password is set, in place of earlier ones.
func (s *DB) AddPasswordLink(ctx context.Context, hash [32]byte, account string, expires time.Time) error {
	tx, err := s.write.begin(ctx)
	if err != nil {
		return fmt.Errorf("password link: %w", err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `DELETE FROM password_link WHERE account_id = ?`, account); err != nil {
		return fmt.Errorf("password link: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO password_link (hash, account_id, expires_ms) VALUES (?, ?, ?)`,
		hash[:], account, ms(expires)); err != nil {
		return fmt.Errorf("password link: %w", s.dialect.translate(err))
	}
	return tx.Commit()
}

// PasswordLink returns whose link this is, or ErrNotFound; it is good at now or not there.
func (s *DB) PasswordLink(ctx context.Context, hash [32]byte, now time.Time) (Account, error) {
	a, err := scanAccount(s.read.QueryRowContext(ctx, `SELECT `+accountColumns+`
		FROM password_link l JOIN account a ON a.id = l.account_id WHERE l.hash = ? AND l.expires_ms > ? AND a.disabled = 0`,
		hash[:], ms(now)))
	if err != nil {
		return Account{}, scanErr("password link", err)
	}
	return a, nil
}

// UsePasswordLink uses a link up; ErrNotFound when it was used before, or is no longer good. Of several that try at the
// same time, one succeeds.
func (s *DB) UsePasswordLink(ctx context.Context, hash [32]byte, now time.Time) error {
	return s.execOne(ctx, "password link", `DELETE FROM password_link WHERE hash = ? AND expires_ms > ?`, hash[:], ms(now))
}
