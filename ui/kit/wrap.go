package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// Wrap puts objects beside each other, each in its own size, and goes on in the next row where there is no
// room.
func Wrap(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&wrap{gap: gap}, objects...)
}

type wrap struct {
	gap   float32
	width float32 // of the last Layout
}

func (w *wrap) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	w.width = size.Width
	w.place(objects, size.Width, func(o fyne.CanvasObject, at fyne.Position, s fyne.Size) {
		o.Resize(s)
		o.Move(at)
	})
}

func (w *wrap) MinSize(objects []fyne.CanvasObject) fyne.Size {
	widest := float32(0)
	for _, o := range visible(objects) {
		widest = max(widest, o.MinSize().Width)
	}
	width := w.width
	if width == 0 {
		width = 10_000
	}
	return fyne.NewSize(widest, w.place(objects, max(width, widest), func(fyne.CanvasObject, fyne.Position, fyne.Size) {}))
}

// place goes through the objects in their places and returns the height of all rows.
func (w *wrap) place(objects []fyne.CanvasObject, width float32, put func(fyne.CanvasObject, fyne.Position, fyne.Size)) float32 {
	x, y, row := float32(0), float32(0), float32(0)
	for _, o := range visible(objects) {
		size := o.MinSize()
		if x > 0 && x+size.Width > width+0.5 {
			x, y, row = 0, y+row+w.gap, 0
		}
		put(o, fyne.NewPos(x, y), size)
		x += size.Width + w.gap
		row = max(row, size.Height)
	}
	return y + row
}
