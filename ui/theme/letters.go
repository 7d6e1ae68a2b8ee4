package theme

import (
	"math"
	"sync/atomic"
)

// letters is how large letters are drawn, and base what that is a multiple of, as the bits of a float32; 0 is 1.
var letters, base atomic.Uint32

// LetterSizes are the sizes that people can choose: normal, large, larger.
var LetterSizes = []float32{1, 1.15, 1.3}

// Customers is the base of windows for people who are not used to them: all letters are a little larger.
const Customers float32 = 1.08

// Enlarged tells whether letters are larger than usual: then some screens scroll which otherwise fit.
func Enlarged() bool { return times(&letters) > 1 }

// SetLetters makes all letters of windows that are built from now on so many times as large.
func SetLetters(times float32) { letters.Store(math.Float32bits(times)) }

// SetBase makes the whole type scale so many times as large, whatever people choose.
func SetBase(times float32) { base.Store(math.Float32bits(times)) }

// Letters is a size of the type scale as it is to be drawn: a whole number, since Fyne's shaper puts letters of a size
// between two as far apart as those of the larger one.
func Letters(size float32) float32 {
	return float32(math.Round(float64(size * times(&base) * times(&letters))))
}

func times(a *atomic.Uint32) float32 {
	if t := math.Float32frombits(a.Load()); t > 0 {
		return t
	}
	return 1
}
