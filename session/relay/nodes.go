package relay

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"handrail/session/relay/pages"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

// Several relays that share a store are nodes. Each session belongs to one of them, its owner, which alone decides about
// it; the store says which. A peer that asks another node is told where to go. A node that dies is missed by the others
// after Silent: one of them takes its sessions over, as if it had been restarted, and their peers come there.
//
//	lives ──── not seen for Silent ────▶ taken for dead: its sessions are another node's
//	  ▲                                      │
//	  └── comes back, gives all its links up ┘   (it was only slow, or could not reach the store)
//
// While a node does not reach the store, its sessions go on. It takes nothing over before it has reached the store
// for Silent: when the store itself was away, everybody looks dead to whoever is first.

// NodeStore is what nodes need of a store; *store.DB is one.
type NodeStore interface {
	EnterNode(ctx context.Context, address, run string) error
	SeeNode(ctx context.Context, address, run string) error
	LeaveNode(ctx context.Context, address, run string) error
	Nodes(ctx context.Context, within time.Duration) ([]string, error)
	TakeOver(ctx context.Context, address string, silent time.Duration) ([]store.SessionRecord, error)
	SessionsOf(ctx context.Context, address string) ([]store.SessionRecord, error)
	ReserveSession(ctx context.Context, r store.SessionRecord, rested time.Time) error
	OpenByRouting(ctx context.Context, routing string) (store.SessionRecord, error)
	WantEnd(ctx context.Context, id, account string) error
	EndsWanted(ctx context.Context, address string) ([]string, error)
	AddOffer(ctx context.Context, number, address string) error
	RemoveOffer(ctx context.Context, number, address string) error
	OfferAt(ctx context.Context, number string) (string, error)
}

// Node makes a relay one of several.
type Node struct {
	Address string        // under which peers reach this very relay, such as https://relay1.example.org; empty: it is alone
	Beat    time.Duration // between two signs of life; 0: a second
	Silent  time.Duration // after which a node counts as dead; 0: five seconds
}

// maxNodes is how many other nodes a peer is told.
const maxNodes = 8

// nodes is a relay's part in that.
type nodes struct {
	s     *Server
	store NodeStore
	cfg   Node
	run   string // random: another process may have had the address

	others    atomic.Pointer[[]string] // addresses of the other nodes that live
	goodSince time.Time                // the store is reached since then; of the beating goroutine
}

// enter makes the relay known and returns the sessions that its address has.
func (s *Server) enterNodes(ctx context.Context) ([]store.SessionRecord, error) {
	shared, ok := s.cfg.Store.(NodeStore)
	if !ok {
		return nil, errors.New("this store cannot be shared")
	}
	cfg := s.cfg.Node
	if cfg.Beat <= 0 {
		cfg.Beat = time.Second
	}
	if cfg.Silent <= 0 {
		cfg.Silent = 5 * time.Second
	}
	s.nodes = &nodes{s: s, store: shared, cfg: cfg, run: rand.Text(), goodSince: time.Now()}
	s.nodes.others.Store(new([]string))
	if err := shared.EnterNode(ctx, cfg.Address, s.nodes.run); err != nil {
		return nil, err
	}
	return shared.SessionsOf(ctx, cfg.Address)
}

// beat gives signs of life, and sees to what other nodes have left, until ctx ends.
func (n *nodes) beat(ctx context.Context) {
	tick := time.NewTicker(n.cfg.Beat)
	defer tick.Stop()
	for {
		if err := n.once(ctx); err != nil && ctx.Err() == nil {
			n.goodSince = time.Time{}
			n.s.log.Error("the shared store cannot be reached", "error", err)
		} else if n.goodSince.IsZero() {
			n.goodSince = time.Now()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (n *nodes) once(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, n.cfg.Silent)
	defer cancel()
	err := n.store.SeeNode(ctx, n.cfg.Address, n.run)
	if errors.Is(err, store.ErrNotFound) {
		err = n.comeBack(ctx)
	}
	if err != nil {
		return err
	}
	live, err := n.store.Nodes(ctx, n.cfg.Silent)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(live, func(a string) bool { return a == n.cfg.Address })
	n.others.Store(&others)
	ends, err := n.store.EndsWanted(ctx, n.cfg.Address)
	if err != nil {
		return err
	}
	if err := n.s.endAll(ctx, ends); err != nil {
		return err
	}
	if n.goodSince.IsZero() || time.Since(n.goodSince) < n.cfg.Silent {
		return nil
	}
	taken, err := n.store.TakeOver(ctx, n.cfg.Address, n.cfg.Silent)
	if err != nil {
		return err
	}
	if len(taken) > 0 {
		n.s.log.Warn("sessions of a relay that is gone go on here", "sessions", len(taken))
	}
	for _, r := range taken {
		n.s.dir.restore(r)
	}
	return nil
}

// comeBack follows upon having been taken for dead: what this node had belongs to others now.
func (n *nodes) comeBack(ctx context.Context) error {
	n.s.log.Warn("other relays took this one for dead; its sessions go on there")
	n.s.dir.giveUp()
	if err := n.store.EnterNode(ctx, n.cfg.Address, n.run); err != nil {
		return err
	}
	mine, err := n.store.SessionsOf(ctx, n.cfg.Address)
	for _, r := range mine {
		n.s.dir.restore(r)
	}
	return err
}

// leave lets the other nodes take over at once.
func (n *nodes) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), n.cfg.Silent)
	defer cancel()
	if err := n.store.LeaveNode(ctx, n.cfg.Address, n.run); err != nil {
		n.s.log.Error("the other relays could not be told that this one stops", "error", err)
	}
}

// Methods of *nodes from here on work on nil, a relay that is alone, as well.

// told are the other nodes, for peers.
func (n *nodes) told() []string {
	if n == nil {
		return nil
	}
	all := *n.others.Load()
	return all[:min(len(all), maxNodes)]
}

// elsewhere is for a session that this node does not have, by id or else by routing digits: the node that has it, or
// how it has ended. It returns the reason why it was not found when nobody has it.
func (n *nodes) elsewhere(l *link, id, routing string, reason wire.Reason) wire.Reason {
	if n == nil || reason != wire.ReasonNotFound && reason != wire.ReasonUnknownCode {
		return reason
	}
	ctx, cancel := context.WithTimeout(context.Background(), n.s.cfg.Times.Hello)
	defer cancel()
	var r store.SessionRecord
	var err error
	if id != "" {
		r, err = n.s.cfg.Store.Session(ctx, id)
	} else {
		r, err = n.store.OpenByRouting(ctx, routing)
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		return reason
	case err != nil:
		n.s.log.Error("session could not be looked up", "error", err)
		return wire.ReasonInternal
	case r.Ended.IsZero() && n.lives(r.Node):
		l.elsewhere = r.Node
		return wire.ReasonElsewhere
	case r.Ended.IsZero() && r.Node == n.cfg.Address && n.s.dir.has(r.ID):
		return reason
	case r.Ended.IsZero():
		return wire.ReasonElsewhere // nobody knows where yet: its node has died a moment ago
	}
	return reason
}

// ended is how a session has ended at another node, for one of its peers; "" when it has not, or it is not its peer.
func (n *nodes) ended(id string, peer func(store.SessionRecord) bool) wire.Reason {
	if n == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), n.s.cfg.Times.Hello)
	defer cancel()
	r, err := n.s.cfg.Store.Session(ctx, id)
	if err != nil || r.Ended.IsZero() || !peer(r) {
		return ""
	}
	return wire.Reason(r.Reason)
}

func (n *nodes) lives(address string) bool { return slices.Contains(*n.others.Load(), address) }

// create starts a session. Its number must be free at all nodes.
func (s *Server) create(ctx context.Context, a store.Account) (wire.Session, wire.Reason) {
	for {
		created, record, reason := s.dir.create(a)
		if reason != "" || s.nodes == nil {
			return created, reason
		}
		err := s.nodes.store.ReserveSession(ctx, record, s.cfg.Now().Add(-routingRest))
		if err == nil && s.dir.has(created.ID) {
			return created, ""
		}
		s.dir.discard(created.ID)
		if errors.Is(err, store.ErrExists) {
			continue
		}
		// The store may have it all the same, where it would be open for ever: that no answer came says nothing, and this relay may
		// have given up all that it had meanwhile.
		s.journal.add(change{kind: sessionEnded, record: record, at: s.cfg.Now().UTC(), reason: wire.ReasonEnded})
		s.log.Error("session could not be kept", "error", err)
		gaveUp(ctx, err)
		return wire.Session{}, wire.ReasonInternal
	}
}

// offerAt is the other node at which this ID is shown, or "".
func (n *nodes) offerAt(ctx context.Context, number string) string {
	if n == nil {
		return ""
	}
	at, err := n.store.OfferAt(ctx, number)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		n.s.log.Error("ID could not be looked up", "error", err)
	}
	if at == n.cfg.Address || err != nil || !n.lives(at) {
		return ""
	}
	return at
}

// list returns an account's sessions at all nodes.
func (s *Server) list(ctx context.Context, account string) ([]wire.Session, error) {
	if s.nodes == nil {
		return s.dir.list(account), nil
	}
	all := []wire.Session{}
	live, err := s.nodes.live(ctx, account)
	for _, l := range live {
		all = append(all, l.Session)
	}
	return all, err
}

// live returns the sessions of an account, or everybody's, at all nodes.
func (n *nodes) live(ctx context.Context, account string) ([]pages.LiveSession, error) {
	all := []pages.LiveSession{}
	open, err := n.s.cfg.Store.OpenSessions(ctx)
	for _, r := range open {
		if account != "" && r.Account != account {
			continue
		}
		all = append(all, pages.LiveSession{Account: r.Account, Customer: n.s.dir.customer(r.ID), Session: describeRecord(r)})
	}
	return all, err
}

// describeRecord is an open session as the store has it.
func describeRecord(r store.SessionRecord) wire.Session {
	state := wire.SessionWaiting
	if !r.Joined.IsZero() {
		state = wire.SessionActive
	}
	return wire.Session{ID: r.ID, Routing: r.Routing, State: state, Created: r.Created, Expires: r.Created.Add(wire.CodeLife)}
}

// end ends a session of an account, or with "" anybody's, wherever it is; store.ErrNotFound when there is none.
func (s *Server) end(ctx context.Context, account, id string) error {
	if s.dir.end(account, id) {
		return nil
	}
	if s.nodes == nil {
		return store.ErrNotFound
	}
	return s.nodes.store.WantEnd(ctx, id, account)
}

// keepOffer writes down which IDs are shown here, and which no longer.
func (n *nodes) keepOffer(ctx context.Context, c change) error {
	if n == nil {
		return nil
	}
	if c.kind == offerGone {
		return n.store.RemoveOffer(ctx, c.number, n.cfg.Address)
	}
	err := n.store.AddOffer(ctx, c.number, n.cfg.Address)
	if errors.Is(err, store.ErrExists) {
		n.s.dir.dropOffer(c.number)
		return nil
	}
	return err
}
