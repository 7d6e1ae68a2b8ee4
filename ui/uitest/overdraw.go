package uitest

import (
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
)

// How many times the pixels of a window may be painted, on average, each time that the window is drawn: by what is in it, and
// by what lies over it, which is a veil, a dialog and what is in that. Without a graphics card a surface as large as a
// window costs 20 to 30 ms, and a window should never stand still for 50.
const (
	mostInside = 1.5
	mostOver   = 2.6
)

// Light fails the test where a window is painted so often over that drawing it takes long.
func Light(t *testing.T, w fyne.Window) {
	t.Helper()
	size := w.Canvas().Size()
	whole := box{to: fyne.NewPos(size.Width, size.Height)}
	light := func(what string, most float32, objects ...fyne.CanvasObject) {
		var painted float32
		for _, o := range objects {
			painted += area(o, fyne.Position{}, whole)
		}
		if times := painted / whole.area(); times > most {
			t.Errorf("%s of %v is painted %.2f times each time it is drawn; the most is %v", what, size, times, most)
		}
	}
	light("the window", mostInside, w.Canvas().Content())
	light("what lies over the window", mostOver, w.Canvas().Overlays().List()...)
}

// box is a part of a window.
type box struct{ from, to fyne.Position }

func (b box) and(c box) box {
	return box{
		from: fyne.NewPos(max(b.from.X, c.from.X), max(b.from.Y, c.from.Y)),
		to:   fyne.NewPos(min(b.to.X, c.to.X), min(b.to.Y, c.to.Y)),
	}
}

func (b box) area() float32 { return max(b.to.X-b.from.X, 0) * max(b.to.Y-b.from.Y, 0) }

// area is how much is painted of o and what is in it, within a part of the window.
func area(o fyne.CanvasObject, at fyne.Position, within box) (sum float32) {
	if !o.Visible() {
		return 0
	}
	at = at.Add(o.Position())
	own := within.and(box{from: at, to: at.Add(o.Size())})
	if _, scrolled := o.(*container.Scroll); scrolled {
		within = own
	}
	if paints(o) {
		sum = own.area()
	}
	for _, child := range children(o) {
		sum += area(child, at, within)
	}
	return sum
}

// paints tells whether Fyne's painter has something to do for an object itself.
func paints(o fyne.CanvasObject) bool {
	switch o := o.(type) {
	case *canvas.Rectangle:
		return seen(o.FillColor) || o.StrokeWidth > 0 && seen(o.StrokeColor)
	case *canvas.Circle:
		return seen(o.FillColor) || o.StrokeWidth > 0 && seen(o.StrokeColor)
	case *canvas.Blur:
		return o.Radius > 0
	case *fyne.Container, fyne.Widget:
		return false
	}
	return true
}

// seen is Fyne's own test: what is merely invisible is painted.
func seen(c color.Color) bool { return c != nil && c != color.Transparent }
