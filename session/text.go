package session

import (
	"strings"
	"time"
	"unicode"

	"handrail/session/wire"
)

// ChatLine is a line of a session's chat.
type ChatLine struct {
	Time time.Time
	From wire.Role
	Text string
}

// CleanText makes a peer's text fit to be shown: valid UTF-8 without control characters other than line
// ends and tabs, and without the marks that turn the direction of what stands around them.
func CleanText(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || !hidden(r) {
			return r
		}
		return -1
	}, text)
}

// CleanName makes a peer's name fit to be shown in one line: CleanText without line ends, shortened.
func CleanName(name string) string {
	name = strings.Join(strings.Fields(CleanText(name)), " ")
	if runes := []rune(name); len(runes) > maxName {
		name = string(runes[:maxName-1]) + "…"
	}
	return name
}

func hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\uFEFF' || r == '\u2028' || r == '\u2029'
}
