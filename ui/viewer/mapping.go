package viewer

import (
	"image"
	"math"
)

// Mode is how the remote picture is fitted into its place.
type Mode int

// The modes. Fit shows all of it, letterboxed; Actual shows one remote pixel on one device pixel.
const (
	Fit Mode = iota
	Actual
)

// Place says where the picture is drawn in a part of the window, in device pixels.
//
// Fit never enlarges beyond what fills one direction and keeps the proportions; the rest is left free on
// both sides. Actual centres a picture that is smaller than its place and begins at the top left otherwise.
func Place(mode Mode, area image.Rectangle, remote image.Point) image.Rectangle {
	if remote.X <= 0 || remote.Y <= 0 || area.Empty() {
		return image.Rectangle{Min: area.Min, Max: area.Min}
	}
	size := remote
	if mode == Fit {
		size = fit(area.Size(), remote)
	}
	min := area.Min.Add(image.Pt(max(0, (area.Dx()-size.X)/2), max(0, (area.Dy()-size.Y)/2)))
	return image.Rectangle{Min: min, Max: min.Add(size)}
}

func fit(area, remote image.Point) image.Point {
	if area.X*remote.Y <= area.Y*remote.X { // the width decides
		return image.Pt(area.X, max(1, roundDiv(area.X*remote.Y, remote.X)))
	}
	return image.Pt(max(1, roundDiv(area.Y*remote.X, remote.Y)), area.Y)
}

func roundDiv(a, b int) int { return (2*a + b) / (2 * b) }

// ToRemote is the remote pixel that is drawn at a device pixel: the one that the device pixel's centre lies
// in. Positions beside the picture give the nearest pixel; inside tells whether it was on the picture.
func ToRemote(device image.Point, drawn image.Rectangle, remote image.Point) (pixel image.Point, inside bool) {
	if drawn.Empty() || remote.X <= 0 || remote.Y <= 0 {
		return image.Point{}, false
	}
	x, inX := scaleAxis(device.X-drawn.Min.X, drawn.Dx(), remote.X)
	y, inY := scaleAxis(device.Y-drawn.Min.Y, drawn.Dy(), remote.Y)
	return image.Pt(x, y), inX && inY
}

// scaleAxis is floor((at + ½) · remote / drawn), kept within the picture.
func scaleAxis(at, drawn, remote int) (pixel int, inside bool) {
	if at < 0 {
		return 0, false
	}
	if at >= drawn {
		return remote - 1, false
	}
	return (2*at + 1) * remote / (2 * drawn), true
}

// toDevice is the device pixel at a position in Fyne's units.
func toDevice(at, scale float32) int { return int(math.Round(float64(at * scale))) }
