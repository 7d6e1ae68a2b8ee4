package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations/*.sql
var migrations embed.FS

// SQLite is a store in one file. Several processes may have it open at once, as when an account is added while the
// relay runs. Its methods are safe for concurrent use.
type SQLite struct {
	write *sql.DB // one connection: SQLite has one writer, and waiting here is cheaper than there
	read  *sql.DB
}

// Open opens the database, creates it (for its owner's eyes only) when it is not there, and brings its tables
// to this program's version.
func Open(ctx context.Context, path string) (*SQLite, error) {
	// SQLite gives its other files (-wal, -shm) the rights of this one.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	f.Close()

	s := &SQLite{}
	if s.write, err = sql.Open("sqlite", dsn(path, false)); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s.write.SetMaxOpenConns(1)
	if err := migrate(ctx, s.write); err != nil {
		s.write.Close()
		return nil, fmt.Errorf("open store %s: %w", filepath.Base(path), err)
	}
	if s.read, err = sql.Open("sqlite", dsn(path, true)); err != nil {
		s.write.Close()
		return nil, fmt.Errorf("open store: %w", err)
	}
	s.read.SetMaxOpenConns(4)
	return s, nil
}

// Close closes the database.
func (s *SQLite) Close() error { return errors.Join(s.read.Close(), s.write.Close()) }

func dsn(path string, readOnly bool) string {
	q := url.Values{}
	q.Add("_pragma", "busy_timeout(5000)")
	q.Add("_pragma", "foreign_keys(1)")
	if readOnly {
		q.Add("_pragma", "query_only(1)")
	} else {
		q.Add("_pragma", "journal_mode(WAL)")
		// A removed account must stay removed after a power cut; writes are rare enough to pay for it.
		q.Add("_pragma", "synchronous(FULL)")
		// Taking the write lock at once avoids the one conflict that busy_timeout does not wait for.
		q.Set("_txlock", "immediate")
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// migrate retries, because two programs that start at the same moment may both try to create a table.
func migrate(ctx context.Context, db *sql.DB) error {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := migrateOnce(ctx, db, sub)
		if err == nil || errors.Is(err, errNewer) || try == 8 {
			return err
		}
		select {
		case <-time.After(time.Duration(try) * 25 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

var errNewer = errors.New("it was written by a newer version of this program")

func migrateOnce(ctx context.Context, db *sql.DB, sub fs.FS) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, db, sub,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current > target {
		return errNewer
	}
	_, err = p.Up(ctx)
	return err
}

// exec runs one statement on the writer and translates its errors.
func (s *SQLite) exec(ctx context.Context, op, query string, args ...any) (sql.Result, error) {
	res, err := s.write.ExecContext(ctx, query, args...)
	if err == nil {
		return res, nil
	}
	var se *sqlite.Error
	if errors.As(err, &se) {
		switch se.Code() {
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
			err = ErrExists
		case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
			err = ErrNotFound
		}
	}
	return nil, fmt.Errorf("%s: %w", op, err)
}

// execOne is exec for a statement that must change a row.
func (s *SQLite) execOne(ctx context.Context, op, query string, args ...any) error {
	res, err := s.exec(ctx, op, query, args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	} else if n == 0 {
		return fmt.Errorf("%s: %w", op, ErrNotFound)
	}
	return nil
}

func scanErr(op string, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return fmt.Errorf("%s: %w", op, err)
}

// Times are kept as milliseconds since 1970, 0 for the zero time.

func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMS(v int64) time.Time {
	if v == 0 {
		return time.Time{}
	}
	return time.UnixMilli(v).UTC()
}
