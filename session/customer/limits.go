package customer

import (
	"slices"
	"time"

	"handrail/screen"
	"handrail/session"
)

// limit notes that something does not work on this computer, says so here, and tells the operator, who would
// otherwise see a black picture or type in vain. err is what stands in the way, or nil.
func (s *Session) limit(what, why string, err error) {
	l := session.Limit{What: what, Why: why}
	if err != nil {
		l.Problem = session.ProblemOf(err)
		l.Why += " " + err.Error()
	}
	s.limitsMu.Lock()
	defer s.limitsMu.Unlock()
	if slices.ContainsFunc(s.limits, func(l session.Limit) bool { return l.What == what }) {
		return
	}
	s.limits = append(s.limits, l)
	s.config.Log.Warn("does not work here", "what", what, "why", l.Why)
	s.WarnAbout(l.About(), l.Problem, l.Why)
	s.tellLimits()
	if s.config.OpenSettings != nil && l.Problem != "" {
		s.config.OpenSettings(l.Problem)
	}
}

// unlimit notes that it works again.
func (s *Session) unlimit(what string) {
	s.limitsMu.Lock()
	defer s.limitsMu.Unlock()
	before := len(s.limits)
	s.limits = slices.DeleteFunc(s.limits, func(l session.Limit) bool { return l.What == what })
	if len(s.limits) < before {
		s.tellLimits()
	}
}

func (s *Session) tellLimits() { s.announce.tell(func(a *announcements) { a.limits = true }) }

// lookEvery is how often it is looked whether the window in front takes input.
const lookEvery = 500 * time.Millisecond

// watchObstacles says when the window in front takes no input from this program, and when that is over.
func (s *Session) watchObstacles(reporter screen.ObstacleReporter) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-ticker.C:
		}
		if s.Permissions().Has(session.Control) && reporter.Blocked() {
			s.limit("elevated", "A program with an administrator's rights is in front on the customer's computer and takes no input "+
				"from this one. The customer can go on there, or start Handrail as an administrator.", nil)
		} else {
			s.unlimit("elevated")
		}
	}
}
