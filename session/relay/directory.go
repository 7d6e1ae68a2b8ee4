package relay

import (
	"cmp"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"

	"handrail/session/relay/store"
	"handrail/session/wire"
)

// directory holds the sessions of this relay. It decides about them, and tells links what it decided; telling a link
// never waits, so the lock is held for moments only. Its methods are safe for concurrent use.
type directory struct {
	// Fixed after construction.
	now        func() time.Time
	times      Times
	perAccount int
	node       string       // address of this relay, where there are several
	record     func(change) // must not wait

	mu       sync.Mutex
	sessions map[string]*session // live ones by id
	routings map[string]*session // live ones by routing number
	numbers  *numbers
	offers   map[string]*offer // IDs that are shown, by number
	past     map[string]past   // ended ones by id, so that their operators hear why; for routingRest
	stopping bool
}

type past struct {
	account string
	resume  map[wire.Role]string
	reason  wire.Reason
	until   time.Time
}

func newDirectory(now func() time.Time, times Times, perAccount int, node string, record func(change)) *directory {
	return &directory{
		now: now, times: times, perAccount: perAccount, node: node, record: record,
		sessions: make(map[string]*session), routings: make(map[string]*session),
		numbers: newNumbers(), past: make(map[string]past), offers: make(map[string]*offer),
	}
}

// remember takes in a session that ended before this relay was started.
func (d *directory) remember(r store.SessionRecord) {
	d.mu.Lock()
	defer d.mu.Unlock()
	until := r.Ended.Add(routingRest)
	d.numbers.take(r.Routing, until)
	d.past[r.ID] = past{
		account: r.Account, reason: wire.Reason(r.Reason), until: until,
		resume: map[wire.Role]string{wire.Operator: r.OperatorResume, wire.Customer: r.CustomerResume},
	}
}

// create starts a session. Where there are several relays, the caller keeps the record, before anybody hears of the
// session; otherwise it is kept in time.
func (d *directory) create(a store.Account) (wire.Session, store.SessionRecord, wire.Reason) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopping {
		return wire.Session{}, store.SessionRecord{}, wire.ReasonStopping
	}
	if len(d.ofLocked(a.ID)) >= d.perAccount {
		return wire.Session{}, store.SessionRecord{}, wire.ReasonTooManyTries
	}
	number, err := d.numbers.pick()
	if err != nil {
		return wire.Session{}, store.SessionRecord{}, wire.ReasonInternal
	}
	now := d.now().UTC()
	s := &session{id: store.NewID(), account: a.ID, routing: number, created: now, expires: now.Add(wire.CodeLife), node: d.node}
	d.sessions[s.id], d.routings[number] = s, s
	record := s.record(a.User)
	if d.node == "" {
		d.record(change{kind: sessionCreated, record: record})
	}
	return s.describe(), record, ""
}

// discard forgets a session that was created and that nobody has heard of.
func (d *directory) discard(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.sessions[id]; s != nil {
		delete(d.sessions, id)
		delete(d.routings, s.routing)
		d.numbers.take(s.routing, d.now().Add(routingRest)) // another relay has it
	}
}

// giveUp forgets all sessions, which another relay has by now, and ends their links: the peers will find it.
func (d *directory) giveUp() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.sessions {
		for _, l := range []*link{s.operator, s.customer} {
			if l != nil {
				l.session = nil
				l.finish(wire.Ended, wire.ReasonRelayLost)
			}
		}
	}
	rested := d.now().Add(routingRest) // until then another relay's session may have the number
	for number, o := range d.offers {
		if o.link != nil {
			o.link.finish(wire.Ended, wire.ReasonRelayLost)
		}
		d.numbers.take(number, rested)
		d.record(change{kind: offerGone, number: number})
	}
	for number := range d.routings {
		d.numbers.take(number, rested)
	}
	clear(d.sessions)
	clear(d.routings)
	clear(d.offers)
}

// endAny ends a session, whoever has started it; false when it is not here.
func (d *directory) endAny(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.sessions[id]
	if s == nil {
		return false
	}
	d.endLocked(s, wire.ReasonEnded)
	return true
}

// ended is when and why a session that is not here has ended: now, if nobody knows any more.
func (d *directory) ended(id string) (time.Time, wire.Reason) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p, ok := d.past[id]; ok {
		return p.until.Add(-routingRest), p.reason
	}
	return d.now(), wire.ReasonEnded
}

// list returns an account's sessions, the oldest first.
func (d *directory) list(account string) []wire.Session {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := []wire.Session{}
	for _, s := range d.ofLocked(account) {
		all = append(all, s.describe())
	}
	slices.SortFunc(all, func(a, b wire.Session) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// customer is the network address from which a session's customer is connected, or empty.
func (d *directory) customer(id string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.sessions[id]; s != nil && s.customer != nil {
		host, _, _ := net.SplitHostPort(s.customer.address)
		return host
	}
	return ""
}

// find is an account's session, as far as it lives.
func (d *directory) find(account, id string) (wire.Session, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.sessions[id]
	if s == nil || s.account != account {
		return wire.Session{}, false
	}
	return s.describe(), true
}

// has tells whether a session is here.
func (d *directory) has(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sessions[id] != nil
}

// count is how many sessions live.
func (d *directory) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.sessions)
}

// accounts are those that have sessions.
func (d *directory) accounts() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var ids []string
	for _, s := range d.sessions {
		if !slices.Contains(ids, s.account) {
			ids = append(ids, s.account)
		}
	}
	return ids
}

// end ends a session as its operator asked; false when the account has no such session.
func (d *directory) end(account, id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.sessions[id]
	if s == nil || s.account != account {
		return false
	}
	d.endLocked(s, wire.ReasonEnded)
	return true
}

// endAccount ends all sessions of an account.
func (d *directory) endAccount(account string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.ofLocked(account) {
		d.endLocked(s, wire.ReasonEnded)
	}
}

// stop ends all links and lets nothing in any more. The sessions themselves stay, for the relay's next run: each
// peer is told when to dial again, both of a session at the same time, spread so that they do not all come at once.
func (d *directory) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopping = true
	d.stopOffersLocked()
	spread := min(time.Duration(len(d.sessions))*reconnectEach, maxReconnect)
	for _, s := range d.sessions {
		after := time.Duration(rand.Int64N(int64(spread)))
		for _, l := range []*link{s.operator, s.customer} {
			if l != nil {
				l.finishAfter(wire.Ended, wire.ReasonStopping, after)
			}
		}
		s.operator, s.customer, s.joined = nil, nil, false
	}
}

// When a relay stops, its sessions are told to come back within reconnectEach for each, maxReconnect at most.
const (
	reconnectEach = 5 * time.Millisecond
	maxReconnect  = 10 * time.Second
)

// sweep ends what has lasted too long.
func (d *directory) sweep() {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	d.sweepOffersLocked(now)
	for _, s := range d.sessions {
		switch {
		case s.state == waiting && !now.Before(s.expires):
			d.endLocked(s, wire.ReasonExpired)
		case s.state == waiting && s.customer != nil && now.Sub(s.since) >= d.times.OperatorGap:
			s.customer.finish(wire.Refused, wire.ReasonUnknownCode)
			s.customer = nil
		case s.state == pairing && now.Sub(s.since) >= d.times.Pairing:
			d.unpairLocked(s, wire.ReasonTimeout)
		case s.state == active && !s.since.IsZero() && now.Sub(s.since) >= d.times.Grace:
			d.endLocked(s, wire.ReasonPeerLeft)
		}
	}
	d.numbers.sweep(now)
	for id, p := range d.past {
		if !now.Before(p.until) {
			delete(d.past, id)
		}
	}
}

func (d *directory) ofLocked(account string) []*session {
	var all []*session
	for _, s := range d.sessions {
		if s.account == account {
			all = append(all, s)
		}
	}
	return all
}

// endLocked ends a session for good and tells both links why.
func (d *directory) endLocked(s *session, reason wire.Reason) {
	delete(d.sessions, s.id)
	delete(d.routings, s.routing)
	if reason == wire.ReasonBurnt || s.state != active {
		s.resume = nil // nobody was ever let in with them
	}
	now := d.now()
	d.restLocked(s)
	d.past[s.id] = past{account: s.account, resume: s.resume, reason: reason, until: now.Add(routingRest)}
	if s.operator != nil {
		s.operator.finish(wire.Ended, reason)
	}
	switch {
	case s.customer == nil:
	case s.state != waiting:
		s.customer.finish(wire.Ended, reason)
	case reason == wire.ReasonExpired: // to somebody who was not welcomed yet, this code is like any unknown one
		s.customer.finish(wire.Refused, wire.ReasonUnknownCode)
	default:
		s.customer.finish(wire.Refused, reason)
	}
	s.operator, s.customer = nil, nil
	d.record(change{kind: sessionEnded, record: store.SessionRecord{ID: s.id}, at: now, reason: reason})
}
