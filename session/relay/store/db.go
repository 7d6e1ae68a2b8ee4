package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// DB is a store: SQLite in one file, or PostgreSQL. Several processes may have it open at once, as when an account is
// added while the relay runs, or when several relays share it. Its methods are safe for concurrent use.
type DB struct {
	where   string // for Open
	dialect *dialect
	write   pool // SQLite: of one connection, since it has one writer, and waiting here is cheaper than there
	read    pool // PostgreSQL: the same as write
}

// Open opens a store and brings its tables to this program's version. Where is the path of an SQLite database,
// which is made (for its owner's eyes only) when it is not there, or a PostgreSQL address such as
// postgres://handrail:password@db.example.org/handrail.
func Open(ctx context.Context, where string) (*DB, error) {
	if IsAddress(where) {
		return openPostgres(ctx, where)
	}
	return openSQLite(ctx, where)
}

// IsAddress tells the address of a PostgreSQL database from a path.
func IsAddress(where string) bool {
	return strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://")
}

// Close closes the database.
func (s *DB) Close() error {
	if s.read == s.write {
		return s.write.db.Close()
	}
	return errors.Join(s.read.db.Close(), s.write.db.Close())
}

// dialect is how a kind of database wants to be spoken to.
type dialect struct {
	goose     goose.Dialect
	types     *strings.Replacer         // of column types in migrations; nil: none
	bind      func(query string) string // of a query with ? for each argument; nil: as it is
	argument  func(any) any             // nil: as it is
	begin     string                    // first statement of every transaction: one writer at a time; "" none
	now       string                    // expression: the database's clock in ms since 1970
	translate func(error) error         // into ErrExists and ErrNotFound where these apply
}

// pool is a pool of connections that takes queries in SQLite's words, with ? for arguments.
type pool struct {
	db *sql.DB
	*dialect
}

func (d *dialect) query(query string, args []any) (string, []any) {
	if d.bind != nil {
		query = d.bind(query)
	}
	if d.argument != nil {
		for i := range args {
			args[i] = d.argument(args[i])
		}
	}
	return query, args
}

func (p pool) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	query, args = p.query(query, args)
	return p.db.ExecContext(ctx, query, args...)
}

func (p pool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	query, args = p.query(query, args)
	return p.db.QueryContext(ctx, query, args...)
}

func (p pool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	query, args = p.query(query, args)
	return p.db.QueryRowContext(ctx, query, args...)
}

// transaction is a transaction of a pool. There is one at a time, of all programs that share the database.
type transaction struct {
	tx *sql.Tx
	*dialect
}

func (p pool) begin(ctx context.Context) (transaction, error) {
	tx, err := p.db.BeginTx(ctx, nil)
	if err == nil && p.dialect.begin != "" {
		if _, err = tx.ExecContext(ctx, p.dialect.begin); err != nil {
			tx.Rollback()
		}
	}
	return transaction{tx, p.dialect}, err
}

func (t transaction) Commit() error   { return t.tx.Commit() }
func (t transaction) Rollback() error { return t.tx.Rollback() }

func (t transaction) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	query, args = t.query(query, args)
	return t.tx.ExecContext(ctx, query, args...)
}

func (t transaction) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	query, args = t.query(query, args)
	return t.tx.QueryContext(ctx, query, args...)
}

func (t transaction) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	query, args = t.query(query, args)
	return t.tx.QueryRowContext(ctx, query, args...)
}

// migrate retries, because two programs that start at the same moment may both try to create a table.
func migrate(ctx context.Context, db *sql.DB, d *dialect) error {
	for try := 1; ; try++ {
		err := migrateOnce(ctx, db, d)
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

func migrateOnce(ctx context.Context, db *sql.DB, d *dialect) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	if d.types != nil {
		files = translated{files, d.types}
	}
	p, err := goose.NewProvider(d.goose, db, files,
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
func (s *DB) exec(ctx context.Context, op, query string, args ...any) (sql.Result, error) {
	res, err := s.write.ExecContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, s.dialect.translate(err))
	}
	return res, nil
}

// execOne is exec for a statement that must change a row.
func (s *DB) execOne(ctx context.Context, op, query string, args ...any) error {
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
