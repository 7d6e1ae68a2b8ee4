package store

import (
	"context"
	"fmt"
)

// SecondFactor is what an account proves besides its password.
type SecondFactor struct {
	Secret    []byte // shared with the person's authenticator
	Confirmed bool   // false: being set up, does not count yet
	Codes     int    // recovery codes that are left
}

// SecondFactor returns an account's second factor, or ErrNotFound.
func (s *DB) SecondFactor(ctx context.Context, account string) (SecondFactor, error) {
	var f SecondFactor
	err := s.read.QueryRowContext(ctx, `SELECT secret, confirmed,
		(SELECT count(*) FROM recovery_code r WHERE r.account_id = f.account_id)
		FROM second_factor f WHERE f.account_id = ?`, account).Scan(&f.Secret, &f.Confirmed, &f.Codes)
	if err != nil {
		return SecondFactor{}, scanErr("second factor", err)
	}
	return f, nil
}

// BeginSecondFactor keeps a secret that does not count before it is confirmed. ErrExists when one counts already.
func (s *DB) BeginSecondFactor(ctx context.Context, account string, secret []byte) error {
	res, err := s.exec(ctx, "second factor", `INSERT INTO second_factor (account_id, secret) VALUES (?, ?)
		ON CONFLICT (account_id) DO UPDATE SET secret = excluded.secret, last_step = 0 WHERE second_factor.confirmed = 0`, account, secret)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err == nil && n == 0 {
		return fmt.Errorf("second factor: %w", ErrExists)
	}
	return nil
}

// ConfirmSecondFactor makes the secret count from now on, with these recovery codes' hashes.
func (s *DB) ConfirmSecondFactor(ctx context.Context, account string, codes [][32]byte) error {
	tx, err := s.write.begin(ctx)
	if err != nil {
		return fmt.Errorf("second factor: %w", err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `UPDATE second_factor SET confirmed = 1 WHERE account_id = ?`, account); err != nil {
		return fmt.Errorf("second factor: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM recovery_code WHERE account_id = ?`, account); err != nil {
		return fmt.Errorf("second factor: %w", err)
	}
	for _, hash := range codes {
		if _, err := tx.ExecContext(ctx, `INSERT INTO recovery_code (account_id, hash) VALUES (?, ?)`, account, hash[:]); err != nil {
			return fmt.Errorf("second factor: %w", err)
		}
	}
	return tx.Commit()
}

// RemoveSecondFactor lets the account sign in with its password alone.
func (s *DB) RemoveSecondFactor(ctx context.Context, account string) error {
	if _, err := s.exec(ctx, "second factor", `DELETE FROM recovery_code WHERE account_id = ?`, account); err != nil {
		return err
	}
	_, err := s.exec(ctx, "second factor", `DELETE FROM second_factor WHERE account_id = ?`, account)
	return err
}

// UseStep uses up a time step; ErrNotFound when it, or a later one, was used before. Of several that try at the same
// time, one succeeds.
func (s *DB) UseStep(ctx context.Context, account string, step int64) error {
	return s.execOne(ctx, "second factor",
		`UPDATE second_factor SET last_step = ? WHERE account_id = ? AND last_step < ?`, step, account, step)
}

// UseRecoveryCode uses up a recovery code; ErrNotFound when the account has no such code.
func (s *DB) UseRecoveryCode(ctx context.Context, account string, hash [32]byte) error {
	return s.execOne(ctx, "recovery code", `DELETE FROM recovery_code WHERE account_id = ? AND hash = ?`, account, hash[:])
}
