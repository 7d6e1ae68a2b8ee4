// Package relay is the relay: it signs operators in, gives sessions their routing numbers, brings the two peers of
// a session together and forwards their packets, which it cannot read. Package wire has the protocol.
//
//	db, err := store.Open(ctx, "data/relay.db")
//	srv, err := relay.New(relay.Config{Store: db})
//	err = srv.Serve(ctx, listener)    // until ctx ends; then every peer is told, and Serve returns
//
// In a test, Handler in an httptest.Server and Close do the same.
//
// How it works inside:
//
//   - The directory holds all sessions and decides everything about them under one lock, held for moments only.
//   - Each link has two goroutines: one reads the link and forwards what it read to the other peer's link, one
//     owns the notices that the link gets, its keep-alive and its end.
//   - A link reads its next packet only when the last one has been written to the other peer. So a slow reader
//     slows its sender down, nothing is dropped, and a session needs the memory of two packets at most; buffers are
//     lent only while a packet is on its way, so that silent sessions hold none.
//   - The journal, one goroutine, writes sessions into the store's history.
//
// The package never imports the end-to-end channel: it has no means of reading a packet.
package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"sync"
	"time"

	"handrail/session/relay/pages"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

// Config says how a relay works. Only Store is needed.
type Config struct {
	Store Store

	Log    *slog.Logger     // nil: nothing is logged
	Now    func() time.Time // nil: time.Now. For everything that lasts: codes, tokens, limits
	Times  Times            // zero fields: DefaultTimes
	Limits Limits           // zero fields: DefaultLimits
	Hashes store.Params     // costs of passwords; zero: store.DefaultParams

	// Downloads is the folder of the programs that the web pages offer; empty: none.
	Downloads string

	// Mail sends invitations; nil: this relay sends none.
	Mail Mailer
	// URL is where people reach this relay, for links in mails; nil: as the request has come that the mail is for.
	URL *url.URL

	// Release is the version of the programs that belong to this relay, which others compare theirs with; may be empty.
	Release string
	// Reports is the folder that error reports go to; empty: none are taken.
	Reports string

	// Node, when it has an address, makes this relay one of several that share Store, which must be a NodeStore.
	Node Node

	// Trusted are the reverse proxies whose X-Forwarded-For is believed.
	Trusted []netip.Prefix

	// Record, when set, gets everything that this relay could record; see Recording. For tests.
	Record func(Recording)
}

// Times are how long a relay waits for what, by the machine's clock.
type Times struct {
	Hello       time.Duration // for the Hello on a new link
	Request     time.Duration // for a whole request to come in, forms included
	Store       time.Duration // for what a request asks the store; three times as long where that is administration
	KeepAlive   time.Duration // of silence before a link is pinged
	PingGrace   time.Duration // after that before it counts as dead
	Write       time.Duration // for one packet to be taken by a slow reader
	Notice      time.Duration // for a notice to be taken
	Close       time.Duration // for the other side to close, after it was told the end
	Sweep       time.Duration // between two looks at what has expired
	OperatorGap time.Duration // that a customer waits for the operator's link (by Config.Now)
	Slow        time.Duration // that a join takes while somebody tries codes that do not exist
	Pairing     time.Duration // from Paired to Accepted (by Config.Now)
	Grace       time.Duration // that an active session outlives its links (by Config.Now)
}

// DefaultTimes are what a relay uses unless told otherwise.
var DefaultTimes = Times{
	Hello:       wire.HelloTimeout,
	Request:     20 * time.Second,
	Store:       6 * time.Second, // programs wait for eight
	KeepAlive:   wire.KeepAlive,
	PingGrace:   10 * time.Second,
	Write:       30 * time.Second,
	Notice:      5 * time.Second,
	Close:       2 * time.Second,
	Sweep:       500 * time.Millisecond,
	OperatorGap: 5 * time.Second,
	Slow:        2 * time.Second,
	Pairing:     time.Minute,
	Grace:       wire.Grace,
}

// Server is a relay. Its methods are safe for concurrent use.
type Server struct {
	// Fixed after New.
	cfg     Config
	log     *slog.Logger
	handler http.Handler
	hasher  *store.Hasher
	limits  *limiters
	slow    *table // with one key: codes that do not exist
	metrics *metrics
	pages   *pages.Pages
	desk    *desk
	dir     *directory
	journal *journal
	nodes   *nodes // nil: this relay is alone

	stopSweep context.CancelFunc
	sweeper   sync.WaitGroup
	closeOnce sync.Once

	reporting sync.Mutex // held while reports are written

	linksMu  sync.Mutex
	links    map[*link]struct{} // open ones, guarded by linksMu
	entered  int                // open and opening ones, guarded by linksMu
	stopping bool               // guarded by linksMu
	empty    *sync.Cond         // with linksMu: entered has become 0
}

// New makes a relay and starts its housekeeping, which Serve or Close ends. Sessions that an earlier run has left
// open, stopped or killed, go on.
func New(cfg Config) (*Server, error) {
	if cfg.Store == nil {
		return nil, errors.New("relay: no store")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.Times = cfg.Times.withDefaults()
	cfg.Limits = cfg.Limits.withDefaults()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	now := cfg.Now()
	recent, err := cfg.Store.EndedSince(ctx, now.Add(-routingRest))
	if err != nil {
		return nil, fmt.Errorf("relay: %w", err)
	}

	s := &Server{cfg: cfg, log: cfg.Log, links: make(map[*link]struct{})}
	var open []store.SessionRecord
	if cfg.Node.Address != "" {
		open, err = s.enterNodes(ctx)
	} else {
		open, err = cfg.Store.OpenSessions(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("relay: %w", err)
	}
	s.empty = sync.NewCond(&s.linksMu)
	// A hash costs memory and a whole core; more at once would only make everybody wait longer.
	s.hasher = store.NewHasher(cfg.Hashes, min(runtime.GOMAXPROCS(0), 4))
	s.limits = newLimiters(cfg.Limits, cfg.Now)
	s.slow, s.metrics = newTable(cfg.Limits.Unknown, 1, cfg.Now), newMetrics()
	s.journal = newJournal(cfg.Store, cfg.Log, s.nodes)
	s.dir = newDirectory(cfg.Now, cfg.Times, cfg.Limits.SessionsPerAccount, cfg.Node.Address, s.journal.add)
	for _, r := range recent {
		s.dir.remember(r)
	}
	for _, r := range open {
		s.dir.restore(r)
	}
	s.desk = &desk{s: s}
	s.pages, err = pages.New(pages.Config{
		Store: cfg.Store, Desk: s.desk, DeskStore: cfg.Store, Downloads: cfg.Downloads, Log: cfg.Log, Now: cfg.Now,
		Address: addressKey,
	})
	if err != nil {
		s.journal.close()
		return nil, fmt.Errorf("relay: %w", err)
	}
	s.handler = s.routes()

	sweepCtx, stop := context.WithCancel(context.Background())
	s.stopSweep = stop
	s.sweeper.Go(func() { s.sweep(sweepCtx) })
	s.sweeper.Go(func() { s.tidy(sweepCtx) })
	if s.nodes != nil {
		s.sweeper.Go(func() { s.nodes.beat(sweepCtx) })
	}
	return s, nil
}

// Handler is the relay's HTTP interface, links included.
func (s *Server) Handler() http.Handler { return s.handler }

// Close tells every peer that the relay is stopping, waits for their links to close, cuts those that do not, and
// returns when nothing of the relay runs any more. Close does not close the Store.
func (s *Server) Close() error {
	s.closeOnce.Do(func() {
		s.stop()
		s.stopSweep()
		s.sweeper.Wait()
		s.journal.close()
		if s.nodes != nil {
			s.nodes.leave()
		}
	})
	return nil
}

// stop ends all links.
func (s *Server) stop() {
	s.linksMu.Lock()
	s.stopping = true
	open := make([]*link, 0, len(s.links))
	for l := range s.links {
		open = append(open, l)
	}
	s.linksMu.Unlock()

	s.dir.stop()
	for _, l := range open {
		l.finish(wire.Refused, wire.ReasonStopping) // those that have not said Hello yet
	}
	late := time.AfterFunc(s.cfg.Times.Notice+s.cfg.Times.Close, func() {
		for _, l := range open {
			l.kill()
		}
	})
	defer late.Stop()
	s.linksMu.Lock()
	for s.entered > 0 {
		s.empty.Wait()
	}
	s.linksMu.Unlock()
}

// enter counts a coming link in; false when there is no room for it. Each enter that returned true needs a leave.
// A relay that is stopping still lets links in, for as long as it takes to tell them so.
func (s *Server) enter() bool {
	s.linksMu.Lock()
	defer s.linksMu.Unlock()
	if s.entered >= s.cfg.Limits.Links {
		return false
	}
	s.entered++
	return true
}

// opened makes an entered link known, so that it hears when the relay stops.
func (s *Server) opened(l *link) {
	s.linksMu.Lock()
	defer s.linksMu.Unlock()
	s.links[l] = struct{}{}
	if s.stopping {
		l.finish(wire.Refused, wire.ReasonStopping)
	}
}

func (s *Server) leave(l *link) {
	s.linksMu.Lock()
	defer s.linksMu.Unlock()
	delete(s.links, l)
	if s.entered--; s.entered == 0 {
		s.empty.Broadcast()
	}
}

// sweep ends what has expired. It never waits for the store.
func (s *Server) sweep(ctx context.Context) {
	tick := time.NewTicker(s.cfg.Times.Sweep)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		s.dir.sweep()
	}
}

// storePatience is how long the relay waits for the store where others wait for that, or it has more to do. A store that
// cannot be reached may never say so.
const storePatience = 2 * time.Second

// tidy ends what belongs to accounts that are gone, and forgets in the store what is of no use any more.
func (s *Server) tidy(ctx context.Context) {
	tick := time.NewTicker(s.cfg.Times.Sweep)
	defer tick.Stop()
	var accounts, tokens, wanted time.Time
	within := func(patience time.Duration, what string, ask func(context.Context) error) {
		limited, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		if err := ask(limited); err != nil && ctx.Err() == nil {
			s.log.Error(what, "error", err)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := s.cfg.Now()
		if now.Sub(accounts) >= 15*time.Second {
			accounts = now
			within(storePatience, "accounts could not be looked at", s.endOfGoneAccounts)
		}
		if s.nodes == nil && now.Sub(wanted) >= 2*time.Second {
			wanted = now
			within(storePatience, "sessions to end could not be read", s.endWanted)
		}
		if now.Sub(tokens) >= 10*time.Minute {
			tokens = now
			within(5*storePatience, "reports of misuse could not be pruned", func(ctx context.Context) error {
				return s.cfg.Store.PruneAbuse(ctx, now.AddDate(-1, 0, 0))
			})
			within(5*storePatience, "tokens could not be pruned", func(ctx context.Context) error {
				return s.cfg.Store.PruneTokens(ctx, now)
			})
		}
	}
}

// endWanted ends the sessions that a command on this computer wants to end.
func (s *Server) endWanted(ctx context.Context) error {
	ids, err := s.cfg.Store.EndsWanted(ctx, "")
	if err != nil {
		return err
	}
	return s.endAll(ctx, ids)
}

// endAll ends sessions of this relay. One that it does not have has ended before, and only the store does not know.
func (s *Server) endAll(ctx context.Context, ids []string) error {
	for _, id := range ids {
		if s.dir.endAny(id) {
			continue
		}
		at, reason := s.dir.ended(id)
		if err := s.journal.end(ctx, id, at, reason); err != nil {
			return err
		}
	}
	return nil
}

// endOfGoneAccounts ends the sessions of accounts that were removed or disabled while the relay runs.
func (s *Server) endOfGoneAccounts(ctx context.Context) error {
	for _, id := range s.dir.accounts() {
		a, err := s.cfg.Store.Account(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound) || err == nil && a.Disabled:
			s.log.Info("sessions ended because their account is gone", "account", id)
			s.dir.endAccount(id)
		case err != nil:
			return err // the others come next time
		}
	}
	return nil
}

func (t Times) withDefaults() Times {
	d := DefaultTimes
	for _, f := range []struct{ field, standard *time.Duration }{
		{&t.Hello, &d.Hello},
		{&t.Request, &d.Request},
		{&t.Store, &d.Store},
		{&t.KeepAlive, &d.KeepAlive},
		{&t.PingGrace, &d.PingGrace},
		{&t.Write, &d.Write},
		{&t.Notice, &d.Notice},
		{&t.Close, &d.Close},
		{&t.Sweep, &d.Sweep},
		{&t.OperatorGap, &d.OperatorGap},
		{&t.Slow, &d.Slow},
		{&t.Pairing, &d.Pairing},
		{&t.Grace, &d.Grace},
	} {
		if *f.field <= 0 {
			*f.field = *f.standard
		}
	}
	return t
}
