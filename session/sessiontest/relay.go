// Package sessiontest puts real parts together for tests: a relay with its store on loopback, an operator's
// engine signed in to it, and customers whose screens and hands are in memory.
package sessiontest

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"handrail/session/relay"
	"handrail/session/relay/store"
)

// The account that every Relay has.
const (
	User         = "desk1"
	Password     = "a long test password"
	OperatorName = "Help desk 1"
)

// Relay is a running relay. It stops at the test's end.
type Relay struct {
	URL *url.URL

	t    testing.TB
	data string // folder of its store
	keep bool   // record
	stop func()

	mu       sync.Mutex
	recorded bytes.Buffer
}

// cheap makes signing in fast; tests do not keep passwords.
var cheap = store.Params{MemoryKiB: 64, Passes: 1, Lanes: 1}

// StartRelay starts a relay with an SQLite file and the account User. With record it keeps everything that it
// could write down; see Recorded.
func StartRelay(t testing.TB, record bool) *Relay {
	t.Helper()
	r := &Relay{t: t, data: t.TempDir(), keep: record}
	r.start("127.0.0.1:0")
	t.Cleanup(func() { r.stop() })
	return r
}

// Restart starts the relay again where it was, after Stop.
func (r *Relay) Restart() { r.start(r.URL.Host) }

func (r *Relay) start(address string) {
	r.t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, filepath.Join(r.data, "relay.db"))
	if err != nil {
		r.t.Fatal(err)
	}
	addAccount(r.t, db)
	many := relay.Rate{Burst: 100_000, Every: time.Millisecond} // all peers of a test have one address
	config := relay.Config{Store: db, Hashes: cheap, Limits: relay.Limits{Joins: many, Opens: many, NewSessions: many, Unknown: many}}
	if r.keep {
		config.Record = r.record
	}
	server, err := relay.New(config)
	if err != nil {
		r.t.Fatal(err)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		r.t.Fatal(err)
	}
	r.URL = &url.URL{Scheme: "http", Host: listener.Addr().String()}
	serving, cancel := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- server.Serve(serving, listener) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-served; err != nil {
			r.t.Errorf("relay: %v", err)
		}
		db.Close()
	})
}

// Stop stops the relay before the test's end, politely.
func (r *Relay) Stop() { r.stop() }

func addAccount(t testing.TB, db *store.DB) {
	t.Helper()
	hash, err := store.NewHasher(cheap, 1).Hash(context.Background(), Password)
	if err == nil {
		err = db.AddAccount(context.Background(), store.Account{
			ID: store.NewID(), User: User, Name: OperatorName, PasswordHash: hash, Created: time.Now(),
		})
	}
	if err == nil {
		err = db.SetOrganisation(context.Background(), "Example Ltd")
	}
	if err != nil && !errors.Is(err, store.ErrExists) {
		t.Fatal(err)
	}
}

func (r *Relay) record(piece relay.Recording) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.recorded.Write(piece.Data)
	r.recorded.WriteByte('\n')
}

// Recorded is everything that passed the relay so far: headers, bodies, notices and packets.
func (r *Relay) Recorded() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return bytes.Clone(r.recorded.Bytes())
}
