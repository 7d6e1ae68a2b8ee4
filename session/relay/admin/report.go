package admin

import (
	"strconv"
	"strings"
	"time"

	"handrail/session/relay/store"
)

// ReportTable is a report as a table, its head first. No field can be taken for a formula by a spreadsheet.
func ReportTable(rows []store.ReportRow) [][]string {
	table := [][]string{{"day", "operator", "sessions", "joined", "minutes", "longest minutes"}}
	minutes := func(d time.Duration) string { return strconv.FormatFloat(d.Minutes(), 'f', 1, 64) }
	for _, r := range rows {
		table = append(table, []string{
			r.Day.Format(time.DateOnly), Inert(r.User), strconv.Itoa(r.Sessions), strconv.Itoa(r.Joined), minutes(r.Length), minutes(r.Longest),
		})
	}
	return table
}

// HistoryTable is sessions as a table, in the same way.
func HistoryTable(records []store.SessionRecord, now time.Time) [][]string {
	table := [][]string{{"session", "operator", "routing", "created", "joined", "ended", "minutes", "reason"}}
	for _, s := range records {
		minutes := 0
		if end := s.Ended; !s.Joined.IsZero() {
			if end.IsZero() {
				end = now
			}
			minutes = int(end.Sub(s.Joined).Round(time.Minute).Minutes())
		}
		table = append(table, []string{
			s.ID, Inert(s.User), s.Routing, stamp(s.Created), stamp(s.Joined), stamp(s.Ended), strconv.Itoa(minutes), Inert(s.Reason),
		})
	}
	return table
}

// Inert keeps a spreadsheet from taking text for a formula.
func Inert(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
