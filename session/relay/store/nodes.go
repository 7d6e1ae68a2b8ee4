package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Several relays, nodes, may share a store. Each session belongs to one node; a node that has not been seen for some
// time is taken for dead, and the others take over its sessions. All times are by the database's clock.

// EnterNode makes this process the node with this address, in the place of an earlier one.
func (s *DB) EnterNode(ctx context.Context, address, run string) error {
	_, err := s.exec(ctx, "enter node", `INSERT INTO node (address, run, seen_ms) VALUES (?, ?, `+s.dialect.now+`)
		ON CONFLICT (address) DO UPDATE SET run = excluded.run, seen_ms = excluded.seen_ms`, address, run)
	return err
}

// SeeNode says that the node lives; ErrNotFound when it has been taken for dead, or replaced by another process.
func (s *DB) SeeNode(ctx context.Context, address, run string) error {
	return s.execOne(ctx, "see node", `UPDATE node SET seen_ms = `+s.dialect.now+` WHERE address = ? AND run = ?`, address, run)
}

// LeaveNode lets others take over the node's sessions at once.
func (s *DB) LeaveNode(ctx context.Context, address, run string) error {
	tx, err := s.write.begin(ctx)
	if err != nil {
		return fmt.Errorf("leave node: %w", err)
	}
	defer tx.Rollback()
	res, err := tx.ExecContext(ctx, `DELETE FROM node WHERE address = ? AND run = ?`, address, run)
	if err != nil {
		return fmt.Errorf("leave node: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err // somebody else has the address by now
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM offer WHERE node = ?`, address); err != nil {
		return fmt.Errorf("leave node: %w", err)
	}
	return tx.Commit()
}

// Nodes are the addresses of the nodes that were seen within this time.
func (s *DB) Nodes(ctx context.Context, within time.Duration) ([]string, error) {
	return s.texts(ctx, `SELECT address FROM node WHERE seen_ms >= `+s.dialect.now+` - ? ORDER BY address`, within.Milliseconds())
}

// orphan is the condition of an open session whose node has not been seen for a time, which is its argument.
func (s *DB) orphan() string {
	return `ended_ms = 0 AND NOT EXISTS (SELECT 1 FROM node n WHERE n.address = session.node AND n.seen_ms >= ` + s.dialect.now + ` - ?)`
}

// TakeOver gives the sessions of nodes that were not seen for this time to the node with this address, forgets those
// nodes, and returns the sessions. Each goes to one of the nodes that ask.
func (s *DB) TakeOver(ctx context.Context, address string, silent time.Duration) ([]SessionRecord, error) {
	limit := silent.Milliseconds()
	dead, err := s.texts(ctx, `SELECT address FROM node WHERE seen_ms < `+s.dialect.now+` - ?
		UNION ALL SELECT id FROM session WHERE `+s.orphan(), limit, limit)
	if err != nil || len(dead) == 0 {
		return nil, err // as nearly always
	}
	tx, err := s.write.begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("take over: %w", err)
	}
	defer tx.Rollback()
	rows, err := tx.QueryContext(ctx, `SELECT `+sessionColumns+` FROM session WHERE `+s.orphan(), limit)
	if err != nil {
		return nil, fmt.Errorf("take over: %w", err)
	}
	all, err := scanSessions(rows)
	if err != nil {
		return nil, fmt.Errorf("take over: %w", err)
	}
	for i := range all {
		if _, err := tx.ExecContext(ctx, `UPDATE session SET node = ? WHERE id = ?`, address, all[i].ID); err != nil {
			return nil, fmt.Errorf("take over: %w", err)
		}
		all[i].Node = address
	}
	for _, q := range []string{
		`DELETE FROM offer WHERE node IN (SELECT address FROM node WHERE seen_ms < ` + s.dialect.now + ` - ?)`,
		`DELETE FROM node WHERE seen_ms < ` + s.dialect.now + ` - ?`,
	} {
		if _, err := tx.ExecContext(ctx, q, limit); err != nil {
			return nil, fmt.Errorf("take over: %w", err)
		}
	}
	return all, tx.Commit()
}

// SessionsOf returns a node's open sessions.
func (s *DB) SessionsOf(ctx context.Context, address string) ([]SessionRecord, error) {
	return s.sessions(ctx, `WHERE ended_ms = 0 AND node = ? ORDER BY created_ms, id`, address)
}

// ReserveSession is AddSession for a session whose routing number no other may have, at whichever node, unless that one
// has rested since before; ErrExists when it is taken.
func (s *DB) ReserveSession(ctx context.Context, r SessionRecord, rested time.Time) error {
	tx, err := s.write.begin(ctx)
	if err != nil {
		return fmt.Errorf("reserve session: %w", err)
	}
	defer tx.Rollback()
	var taken int
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM session WHERE (ended_ms = 0 OR ended_ms > ?) AND routing = ?`,
		ms(rested), r.Routing).Scan(&taken)
	if err != nil {
		return fmt.Errorf("reserve session: %w", err)
	}
	if taken > 0 {
		return fmt.Errorf("reserve session: %w", ErrExists)
	}
	if _, err := tx.ExecContext(ctx, insertSession, r.values()...); err != nil {
		return fmt.Errorf("reserve session: %w", s.dialect.translate(err))
	}
	return tx.Commit()
}

// OpenByRouting returns the open session with this routing number, or ErrNotFound.
func (s *DB) OpenByRouting(ctx context.Context, routing string) (SessionRecord, error) {
	r, err := scanSession(s.read.QueryRowContext(ctx, `SELECT `+sessionColumns+` FROM session WHERE ended_ms = 0 AND routing = ?`, routing))
	if err != nil {
		return SessionRecord{}, scanErr("session", err)
	}
	return r, nil
}

// WantEnd asks the node of an open session to end it; account "" means anybody's. ErrNotFound when there is none.
func (s *DB) WantEnd(ctx context.Context, id, account string) error {
	return s.execOne(ctx, "end session",
		`UPDATE session SET end_wanted = 1 WHERE id = ? AND ended_ms = 0 AND (? = '' OR account_id = ?)`, id, account, account)
}

// EndsWanted are the node's sessions that another node was asked to end.
func (s *DB) EndsWanted(ctx context.Context, address string) ([]string, error) {
	return s.texts(ctx, `SELECT id FROM session WHERE ended_ms = 0 AND node = ? AND end_wanted = 1`, address)
}

// AddOffer says where a customer's program shows an ID; ErrExists when another one shows it.
func (s *DB) AddOffer(ctx context.Context, number, address string) error {
	_, err := s.exec(ctx, "add offer", `INSERT INTO offer (number, node) VALUES (?, ?)`, number, address)
	return err
}

// RemoveOffer forgets an ID of this node.
func (s *DB) RemoveOffer(ctx context.Context, number, address string) error {
	_, err := s.exec(ctx, "remove offer", `DELETE FROM offer WHERE number = ? AND node = ?`, number, address)
	return err
}

// OfferAt is the node of the program that shows this ID, or ErrNotFound.
func (s *DB) OfferAt(ctx context.Context, number string) (string, error) {
	at, err := s.texts(ctx, `SELECT node FROM offer WHERE number = ?`, number)
	if err == nil && len(at) == 0 {
		err = fmt.Errorf("offer: %w", ErrNotFound)
	}
	if err != nil {
		return "", err
	}
	return at[0], nil
}

// texts returns what a query of one column finds.
func (s *DB) texts(ctx context.Context, query string, args ...any) (all []string, err error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("nodes: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("nodes: %w", err)
		}
		all = append(all, text)
	}
	return all, rows.Err()
}
