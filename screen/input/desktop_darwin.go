//go:build cgo

package input

import (
	"image"

	"github.com/go-vgo/robotgo"
)

// desktop is where the monitors are in macOS' coordinates.
func desktop() (all image.Rectangle) {
	for n := range robotgo.DisplaysNum() {
		x, y, w, h := robotgo.GetDisplayBounds(n)
		all = all.Union(image.Rect(x, y, x+w, y+h))
	}
	return all
}
