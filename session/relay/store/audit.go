package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// AuditLine is something that somebody did. Lines are only ever added.
type AuditLine struct {
	Number int64
	At     time.Time
	Actor  string // sign-in name; "" for nobody known
	Action string
	Detail string
	Hash   [32]byte // over this line and the hash of the line before
}

// ErrAuditBroken is the error of an audit log of which a line was changed or is missing.
var ErrAuditBroken = errors.New("the audit log has been changed")

// sum is the hash of a line: every field with its length, after the hash of the line before.
func (l AuditLine) sum(before []byte) [32]byte {
	h := sha256.New()
	h.Write(before)
	var n [8]byte
	for _, v := range []int64{l.Number, ms(l.At)} {
		binary.BigEndian.PutUint64(n[:], uint64(v))
		h.Write(n[:])
	}
	for _, text := range []string{l.Actor, l.Action, l.Detail} {
		binary.BigEndian.PutUint64(n[:], uint64(len(text)))
		h.Write(n[:])
		h.Write([]byte(text))
	}
	return [32]byte(h.Sum(nil))
}

// Audit adds a line.
func (s *DB) Audit(ctx context.Context, at time.Time, actor, action, detail string) error {
	tx, err := s.write.begin(ctx)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	defer tx.Rollback()
	l := AuditLine{At: at, Actor: cleanText(actor), Action: cleanText(action), Detail: cleanText(detail)}
	var before []byte
	err = tx.QueryRowContext(ctx, `SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1`).Scan(&l.Number, &before)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("audit: %w", err)
	}
	l.Number++
	hash := l.sum(before)
	if _, err := tx.ExecContext(ctx, `INSERT INTO audit (number, at_ms, actor, action, detail, hash) VALUES (?, ?, ?, ?, ?, ?)`,
		l.Number, ms(at), l.Actor, l.Action, l.Detail, hash[:]); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return tx.Commit()
}

// AuditLines returns the latest lines, the newest first.
func (s *DB) AuditLines(ctx context.Context, limit int) ([]AuditLine, error) {
	var all []AuditLine
	err := s.auditRows(ctx, `ORDER BY number DESC LIMIT ?`, func(l AuditLine) error {
		all = append(all, l)
		return nil
	}, limit)
	return all, err
}

// CheckAudit reads the whole audit log and returns how many lines it has, and ErrAuditBroken when one of them is
// not as it was written. Whoever can write the whole database can write a new log too: keep the last hash elsewhere
// to notice that.
func (s *DB) CheckAudit(ctx context.Context) (lines int64, err error) {
	var before []byte
	err = s.auditRows(ctx, `ORDER BY number`, func(l AuditLine) error {
		want := l.sum(before)
		if l.Number != lines+1 || !bytes.Equal(want[:], l.Hash[:]) {
			return fmt.Errorf("%w: line %d", ErrAuditBroken, l.Number)
		}
		lines, before = l.Number, want[:]
		return nil
	})
	return lines, err
}

func (s *DB) auditRows(ctx context.Context, order string, each func(AuditLine) error, args ...any) error {
	rows, err := s.read.QueryContext(ctx, `SELECT number, at_ms, actor, action, detail, hash FROM audit `+order, args...)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var l AuditLine
		var at int64
		var hash []byte
		if err := rows.Scan(&l.Number, &at, &l.Actor, &l.Action, &l.Detail, &hash); err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		l.At = fromMS(at)
		copy(l.Hash[:], hash)
		if err := each(l); err != nil {
			return err
		}
	}
	return rows.Err()
}
