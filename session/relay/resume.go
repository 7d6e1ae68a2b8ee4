package relay

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"time"

	"handrail/session/relay/store"
	"handrail/session/wire"
)

// newResumeTokens makes the tokens with which the peers of a session come back, and their hashes.
func newResumeTokens() (tokens, hashes map[wire.Role]string) {
	tokens, hashes = map[wire.Role]string{}, map[wire.Role]string{}
	for _, role := range []wire.Role{wire.Operator, wire.Customer} {
		var secret [24]byte
		rand.Read(secret[:]) // never fails
		tokens[role] = base64.RawURLEncoding.EncodeToString(secret[:])
		hashes[role] = hashResume(tokens[role])
	}
	return tokens, hashes
}

func hashResume(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// restore takes in a session that an earlier run of the relay has left open.
func (d *directory) restore(r store.SessionRecord) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sessions[r.ID] != nil || d.stopping {
		return
	}
	s := &session{
		id: r.ID, account: r.Account, routing: r.Routing, created: r.Created, expires: r.Created.Add(wire.CodeLife), tries: r.Tries,
		node: r.Node,
	}
	if !r.Joined.IsZero() {
		s.state, s.since = active, d.now()
		s.resume = map[wire.Role]string{wire.Operator: r.OperatorResume, wire.Customer: r.CustomerResume}
	}
	d.sessions[s.id], d.routings[s.routing] = s, s
	d.numbers.take(s.routing, time.Time{})
	if s.state == waiting && s.tries >= wire.MaxTries {
		d.endLocked(s, wire.ReasonBurnt)
	}
}

// resumeOperator and resumeCustomer take in a link of a peer that comes back to an active session.

func (d *directory) resumeOperator(l *link, id string, account store.Account, token string) wire.Reason {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.sessions[id]; s != nil && s.account != account.ID {
		return wire.ReasonNotFound
	}
	return d.resumeLocked(l, wire.Operator, id, token)
}

func (d *directory) resumeCustomer(l *link, id, token string) wire.Reason {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.resumeLocked(l, wire.Customer, id, token)
}

func (d *directory) resumeLocked(l *link, role wire.Role, id, token string) wire.Reason {
	if d.stopping {
		return wire.ReasonStopping
	}
	s := d.sessions[id]
	if s == nil {
		if p, ok := d.past[id]; ok && p.resume[role] != "" && sameHash(p.resume[role], token) {
			return p.reason
		}
		return wire.ReasonNotFound
	}
	if s.state != active || !sameHash(s.resume[role], token) {
		return wire.ReasonNotFound
	}
	mine, other := &s.operator, &s.customer
	if role == wire.Customer {
		mine, other = other, mine
	}
	if *mine != nil {
		(*mine).finish(wire.Ended, wire.ReasonReplaced)
	}
	if s.joined {
		(*other).finish(wire.Ended, wire.ReasonPeerLeft)
		s.separate(d.now())
	}
	*mine, l.session = l, s
	l.welcome(s.id)
	if *other != nil {
		d.rejoinLocked(s)
	}
	return ""
}

func sameHash(hash, token string) bool {
	return subtle.ConstantTimeCompare([]byte(hash), []byte(hashResume(token))) == 1
}

// rejoinLocked joins the links of an active session's peers, which have both come back.
func (d *directory) rejoinLocked(s *session) {
	s.since, s.joined = time.Time{}, true
	s.operator.peer.Store(s.customer)
	s.customer.peer.Store(s.operator)
	s.operator.paired(wire.Notice{Type: wire.Paired})
	s.customer.paired(wire.Notice{Type: wire.Paired})
}

// separate notes that the links of an active session are gone. It is guarded by the directory's lock.
func (s *session) separate(now time.Time) {
	s.operator, s.customer, s.joined, s.since = nil, nil, false, now
}

// endedByPeer ends an active session because a peer's person wants that; false when the peer may not say so now.
func (d *directory) endedByPeer(l *link) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := l.session
	if s == nil || s.state != active || s.operator != l && s.customer != l {
		return false
	}
	reason := wire.ReasonByCustomer
	if s.operator == l {
		reason = wire.ReasonByOperator
	}
	d.endLocked(s, reason)
	return true
}
