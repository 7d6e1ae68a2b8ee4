package customer

import (
	"sync"
	"time"

	"handrail/session"
)

// refusals keeps account of what came without permission: each is journalled, those that follow each other
// quickly as one line with their number, and the operator is told once until the permission is given again.
type refusals struct {
	mu      sync.Mutex
	counts  map[session.Permission]int
	written map[session.Permission]time.Time
	told    map[session.Permission]bool
}

// journalEvery bounds how often refusals of one kind are written.
const journalEvery = time.Second

// note counts one; journal is how many to write now (0: not yet), tell whether to tell the operator.
func (r *refusals) note(p session.Permission, now time.Time) (journal int, tell bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts, r.written, r.told = map[session.Permission]int{}, map[session.Permission]time.Time{}, map[session.Permission]bool{}
	}
	r.counts[p]++
	if now.Sub(r.written[p]) >= journalEvery {
		journal, r.counts[p], r.written[p] = r.counts[p], 0, now
	}
	tell, r.told[p] = !r.told[p], true
	return journal, tell
}

// given makes the next refusal be told again.
func (r *refusals) given(p session.Permission) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.told, p)
}

// flush is what has been refused and not yet been written.
func (r *refusals) flush() map[session.Permission]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	rest := r.counts
	r.counts = nil
	return rest
}

// refusal is what an operator is told whose message was refused.
var refusal = map[session.Permission]string{
	session.Control:    "The customer has not given control, so what you typed or clicked was not passed on.",
	session.Files:      "The customer does not allow files at the moment, so nothing was passed on.",
	session.Clipboard:  "The customer does not allow the clipboard at the moment, so what you copied was not passed on.",
	session.Whiteboard: "The customer does not allow drawing at the moment, so what you drew was not passed on.",
	session.SysInfo:    "The customer does not allow information about the computer at the moment.",
}

// refuse journals something that came without permission and tells the operator.
func (s *Session) refuse(p session.Permission) error {
	journal, tell := s.refusals.note(p, time.Now())
	if journal > 0 {
		s.config.Log.Warn("refused: the operator sent something without permission", "permission", string(p), "messages", journal)
	}
	if !tell {
		return nil
	}
	return s.peer.SendControl(s.ctx, session.ControlMessage{Type: session.MsgWarning, Text: refusal[p], About: "refused." + string(p)})
}

// journalRest writes what was refused last.
func (s *Session) journalRest() {
	for p, n := range s.refusals.flush() {
		if n > 0 {
			s.config.Log.Warn("refused: the operator sent something without permission", "permission", string(p), "messages", n)
		}
	}
}
