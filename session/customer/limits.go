package customer

import (
	"slices"

	"handrail/session"
)

// limit notes that something does not work on this computer, says so here, and tells the operator, who would
// otherwise see a black picture or type in vain.
func (s *Session) limit(what, why string) {
	s.limitsMu.Lock()
	defer s.limitsMu.Unlock()
	if slices.ContainsFunc(s.limits, func(l session.Limit) bool { return l.What == what }) {
		return
	}
	s.limits = append(s.limits, session.Limit{What: what, Why: why})
	s.config.Log.Warn("does not work here", "what", what, "why", why)
	s.Warn(why)
	_ = s.peer.SendControl(s.ctx, session.ControlMessage{Type: session.MsgLimits, Limits: slices.Clone(s.limits)})
}
