package session

// Limit is something that does not work on the customer's computer.
type Limit struct {
	What string `json:"what"` // view, control, hand (its own input is not told from the operator's), clipboard, position
	Why  string `json:"why"`  // a sentence with what to do, where anything can be done
}

// maxLimits bounds what a peer may list.
const maxLimits = 16

func cleanLimits(limits []Limit) []Limit {
	limits = limits[:min(len(limits), maxLimits)]
	for i := range limits {
		limits[i] = Limit{What: CleanName(limits[i].What), Why: CleanText(limits[i].Why[:min(len(limits[i].Why), MaxText)])}
	}
	return limits
}
