package customer

import (
	"handrail/screen"
	"handrail/session"
)

// Below these rates, in bytes a second, Automatic sends fewer colours; it takes half as much again to go back.
const (
	speedBelow = 160_000 // a little more than 1 Mbit/s
	lowBelow   = 40_000
)

// depthChooser is the colour depth in which changes are sent.
type depthChooser struct{ now screen.ColorDepth }

// choose takes over what the operator asks for and what the link does; coarse tells that the picture is owed in full.
func (d *depthChooser) choose(q session.Quality, rate float64) (coarse bool) {
	switch q {
	case session.Speed:
		d.now = screen.Depth16
	case session.Low:
		d.now = screen.Depth8
	case session.Automatic:
		d.now = d.automatic(rate)
		return d.now != screen.Depth24
	default:
		d.now = screen.Depth24
	}
	return false
}

func (d *depthChooser) automatic(rate float64) screen.ColorDepth {
	slack := func(depth screen.ColorDepth) float64 {
		if d.now != 0 && d.now <= depth {
			return 1.5
		}
		return 1
	}
	switch {
	case rate == 0:
		return screen.Depth24
	case rate < lowBelow*slack(screen.Depth8):
		return screen.Depth8
	case rate < speedBelow*slack(screen.Depth16):
		return screen.Depth16
	}
	return screen.Depth24
}
