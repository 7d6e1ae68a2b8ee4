package relay

import (
	"time"

	"handrail/session/relay/store"
	"handrail/session/wire"
)

// session is a session between its start and its end. All of it is guarded by the directory's lock.
//
//	          NewSession
//	              │
//	              ▼             both links are here
//	┌──────► waiting ────────────────────────────────► pairing
//	│             │                                       │ │
//	│             │ code expired,                         │ └─ operator: Accepted ─► active ◄─► links come and go
//	│             │ ended by operator                     │                            │ ended by either peer,
//	│             ▼                                       │ a link went away,          │ a peer gone for long
//	│           ended ◄──── third try, code expired ──────┤ or too slow                ▼
//	│                                                     │                          ended
//	└──────────── both links end; operator dials again ───┘
//
// Waiting and active sessions outlive the relay's process; what was pairing then is waiting again.
//
// wire calls both waiting and pairing "waiting".
type session struct {
	id      string
	account string // store.Account.ID
	routing string
	node    string // address of this relay, where there are several
	created time.Time
	expires time.Time // of the code

	state    state
	operator *link
	customer *link // waiting: has come in the gap in which the operator's program dials again
	since    time.Time
	// since: pairing: when it began; waiting with a customer: when that one came; active: when a link
	// went away, or zero while both peers are joined.
	tries  int  // pairings begun
	joined bool // active: both links are here and joined

	offer  *offer               // that it was made of; nil: it has a code
	resume map[wire.Role]string // hashes of the tokens with which peers come back; from the last pairing
}

type state int

const (
	waiting state = iota
	pairing
	active
)

func (s *session) describe() wire.Session {
	st := wire.SessionWaiting
	if s.state == active {
		st = wire.SessionActive
	}
	return wire.Session{ID: s.id, Routing: s.routing, State: st, Created: s.created, Expires: s.expires}
}

func (s *session) record(user string) store.SessionRecord {
	return store.SessionRecord{ID: s.id, Account: s.account, User: user, Routing: s.routing, Created: s.created, Node: s.node}
}

// other is the peer of l in this session, or nil.
func (s *session) other(l *link) *link {
	if s.operator == l {
		return s.customer
	}
	return s.operator
}
