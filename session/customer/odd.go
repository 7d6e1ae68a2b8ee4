package customer

import (
	"time"

	"handrail/session"
)

// maxDown is how many keys and buttons an operator may hold down at a time: nobody has more fingers, and toes.
const maxDown = 24

// oddities notices what only a changed operator's program does: it is bounded, and journalled once a second at most. One
// goroutine uses it.
type oddities struct {
	down    map[down]bool
	written time.Time
}

// down is a key or a button that the operator holds.
type down struct {
	kind session.InputKind
	code uint32
}

// downOf is what an input presses or releases, if it does.
func downOf(in session.Input) (d down, holds bool) {
	switch d.kind = in.Kind; in.Kind {
	case session.InputKey:
		d.code = in.Keysym
	case session.InputPosition:
		d.code = uint32(in.Position)
	case session.InputButton:
		d.code = uint32(in.Button)
	default:
		return down{}, false
	}
	return d, true
}

// mayHold says whether an input may be done as far as what is held is concerned.
func (o *oddities) mayHold(in session.Input) bool {
	if in.Kind == session.InputRelease {
		clear(o.down)
		return true
	}
	d, holds := downOf(in)
	if !holds {
		return true
	}
	if !in.Down {
		delete(o.down, d)
		return true
	}
	if o.down == nil {
		o.down = map[down]bool{}
	}
	o.down[d] = true
	return len(o.down) <= maxDown
}

// tooMany lets go of everything that is held.
func (o *oddities) tooMany(s *Session) {
	clear(o.down)
	s.release()
	o.journal(s, "refused: the operator held down more keys than hands can; all were released")
}

// flood notes that input comes faster than hands make it; it is held back.
func (o *oddities) flood(s *Session) {
	o.journal(s, "held back: the operator sends more input than hands can make")
}

func (o *oddities) journal(s *Session, what string) {
	if now := time.Now(); now.Sub(o.written) >= journalEvery {
		o.written = now
		s.config.Log.Warn(what)
	}
}
