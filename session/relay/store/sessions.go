package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// AddSession puts a new session into the history.
func (s *DB) AddSession(ctx context.Context, r SessionRecord) error {
	_, err := s.exec(ctx, "add session", insertSession, r.values()...)
	return err
}

const insertSession = `INSERT INTO session (id, account_id, user_name, routing, created_ms, joined_ms, ended_ms, end_reason, tries,
	operator_resume, customer_resume, node) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

func (r SessionRecord) values() []any {
	return []any{
		r.ID, r.Account, r.User, r.Routing, ms(r.Created), ms(r.Joined), ms(r.Ended), r.Reason, r.Tries,
		r.OperatorResume, r.CustomerResume, r.Node,
	}
}

// SessionTried notes how many tries of its code there were.
func (s *DB) SessionTried(ctx context.Context, id string, tries int) error {
	return s.execOne(ctx, "session tried", `UPDATE session SET tries = ? WHERE id = ?`, tries, id)
}

// SessionJoined notes when the customer proved the code, and the hashes of the tokens with which the peers come back.
func (s *DB) SessionJoined(ctx context.Context, id string, at time.Time, operatorResume, customerResume string) error {
	return s.execOne(ctx, "session joined", `UPDATE session SET joined_ms = ?, operator_resume = ?, customer_resume = ? WHERE id = ?`,
		ms(at), operatorResume, customerResume, id)
}

// SessionEnded notes when and why a session ended. Only the first end counts.
func (s *DB) SessionEnded(ctx context.Context, id string, at time.Time, reason string) error {
	return s.execOne(ctx, "session ended",
		`UPDATE session SET ended_ms = ?, end_reason = ? WHERE id = ? AND ended_ms = 0`, ms(at), reason, id)
}

// OpenSessions returns the sessions that have not ended, the oldest first.
func (s *DB) OpenSessions(ctx context.Context) ([]SessionRecord, error) {
	return s.sessions(ctx, `WHERE ended_ms = 0 ORDER BY created_ms, id`)
}

// Session returns a session of the history, or ErrNotFound.
func (s *DB) Session(ctx context.Context, id string) (SessionRecord, error) {
	r, err := scanSession(s.read.QueryRowContext(ctx, `SELECT `+sessionColumns+` FROM session WHERE id = ?`, id))
	if err != nil {
		return SessionRecord{}, scanErr("session", err)
	}
	return r, nil
}

// EndedSince returns the sessions that ended after this time, the earliest first.
func (s *DB) EndedSince(ctx context.Context, since time.Time) ([]SessionRecord, error) {
	return s.sessions(ctx, `WHERE ended_ms > ? ORDER BY ended_ms, id`, ms(since))
}

func (s *DB) sessions(ctx context.Context, where string, args ...any) ([]SessionRecord, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+sessionColumns+` FROM session `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	return scanSessions(rows)
}

// scanSessions reads all rows and closes them.
func scanSessions(rows *sql.Rows) ([]SessionRecord, error) {
	defer rows.Close()
	var all []SessionRecord
	for rows.Next() {
		r, err := scanSession(rows)
		if err != nil {
			return nil, fmt.Errorf("sessions: %w", err)
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// History returns the sessions that were created in [from, until), the newest first; account "" means everybody's.
func (s *DB) History(ctx context.Context, account string, from, until time.Time, limit int) ([]SessionRecord, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+sessionColumns+` FROM session
		WHERE (? = '' OR account_id = ?) AND created_ms >= ? AND created_ms < ? ORDER BY created_ms DESC, id LIMIT ?`,
		account, account, ms(from), ms(until), limit)
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	return scanSessions(rows)
}

const sessionColumns = `id, account_id, user_name, routing, created_ms, joined_ms, ended_ms, end_reason,
	tries, operator_resume, customer_resume, node`

func scanSession(from row) (SessionRecord, error) {
	var r SessionRecord
	var created, joined, ended int64
	err := from.Scan(&r.ID, &r.Account, &r.User, &r.Routing, &created, &joined, &ended, &r.Reason,
		&r.Tries, &r.OperatorResume, &r.CustomerResume, &r.Node)
	r.Created, r.Joined, r.Ended = fromMS(created), fromMS(joined), fromMS(ended)
	return r, err
}

const settingOrganisation = "organisation"

// Organisation returns the name under which customers know whoever runs this relay; empty when it was never set.
func (s *DB) Organisation(ctx context.Context) (string, error) {
	return s.setting(ctx, settingOrganisation)
}

// SetOrganisation sets that name.
func (s *DB) SetOrganisation(ctx context.Context, name string) error {
	return s.setSetting(ctx, settingOrganisation, name)
}
