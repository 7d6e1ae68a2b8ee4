package customerui

import (
	"sort"
	"time"

	"handrail/session"
	"handrail/session/wire"
	"handrail/ui/kit"
	"handrail/ui/text"
)

// journal is what has happened in a session, in the words of the person at this computer.
type journal struct {
	entries []journalEntry
	active  bool // sharing has begun
}

type journalEntry struct {
	at   time.Time
	what string
}

// maxJournal is how many entries are kept; the oldest go first.
const maxJournal = 500

// hear notes an event that belongs into the journal; it tells whether it did.
func (j *journal) hear(e session.Event, operator string) bool {
	what := j.sentence(e, operator)
	if what == "" {
		return false
	}
	if len(j.entries) == maxJournal {
		j.entries = append(j.entries[:0], j.entries[1:]...)
	}
	j.entries = append(j.entries, journalEntry{e.Time, what})
	return true
}

func (j *journal) sentence(e session.Event, operator string) string {
	switch e.Type {
	case session.EventState:
		return j.state(e.State)
	case session.EventPermission:
		if e.Granted == nil {
			return ""
		}
		who := text.T("journal.you")
		if e.By == wire.Operator {
			who = operator
		}
		if *e.Granted {
			return text.T("journal.allowed", "Who", who, "What", text.Permission(e.Name))
		}
		return text.T("journal.taken", "Who", who, "What", text.Permission(e.Name))
	case session.EventPlain:
		if e.Granted != nil && *e.Granted {
			return text.T("journal.plain")
		}
		return text.T("journal.unplain")
	case session.EventFile:
		return fileSentence(e)
	case session.EventWarning:
		return text.Warning(wire.Customer, e)
	}
	return ""
}

func (j *journal) state(s session.State) string {
	switch {
	case s == session.Reconnecting:
		return text.T("journal.lost")
	case s == session.Active && j.active:
		return text.T("journal.back")
	case s == session.Active:
		j.active = true
		return text.T("journal.started")
	}
	return ""
}

// lines are the newest of the chat with the journal in between, in the order of time.
func (j *journal) lines(s Session) []kit.ChatLine {
	type timed struct {
		at   time.Time
		line kit.ChatLine
	}
	all := []timed{}
	transcript := s.Transcript()
	for _, line := range transcript[max(0, len(transcript)-kit.ChatShown-1):] {
		all = append(all, timed{line.Time, kit.ChatLine{
			Mine: line.From == wire.Customer, From: operatorName(s), At: text.ClockSeconds(line.Time), Text: line.Text,
		}})
	}
	for _, e := range j.entries {
		all = append(all, timed{e.at, kit.ChatLine{Note: true, At: text.ClockSeconds(e.at), Text: e.what}})
	}
	sort.SliceStable(all, func(a, b int) bool { return all[a].at.Before(all[b].at) })
	lines := make([]kit.ChatLine, len(all))
	for i, t := range all {
		lines[i] = t.line
	}
	return lines
}
