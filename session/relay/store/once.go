package store

import (
	"context"
	"fmt"
	"time"
)

// maxOnceWords is how many words an account has at a time. When there are more, all are forgotten: each is for seconds.
const maxOnceWords = 20

// AddOnceWord keeps a word that signs an account in once; ErrNotFound when the account is gone. A change of the password
// makes it void.
func (s *DB) AddOnceWord(ctx context.Context, hash [32]byte, account string, now, expires time.Time) error {
	tx, err := s.write.begin(ctx)
	if err != nil {
		return fmt.Errorf("once word: %w", err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `DELETE FROM once_word WHERE expires_ms <= ?
		OR account_id = ? AND (SELECT count(*) FROM once_word o WHERE o.account_id = ? AND o.expires_ms > ?) >= ?`,
		ms(now), account, account, ms(now), maxOnceWords); err != nil {
		return fmt.Errorf("once word: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO once_word (hash, account_id, expires_ms) VALUES (?, ?, ?)`,
		hash[:], account, ms(expires)); err != nil {
		return fmt.Errorf("once word: %w", s.dialect.translate(err))
	}
	return tx.Commit()
}

// UseOnceWord uses a word up; ErrNotFound when it is not this account's, or no longer good. Of several that try at the
// same time, one succeeds.
func (s *DB) UseOnceWord(ctx context.Context, hash [32]byte, account string, now time.Time) error {
	return s.execOne(ctx, "once word", `DELETE FROM once_word WHERE hash = ? AND account_id = ? AND expires_ms > ?`, hash[:], account, ms(now))
}
