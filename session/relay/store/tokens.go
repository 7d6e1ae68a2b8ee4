package store

import (
	"context"
	"fmt"
	"time"
)

// AddToken keeps a token; ErrNotFound when its account is gone, or its password was changed since Token.Passwords.
func (s *DB) AddToken(ctx context.Context, t Token) error {
	tx, err := s.write.begin(ctx) // so that it comes before or after a change of the password, never in the middle
	if err != nil {
		return fmt.Errorf("add token: %w", err)
	}
	defer tx.Rollback()
	res, err := tx.ExecContext(ctx, `INSERT INTO token (hash, account_id, created_ms, expires_ms)
		SELECT ?, id, ?, ? FROM account WHERE id = ? AND passwords = ?`,
		t.Hash[:], ms(t.Created), ms(t.Expires), t.Account, t.Passwords)
	if err != nil {
		return fmt.Errorf("add token: %w", s.dialect.translate(err))
	}
	if n, err := res.RowsAffected(); err != nil {
		return fmt.Errorf("add token: %w", err)
	} else if n == 0 {
		return fmt.Errorf("add token: %w", ErrNotFound)
	}
	return tx.Commit()
}

// Token returns the token with this hash and its account, or ErrNotFound. Whether the token has expired and
// whether the account is disabled is for the caller to see.
func (s *DB) Token(ctx context.Context, hash [32]byte) (Token, Account, error) {
	t := Token{Hash: hash}
	var created, expires int64
	a, err := scanAccount(s.read.QueryRowContext(ctx, `SELECT `+accountColumns+`, t.created_ms, t.expires_ms
		FROM token t JOIN account a ON a.id = t.account_id WHERE t.hash = ?`, hash[:]), &created, &expires)
	if err != nil {
		return Token{}, Account{}, scanErr("token", err)
	}
	t.Account, t.Passwords, t.Created, t.Expires = a.ID, a.Passwords, fromMS(created), fromMS(expires)
	return t, a, nil
}

// ExtendToken moves a token's end.
func (s *DB) ExtendToken(ctx context.Context, hash [32]byte, expires time.Time) error {
	_, err := s.exec(ctx, "extend token", `UPDATE token SET expires_ms = ? WHERE hash = ?`, ms(expires), hash[:])
	return err
}

// RemoveToken forgets a token.
func (s *DB) RemoveToken(ctx context.Context, hash [32]byte) error {
	_, err := s.exec(ctx, "remove token", `DELETE FROM token WHERE hash = ?`, hash[:])
	return err
}

// PruneTokens forgets the tokens that expired before now.
func (s *DB) PruneTokens(ctx context.Context, now time.Time) error {
	_, err := s.exec(ctx, "prune tokens", `DELETE FROM token WHERE expires_ms <= ?`, ms(now))
	return err
}
