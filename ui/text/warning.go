package text

import (
	"strings"

	"handrail/session"
	"handrail/session/wire"
)

// Warning is a warning in the language of the window, for the side whose role is given; warnings of other versions stay
// as they are.
func Warning(own wire.Role, e session.Event) string {
	return warning(own, e.About, e.Problem, e.Text)
}

// Limit is something that does not work on the customer's computer, as the operator is told it.
func Limit(l session.Limit) string { return warning(wire.Operator, l.About(), l.Problem, l.Why) }

func warning(own wire.Role, about, problem, english string) string {
	key := about
	if what, ok := strings.CutPrefix(about, "limit."); ok && own == wire.Customer {
		key = "limit.own." + what
	}
	if !known(key) {
		return english
	}
	sentence := T(key)
	_, detail, more := strings.Cut(english, ": ")
	switch {
	case known("obstacle." + problem):
		return sentence + " " + T("obstacle."+problem)
	case more:
		return sentence + " (" + detail + ")"
	}
	return sentence
}

func known(key string) bool {
	_, ok := english()[key]
	return ok
}
