package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

var postgresDialect = &dialect{
	goose: goose.DialectPostgres,
	types: strings.NewReplacer(" INTEGER", " BIGINT", " BLOB", " BYTEA"),
	bind:  numbered,
	// What is text in Go may be none to PostgreSQL, and a number may stand for yes or no.
	argument: func(v any) any {
		switch v := v.(type) {
		case string:
			return cleanText(v)
		case bool:
			if v {
				return int64(1)
			}
			return int64(0)
		}
		return v
	},
	// As with SQLite, transactions come one after the other: they are few and short, and some read what others write.
	begin:     "SELECT pg_advisory_xact_lock(" + writerLock + ")",
	now:       "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
	translate: translatePostgres,
}

// Numbers that all programs which share a database agree on: whoever holds these locks may write, and migrate.
const (
	writerLock    = "5236114570187215702"
	migrationLock = "5236114570187215703"
)

// postgresConns is how many connections one relay opens at most. PostgreSQL allows a hundred unless told otherwise.
const postgresConns = 8

func openPostgres(ctx context.Context, address string) (*DB, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, errors.New("open store: the address of the PostgreSQL database cannot be read; " + // the cause may have the password
			"it looks like postgres://name:password@host/database")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(postgresConns)
	db.SetMaxIdleConns(postgresConns)
	db.SetConnMaxIdleTime(5 * time.Minute)
	if err := migratePostgres(ctx, db); err != nil {
		db.Close()
		// What goes wrong while connecting has a line for each address.
		return nil, fmt.Errorf("open store on %s: %s", config.Host, strings.Join(strings.Fields(err.Error()), " "))
	}
	p := pool{db, postgresDialect}
	return &DB{where: address, dialect: postgresDialect, write: p, read: p}, nil
}

// migratePostgres lets one of the relays that start at the same moment make the tables.
func migratePostgres(ctx context.Context, db *sql.DB) error {
	lock, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer lock.Close()
	if _, err := lock.ExecContext(ctx, "SELECT pg_advisory_lock("+migrationLock+")"); err != nil {
		return err
	}
	defer lock.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock("+migrationLock+")")
	return migrateOnce(ctx, db, postgresDialect)
}

func translatePostgres(err error) error {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		switch pe.Code { // from the appendix "PostgreSQL Error Codes"
		case "23505": // unique_violation
			return ErrExists
		case "23503": // foreign_key_violation
			return ErrNotFound
		}
	}
	return err
}

// numbered is a query with $1, $2 … for its question marks. None of the queries has one inside a text.
func numbered(query string) string {
	if !strings.Contains(query, "?") {
		return query
	}
	var out strings.Builder
	n := 0
	for _, r := range query {
		if r != '?' {
			out.WriteRune(r)
			continue
		}
		n++
		out.WriteString("$" + strconv.Itoa(n))
	}
	return out.String()
}

// cleanText is text as every database can keep it.
func cleanText(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "\uFFFD"), "\uFFFD")
}

// translated is a folder of migrations with other column types.
type translated struct {
	fs.FS
	types *strings.Replacer
}

func (t translated) Open(name string) (fs.File, error) {
	f, err := t.FS.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return f, err
	}
	data, err := io.ReadAll(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return &translatedFile{f, bytes.NewReader([]byte(t.types.Replace(string(data))))}, nil
}

type translatedFile struct {
	fs.File
	text *bytes.Reader
}

func (f *translatedFile) Read(p []byte) (int, error) { return f.text.Read(p) }
