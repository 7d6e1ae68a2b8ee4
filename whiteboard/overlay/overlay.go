// Package overlay shows a whiteboard over everything on this computer's screen. What is drawn lets clicks through, and
// takes nothing from the programs below.
//
//	o, err := overlay.Open(overlay.Options{})
//	…
//	changed, err := o.Paint(width, height, pad.Marks(monitors))   // the screen shows it when Paint returns
//	o.Close()                                                       // nothing is left; also when the program dies
//
// On X11 it is a window that is nothing but the strokes: its bounding shape is their pixels, its input shape is empty.
// That needs no window manager. Where a compositor runs, the strokes have smooth edges and highlighters can be seen
// through; without one a pixel is there or not, and a highlighter is every other row of pixels. On Windows it is a layered window that clicks go through, on macOS a window without a border that
// ignores the mouse.
//
// What the overlay shows is on the screen like any other window, so a capture of the screen has it: see package
// whiteboard for how that is kept from being drawn twice.
package overlay

import (
	"errors"
	"image"
	"sync"

	"handrail/whiteboard"
)

// Options says where.
type Options struct {
	// Display is the name of an X display; empty is $DISPLAY. Other systems ignore it.
	Display string
}

// Errors that callers test for.
var (
	// ErrClosed is what Paint returns after Close or when the screen has gone.
	ErrClosed = errors.New("the drawing over the screen is closed")
	// ErrUnsupported says that there is no overlay on this system. The operator's program then draws over the picture.
	ErrUnsupported = errors.New("drawing over the screen is not possible on this system")
)

// Overlay is what lies over the screen. Methods are safe for concurrent use.
type Overlay struct {
	options Options

	mu      sync.Mutex
	grabbed bool
	surface surface // nil: closed
	canvas  whiteboard.Canvas
}

// surface is a platform's window. Calls come one at a time.
type surface interface {
	// hard tells whether pixels can only be there or not.
	hard() bool
	// stale tells that another surface would be better now, because the screen works in another way.
	stale() bool
	// resize makes it as large as the desktop. It is empty then.
	resize(width, height int) error
	// present shows the parts of img that have changed, and hides the whole if nothing is on it. When it returns, they are
	// on the screen.
	present(img *image.RGBA, changed []image.Rectangle, empty bool) error
	// grab begins and ends taking the pointer, below the window of this handle (0: above all).
	grab(below uintptr, on func(whiteboard.Input)) error
	close()
}

// Open makes an overlay on which there is nothing yet.
func Open(o Options) (*Overlay, error) {
	s, err := open(o)
	if err != nil {
		return nil, err
	}
	return &Overlay{options: o, surface: s, canvas: whiteboard.Canvas{Hard: s.hard()}}, nil
}

// renewLocked opens another surface when the present one is stale and does not have the pointer.
func (o *Overlay) renewLocked() error {
	if !o.surface.stale() || o.grabbed {
		return nil
	}
	o.surface.close()
	o.surface = nil
	s, err := open(o.options)
	if err != nil {
		return err
	}
	o.surface, o.canvas = s, whiteboard.Canvas{Hard: s.hard()}
	return nil
}

// Paint makes the overlay show these marks on a desktop of this size, and returns where it has changed.
func (o *Overlay) Paint(width, height int, marks []whiteboard.Mark) ([]image.Rectangle, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.surface == nil {
		return nil, ErrClosed
	}
	if err := o.renewLocked(); err != nil {
		return nil, err
	}
	if o.canvas.Image == nil || o.canvas.Image.Rect.Size() != image.Pt(width, height) {
		if err := o.surface.resize(width, height); err != nil {
			return nil, err
		}
		o.canvas.SetSize(width, height)
	}
	changed := o.canvas.Update(marks)
	if len(changed) == 0 {
		return nil, nil
	}
	return changed, o.surface.present(o.canvas.Image, changed, len(marks) == 0)
}

// Grab takes this computer's pointer for drawing: until Release, on is called with what it does, on a goroutine of the
// overlay's, and no other program is. The window with this handle, as the windowing system names it, stays above and
// usable, and so does what lies above it; 0 is none.
func (o *Overlay) Grab(below uintptr, on func(whiteboard.Input)) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.surface == nil {
		return ErrClosed
	}
	o.grabbed = true
	return o.surface.grab(below, on)
}

// Release gives the pointer back.
func (o *Overlay) Release() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.grabbed = false
	if o.surface != nil {
		_ = o.surface.grab(0, nil)
	}
}

// Close takes everything off the screen. It may be called twice.
func (o *Overlay) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.surface != nil {
		o.surface.close()
		o.surface = nil
	}
}
