// Package pgtest starts a PostgreSQL server of its own for tests, from the system's package, and stops it:
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
//	…
//	address := pgtest.Database(t) // a fresh database, for store.Open
//
// The server starts with the first Database, listens on a socket in its own folder only, and trusts whoever reaches
// that. PostgreSQL refuses to run as root, so for root it runs as the user postgres or nobody. Where PostgreSQL is not
// installed the test is skipped, unless HANDRAIL_SERVERS=required.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

var errMissing = errors.New("PostgreSQL is not installed")

var (
	once     sync.Once
	running  *server
	startErr error
	mu       sync.Mutex
	count    int // of databases made, guarded by mu
)

type server struct {
	folder string
	cmd    *exec.Cmd
	log    bytes.Buffer
}

// Main runs a package's tests and stops the server when there is one. It returns the exit status.
func Main(m *testing.M) int {
	status := m.Run()
	Stop()
	return status
}

// Stop stops the server, for packages that do more than Main in their TestMain.
func Stop() {
	if running != nil {
		running.stop()
		running = nil
	}
}

// Database makes a fresh database and returns its address. It is dropped when the test ends.
func Database(t testing.TB) string {
	t.Helper()
	once.Do(func() { running, startErr = start() })
	if errors.Is(startErr, errMissing) && os.Getenv("HANDRAIL_SERVERS") != "required" {
		t.Skip(startErr)
	}
	if startErr != nil {
		t.Fatal(startErr)
	}
	mu.Lock()
	count++
	name := "test" + strconv.Itoa(count)
	mu.Unlock()
	if err := running.do("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := running.do("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return running.address(name)
}

func (s *server) address(database string) string {
	return "postgres://handrail@/" + database + "?host=" + url.QueryEscape(s.folder)
}

// do runs a statement in the database that every server has.
func (s *server) do(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.address("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

func start() (*server, error) {
	initdb, err := program("initdb")
	if err != nil {
		return nil, err
	}
	postgres, err := program("postgres")
	if err != nil {
		return nil, err
	}
	// Not in the test's own folder: the server's user could not get there, and paths of sockets must be short.
	folder, err := os.MkdirTemp("", "handrail-pg-")
	if err != nil {
		return nil, err
	}
	s := &server{folder: folder}
	if err := s.launch(initdb, postgres); err != nil {
		os.RemoveAll(folder)
		return nil, fmt.Errorf("PostgreSQL does not start: %w\n%s", err, s.log.String())
	}
	return s, nil
}

func (s *server) launch(initdb, postgres string) error {
	data := filepath.Join(s.folder, "data")
	makeData := exec.Command(initdb, "-D", data, "-U", "handrail", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if err := asOrdinaryUser(makeData, s.folder); err != nil {
		return err
	}
	makeData.Dir = s.folder
	if out, err := makeData.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	log, err := os.Create(filepath.Join(s.folder, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd = exec.Command(postgres, "-D", data, "-k", s.folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60",
		"-c", "shared_buffers=16MB")
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = s.folder, log, log
	if err := asOrdinaryUser(s.cmd, s.folder); err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		err := s.do("SELECT 1")
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			if text, readErr := os.ReadFile(log.Name()); readErr == nil {
				s.log.Write(text)
			}
			s.stop()
			return err
		}
	}
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGINT) // "fast": ends the connections first
	late := time.AfterFunc(20*time.Second, func() { _ = s.cmd.Process.Kill() })
	_ = s.cmd.Wait()
	late.Stop()
	os.RemoveAll(s.folder)
}

// program finds a program of the server, which Debian keeps out of PATH, the newest version first.
func program(name string) (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	slices.Sort(found)
	if len(found) > 0 {
		return found[len(found)-1], nil
	}
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	return "", errMissing
}
