package store

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Backup writes a copy of the database, as it is at one moment, to a file that must not exist. The relay may run.
func (s *DB) Backup(ctx context.Context, path string) error {
	if s.dialect != sqliteDialect {
		return errors.New("backup: the data is in PostgreSQL; copy it with pg_dump, which also works while relays run")
	}
	// SQLite fills an empty file that is there, and so its rights are right from the start.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	f.Close()
	if _, err := s.write.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		os.Remove(path)
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}
