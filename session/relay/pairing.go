package relay

import (
	"net"
	"time"

	"handrail/session/relay/store"
	"handrail/session/wire"
)

// joinOperator takes in an operator's link. A newer link of the same operator replaces an older one as long as no
// customer has been accepted.
func (d *directory) joinOperator(l *link, id string, account store.Account) wire.Reason {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopping {
		return wire.ReasonStopping
	}
	s := d.sessions[id]
	if s == nil {
		if p, ok := d.past[id]; ok && p.account == account.ID {
			return p.reason
		}
		return wire.ReasonNotFound
	}
	if s.account != account.ID {
		return wire.ReasonNotFound
	}
	if s.state == active {
		return wire.ReasonBusy
	}
	if old := s.operator; old != nil {
		old.finish(wire.Ended, wire.ReasonReplaced)
		s.operator = nil
		if s.state == pairing {
			d.unpairLocked(s, wire.ReasonPeerLeft)
		}
		if p, ended := d.past[id]; ended { // that was the last try
			return p.reason
		}
	}
	s.operator, l.session = l, s
	l.welcome(s.id)
	d.pairLocked(s)
	return ""
}

// joinCustomer takes in a customer's link, which hears nothing until the operator's link is here too. A code that is
// burnt, expired or used up is unknown to whoever comes later: those who only try numbers learn nothing, and whoever
// was given the code asks the operator, whose program knows why.
func (d *directory) joinCustomer(l *link, routing string) wire.Reason {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopping {
		return wire.ReasonStopping
	}
	s := d.routings[routing]
	switch {
	case s == nil, s.state == waiting && !d.now().Before(s.expires):
		return wire.ReasonUnknownCode
	case s.customer != nil, s.state != waiting:
		return wire.ReasonBusy
	}
	s.customer, l.session = l, s
	s.since = d.now()
	d.pairLocked(s)
	return ""
}

// pairLocked begins a try when both links are here.
func (d *directory) pairLocked(s *session) {
	if s.operator == nil || s.customer == nil {
		return
	}
	s.state, s.since = pairing, d.now()
	s.tries++
	d.triedLocked(s)
	d.record(change{kind: sessionTried, record: store.SessionRecord{ID: s.id, Tries: s.tries}})
	var tokens map[wire.Role]string
	tokens, s.resume = newResumeTokens()
	s.operator.peer.Store(s.customer)
	s.customer.peer.Store(s.operator)
	if s.offer == nil { // otherwise it was welcomed long ago
		s.customer.welcome(s.id)
	}
	s.operator.paired(wire.Notice{Type: wire.Paired, Try: s.tries, Resume: tokens[wire.Operator], Address: hostOf(s.customer.address)})
	s.customer.paired(wire.Notice{
		Type: wire.Paired, Session: s.id, Try: s.tries, Resume: tokens[wire.Customer],
		OperatorName: s.operator.account.Name, Organisation: s.operator.organisation, Allowed: s.operator.allowed,
	})
}

// hostOf is an address without its port.
func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}

// accepted makes a session active, as its operator's program says; kept is closed when the history has it. It is nil when
// the program may not say so now.
func (d *directory) accepted(l *link) (kept <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := l.session
	if s == nil || s.operator != l || s.state != pairing {
		return nil
	}
	written := make(chan struct{})
	s.state, s.since, s.joined = active, time.Time{}, true
	d.takenLocked(s)
	d.record(change{kind: sessionJoined, at: d.now(), written: written, record: store.SessionRecord{
		ID: s.id, OperatorResume: s.resume[wire.Operator], CustomerResume: s.resume[wire.Customer],
	}})
	return written
}

// leave takes a link out whose connection is gone.
func (d *directory) leave(l *link) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.leaveOffer(l)
	s := l.session
	if s == nil || s.operator != l && s.customer != l {
		return // replaced, or the session has ended
	}
	other := s.other(l)
	operatorLeft := s.operator == l
	if operatorLeft {
		s.operator = nil
	} else {
		s.customer = nil
	}
	switch s.state {
	case pairing:
		d.unpairLocked(s, wire.ReasonPeerLeft)
	case active:
		if s.joined {
			s.separate(d.now())
			if other != nil {
				other.finish(wire.Ended, wire.ReasonPeerLeft)
			}
		}
	}
}

// unpairLocked ends a try that has failed. Links are paired once, so both end: the customer's with the reason
// given, the operator's with peer_left, upon which its program dials again. After the last try, or when the
// code has expired meanwhile, the session ends with that reason.
func (d *directory) unpairLocked(s *session, reason wire.Reason) {
	switch {
	case s.tries >= wire.MaxTries:
		d.endLocked(s, wire.ReasonBurnt)
		return
	case !d.now().Before(s.expires):
		d.endLocked(s, wire.ReasonExpired)
		return
	case s.offer != nil: // the customer's program dials again, the operator has to type again
		d.endLocked(s, reason)
		return
	}
	if s.operator != nil {
		s.operator.finish(wire.Ended, wire.ReasonPeerLeft)
	}
	if s.customer != nil {
		s.customer.finish(wire.Ended, reason)
	}
	s.operator, s.customer, s.state = nil, nil, waiting
}
