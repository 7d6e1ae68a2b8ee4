package session

import (
	"errors"

	"handrail/screen"
)

// Limit is something that does not work on the customer's computer.
type Limit struct {
	// What is view, control, hand (its own input is not told from the operator's), clipboard, position (keys by
	// position), elevated (the window in front takes no input from this program), plain (the customer keeps wallpaper and
	// effects), wallpaper or effects (they cannot be taken off there).
	What    string `json:"what"`
	Problem string `json:"problem,omitempty"` // what stands in the way, if that has a name (screen.Obstacle)
	Why     string `json:"why"`               // a sentence with what to do, where anything can be done
}

// About is what warnings of a limit are about.
func (l Limit) About() string { return "limit." + l.What }

// ProblemOf is the name of what stands in the way, "" if it has none.
func ProblemOf(err error) string {
	var obstacle *screen.Obstacle
	if errors.As(err, &obstacle) {
		return obstacle.Name
	}
	return ""
}

// maxLimits bounds what a peer may list.
const maxLimits = 16

func cleanLimits(limits []Limit) []Limit {
	limits = limits[:min(len(limits), maxLimits)]
	for i, l := range limits {
		limits[i] = Limit{What: CleanName(l.What), Problem: CleanName(l.Problem), Why: CleanText(l.Why[:min(len(l.Why), MaxText)])}
	}
	return limits
}
