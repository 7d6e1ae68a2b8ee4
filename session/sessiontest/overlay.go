package sessiontest

import (
	"image"
	"image/color"
	"sync"

	"handrail/screen/screentest"
	"handrail/whiteboard"
)

// Overlay is a customer.Overlay over a desktop in memory, whose own picture must not change meanwhile.
type Overlay struct {
	screen *screentest.Desktop
	below  *image.RGBA
	canvas whiteboard.Canvas

	mu     sync.Mutex
	closed bool
	paints int
	fail   error
	on     func(whiteboard.Input) // takes the pointer; nil: the programs have it
}

// NewOverlay makes an overlay over a desktop as it is now.
func NewOverlay(screen *screentest.Desktop) *Overlay {
	return &Overlay{screen: screen, below: screen.Image(), canvas: whiteboard.Canvas{Hard: true}}
}

// Fail makes all later calls of Paint fail.
func (o *Overlay) Fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fail = err
}

// Closed tells whether it was closed.
func (o *Overlay) Closed() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closed
}

// Grab is part of customer.Grabber.
func (o *Overlay) Grab(_ uintptr, on func(whiteboard.Input)) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.on = on
	return o.fail
}

// Release is part of customer.Grabber.
func (o *Overlay) Release() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.on = nil
}

// Pointer is the customer's own pointer doing something; it tells whether the overlay takes it.
func (o *Overlay) Pointer(in whiteboard.Input) bool {
	o.mu.Lock()
	on := o.on
	o.mu.Unlock()
	if on != nil {
		on(in)
	}
	return on != nil
}

// Paint is part of customer.Overlay.
func (o *Overlay) Paint(width, height int, marks []whiteboard.Mark) ([]image.Rectangle, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail != nil {
		return nil, o.fail
	}
	if o.canvas.Image == nil || o.canvas.Image.Rect.Size() != image.Pt(width, height) {
		o.canvas.SetSize(width, height)
	}
	o.paints++
	changed := o.canvas.Update(marks)
	for _, r := range changed {
		o.screen.Paint(r, func(x, y int) color.RGBA {
			if c := o.canvas.Image.RGBAAt(x, y); c.A != 0 {
				return c
			}
			return o.below.RGBAAt(x, y)
		})
	}
	return changed, nil
}

// Close is part of customer.Overlay.
func (o *Overlay) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	r := o.below.Rect
	o.screen.Paint(r, func(x, y int) color.RGBA { return o.below.RGBAAt(x, y) })
}
