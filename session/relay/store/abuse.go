package store

import (
	"context"
	"fmt"
	"time"
)

// AbuseReport is what a visitor has told about somebody who misuses the relay.
type AbuseReport struct {
	ID      string
	At      time.Time
	Routing string // first digits of the code
	Session string // SessionRecord.ID of the latest session with these digits; "" when there was none
	Account string // of that session
	User    string // Account.User at that time
	Text    string
	Done    time.Time // zero: nobody has looked into it
}

// AddAbuseReport keeps a report. The session is filled in: the latest one with these digits, created since then.
func (s *DB) AddAbuseReport(ctx context.Context, r AbuseReport, since time.Time) error {
	found, err := s.sessions(ctx, `WHERE routing = ? AND created_ms >= ? ORDER BY created_ms DESC, id LIMIT 1`, r.Routing, ms(since))
	if err != nil {
		return fmt.Errorf("abuse report: %w", err)
	}
	for _, f := range found {
		r.Session, r.Account, r.User = f.ID, f.Account, f.User
	}
	_, err = s.exec(ctx, "abuse report", `INSERT INTO abuse_report (id, at_ms, routing, session_id, account_id, user_name, text)
		VALUES (?, ?, ?, ?, ?, ?, ?)`, r.ID, ms(r.At), r.Routing, r.Session, r.Account, r.User, r.Text)
	return err
}

// AbuseReports returns the latest reports, those first that nobody has looked into.
func (s *DB) AbuseReports(ctx context.Context, limit int) ([]AbuseReport, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, at_ms, routing, session_id, account_id, user_name, text, done_ms FROM abuse_report
		ORDER BY CASE WHEN done_ms = 0 THEN 0 ELSE 1 END, at_ms DESC, id LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("abuse reports: %w", err)
	}
	defer rows.Close()
	var all []AbuseReport
	for rows.Next() {
		var r AbuseReport
		var at, done int64
		if err := rows.Scan(&r.ID, &at, &r.Routing, &r.Session, &r.Account, &r.User, &r.Text, &done); err != nil {
			return nil, fmt.Errorf("abuse reports: %w", err)
		}
		r.At, r.Done = fromMS(at), fromMS(done)
		all = append(all, r)
	}
	return all, rows.Err()
}

// OpenAbuseReports is how many reports nobody has looked into.
func (s *DB) OpenAbuseReports(ctx context.Context) (n int, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT count(*) FROM abuse_report WHERE done_ms = 0`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("abuse reports: %w", err)
	}
	return n, nil
}

// AbuseDone notes that somebody has looked into a report.
func (s *DB) AbuseDone(ctx context.Context, id string, at time.Time) error {
	return s.execOne(ctx, "abuse report", `UPDATE abuse_report SET done_ms = ? WHERE id = ?`, ms(at), id)
}

// PruneAbuse forgets the reports from before then that somebody has looked into.
func (s *DB) PruneAbuse(ctx context.Context, before time.Time) error {
	_, err := s.exec(ctx, "abuse reports", `DELETE FROM abuse_report WHERE done_ms > 0 AND at_ms < ?`, ms(before))
	return err
}
