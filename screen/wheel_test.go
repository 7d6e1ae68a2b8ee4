package screen

import (
	"math/rand/v2"
	"testing"
)

// TestWheelAddsUp turns in parts of any size: one way the notches are exactly those of the parts' sum, and what is left after
// a turn of direction begins from nothing, each way for itself.
func TestWheelAddsUp(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var w Wheel
	for stretch := range 200 {
		sign := 1 - 2*(stretch%2)
		var sum, got, sumX, gotX int
		for range 1 + random.IntN(50) {
			part, across := sign*(1+random.IntN(300)), -sign*(1+random.IntN(40))
			x, y := w.Add(across, part, Notch)
			sum, got, sumX, gotX = sum+part, got+y, sumX+across, gotX+x
		}
		if got != sum/Notch || gotX != sumX/Notch {
			t.Fatalf("%d and %d parts gave %d and %d notches", sumX, sum, gotX, got)
		}
	}
}

func TestWheelsRestDoesNotLeak(t *testing.T) {
	var w Wheel
	for _, c := range []struct{ dy, want int }{
		{100, 0}, {-Notch, -1}, // a whole notch back is a whole notch
		{-119, 0}, {0, 0}, {-1, -1}, // standing still forgets nothing
		{119, 0}, {119, 1}, {-1, 0}, {1, 0}, {119, 1},
	} {
		if _, got := w.Add(0, c.dy, Notch); got != c.want {
			t.Fatalf("%d gave %d notches instead of %d", c.dy, got, c.want)
		}
	}
}
