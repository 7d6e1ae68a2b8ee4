package theme

import (
	"math"
	"sync/atomic"
)

// letters is how large letters are drawn, as the bits of a float32; 0 is 1.
var letters atomic.Uint32

// LetterSizes are the sizes that people can choose: normal, large, larger.
var LetterSizes = []float32{1, 1.15, 1.3}

// Enlarged tells whether letters are larger than usual: then some screens scroll which otherwise fit.
func Enlarged() bool { return Letters(1) > 1 }

// SetLetters makes all letters of windows that are built from now on so many times as large.
func SetLetters(times float32) { letters.Store(math.Float32bits(times)) }

// Letters is a size of the type scale as it is to be drawn.
func Letters(size float32) float32 {
	if times := math.Float32frombits(letters.Load()); times > 0 {
		return size * times
	}
	return size
}
