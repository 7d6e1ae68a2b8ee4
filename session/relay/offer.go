package relay

import (
	"time"

	"handrail/session/relay/store"
	"handrail/session/wire"
)

// offer is a customer's program that shows an ID and a password, and waits for an operator who types them. The ID is a
// routing number; the password never comes here. Offers live in memory: after a restart of the relay the program makes
// another one. All of it is guarded by the directory's lock.
//
//	Hello{Offer} ─► waits ─► an operator's POST makes a session of it ─► paired ─► accepted: the offer is used up
//	                  ▲                                                     │
//	                  └──── the program dials again with its token ◄────────┘ the password was wrong
type offer struct {
	number string
	token  string    // hash of what the program comes back with
	link   *link     // nil while the program dials again
	since  time.Time // when the link went away
	tries  int       // pairings begun
}

const (
	// offerDigits makes IDs longer than the routing numbers of codes: they may be shown all day, and must not use
	// up the short ones.
	offerDigits = maxRouting
	// offerGap is how long an ID outlives its link, so that it stays the same over a wrong password.
	offerGap = time.Minute
)

// joinOffer takes in a customer's link that shows an ID: a new one, or with the token the one it had.
func (d *directory) joinOffer(l *link, number, token string) wire.Reason {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopping {
		return wire.ReasonStopping
	}
	welcome := wire.Notice{Type: wire.Welcome, Version: wire.Version, Relays: l.others()}
	o := d.offers[number]
	switch {
	case number == "":
		picked, err := d.numbers.pickFrom(offerDigits)
		if err != nil {
			return wire.ReasonInternal
		}
		tokens, hashes := newResumeTokens()
		o = &offer{number: picked, token: hashes[wire.Customer]}
		d.offers[picked] = o
		d.record(change{kind: offerMade, number: picked})
		welcome.Resume = tokens[wire.Customer]
	case o == nil || !sameHash(o.token, token):
		return wire.ReasonNotFound
	case o.link != nil:
		o.link.finish(wire.Ended, wire.ReasonReplaced)
	}
	o.link, l.offer = l, o
	welcome.Routing = o.number
	l.tell(welcome)
	return ""
}

// connect makes a session of an offer, for the operator who has typed its ID.
func (d *directory) connect(a store.Account, number string) (wire.Session, wire.Reason) {
	d.mu.Lock()
	defer d.mu.Unlock()
	o := d.offers[number]
	switch {
	case d.stopping:
		return wire.Session{}, wire.ReasonStopping
	case len(d.ofLocked(a.ID)) >= d.perAccount:
		return wire.Session{}, wire.ReasonTooManyTries
	case o == nil || o.link == nil:
		return wire.Session{}, wire.ReasonUnknownID
	case d.routings[number] != nil:
		return wire.Session{}, wire.ReasonBusy
	}
	now := d.now().UTC()
	s := &session{
		id: store.NewID(), account: a.ID, routing: number, created: now, expires: now.Add(wire.CodeLife),
		offer: o, customer: o.link, since: now, node: d.node,
	}
	o.link.session = s
	d.sessions[s.id], d.routings[number] = s, s
	d.record(change{kind: sessionCreated, record: s.record(a.User)})
	return s.describe(), ""
}

// leaveOffer notes that a link is gone; the offer lives on for a while. A session that nobody has been paired in
// is over with it.
func (d *directory) leaveOffer(l *link) {
	o := l.offer
	if o == nil || o.link != l {
		return
	}
	o.link, o.since = nil, d.now()
	if s := l.session; s != nil && s.customer == l && s.state == waiting {
		d.endLocked(s, wire.ReasonPeerLeft)
	}
}

// triedLocked counts a try of an offer.
func (d *directory) triedLocked(s *session) {
	if s.offer != nil {
		s.offer.tries++
	}
}

// takenLocked removes an offer whose operator has proved the password.
func (d *directory) takenLocked(s *session) {
	if s.offer != nil {
		d.removeOfferLocked(s.offer.number)
	}
}

func (d *directory) removeOfferLocked(number string) {
	delete(d.offers, number)
	d.record(change{kind: offerGone, number: number})
}

// dropOffer ends the link of an offer whose number another relay has given out too: its program gets another one.
func (d *directory) dropOffer(number string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if o := d.offers[number]; o != nil && d.routings[number] == nil {
		delete(d.offers, number)
		d.numbers.take(number, d.now().Add(routingRest)) // the other relay has it
		if o.link != nil {
			o.link.finish(wire.Ended, wire.ReasonStopping)
		}
	}
}

// restLocked frees a session's number when it has rested; that of an offer which is still shown stays taken.
func (d *directory) restLocked(s *session) {
	until := d.now().Add(routingRest)
	if o := s.offer; o != nil && d.offers[o.number] == o {
		if o.tries < wire.MaxTries {
			return
		}
		d.removeOfferLocked(o.number)
	}
	d.numbers.take(s.routing, until)
}

// sweepOffersLocked removes offers whose programs are gone, and ends sessions whose operators do not come.
func (d *directory) sweepOffersLocked(now time.Time) {
	for number, o := range d.offers {
		s := d.routings[number]
		switch {
		case s != nil && s.state == waiting && now.Sub(s.since) >= d.times.OperatorGap:
			d.endLocked(s, wire.ReasonPeerLeft)
		case s == nil && o.link == nil && now.Sub(o.since) >= offerGap:
			d.removeOfferLocked(number)
			d.numbers.take(number, now.Add(routingRest))
		}
	}
}

// stopOffersLocked ends the links of all offers.
func (d *directory) stopOffersLocked() {
	for _, o := range d.offers {
		if o.link != nil {
			o.link.finish(wire.Ended, wire.ReasonStopping) // one that a session has ended already stays as it is
		}
	}
}
