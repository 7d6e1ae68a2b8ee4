package relay

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"time"
)

const (
	minRouting = 4
	maxRouting = 7
	// routingRest is how long a number rests after its session, so that a late joiner with an old code never
	// meets a stranger's session.
	routingRest = time.Hour
	// routingShare is the part of all numbers of one length, 1/routingShare, that may be taken (live or resting)
	// before the next length is used. It keeps picking quick, and a mistyped or guessed number seldom meets a session.
	routingShare = 4
)

var errNoRouting = errors.New("all routing numbers are taken")

// numbers knows which routing numbers are taken. It is guarded by the directory's lock.
type numbers struct {
	taken   map[string]time.Time // end of rest; zero while its session lives
	lengths [maxRouting + 1]int  // how many are taken, by length
}

func newNumbers() *numbers { return &numbers{taken: make(map[string]time.Time)} }

// pick takes a random free number.
func (n *numbers) pick() (string, error) { return n.pickFrom(minRouting) }

// pickFrom takes a random free number of at least so many digits.
func (n *numbers) pickFrom(least int) (string, error) {
	space := 10_000
	for length := minRouting; length <= maxRouting; length, space = length+1, space*10 {
		if length < least {
			continue
		}
		if n.lengths[length] >= space/routingShare {
			continue
		}
		for { // at least 3 of 4 numbers are free
			v, err := rand.Int(rand.Reader, big.NewInt(int64(space)))
			if err != nil {
				return "", fmt.Errorf("routing number: %w", err)
			}
			number := fmt.Sprintf("%0*d", length, v)
			if _, taken := n.taken[number]; !taken {
				n.take(number, time.Time{})
				return number, nil
			}
		}
	}
	return "", errNoRouting
}

// take marks a number; until is zero while its session lives, else the end of its rest.
func (n *numbers) take(number string, until time.Time) {
	if _, taken := n.taken[number]; !taken && len(number) <= maxRouting {
		n.lengths[len(number)]++
	}
	n.taken[number] = until
}

// sweep frees the numbers that have rested.
func (n *numbers) sweep(now time.Time) {
	for number, until := range n.taken {
		if !until.IsZero() && !now.Before(until) {
			delete(n.taken, number)
			n.lengths[len(number)]--
		}
	}
}

// shortened is a routing number as logs show it: enough to follow, too little to join.
func shortened(number string) string {
	if len(number) < 2 {
		return "…"
	}
	return number[:2] + "…"
}
