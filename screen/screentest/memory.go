package screentest

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"slices"
	"sync"

	"handrail/screen"
)

// ErrClosed is what a closed Desktop answers.
var ErrClosed = errors.New("screentest: closed")

// Desktop is a Capturer of a desktop in memory that a test can draw on. Its methods are safe for concurrent
// use.
type Desktop struct {
	changed chan struct{} // holds one while there is something to report
	closed  chan struct{}

	mu       sync.Mutex
	fb       *screen.Framebuffer
	dirty    screen.Region
	resized  bool // and Wait has not said so
	monitors []screen.Monitor
	modes    []screen.Mode
	original image.Point // what SetMode has changed; zero: nothing
}

// NewDesktop makes a black desktop with one monitor.
func NewDesktop(width, height int) *Desktop {
	d := &Desktop{changed: make(chan struct{}, 1), closed: make(chan struct{})}
	d.Resize(width, height)
	d.resized = false
	return d
}

// Fill paints a rectangle in one colour and reports it as dirty.
func (d *Desktop) Fill(r image.Rectangle, c color.RGBA) {
	d.Paint(r, func(int, int) color.RGBA { return c })
}

// Paint asks for the colour of each pixel of a rectangle and reports it as dirty.
func (d *Desktop) Paint(r image.Rectangle, at func(x, y int) color.RGBA) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r = r.Intersect(d.fb.Bounds())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c := at(x, y)
			copy(d.fb.Pix[y*d.fb.Stride+4*x:], []byte{c.B, c.G, c.R})
		}
	}
	d.dirty.Add(r)
	d.wake()
}

// Dirty reports a rectangle without changing it, as window systems do when the same is drawn again.
func (d *Desktop) Dirty(r image.Rectangle) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dirty.Add(r.Intersect(d.fb.Bounds()))
	d.wake()
}

// Resize makes the desktop black and of another size, with one monitor.
func (d *Desktop) Resize(width, height int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fb = screen.NewFramebuffer(width, height, screen.BGRX)
	d.monitors = []screen.Monitor{{Name: "memory", Bounds: d.fb.Bounds(), Primary: true}}
	d.dirty.Clear()
	d.dirty.Add(d.fb.Bounds())
	d.resized = true
	d.wake()
}

// SetMonitors divides the desktop into other monitors, as far as they are on it.
func (d *Desktop) SetMonitors(monitors ...screen.Monitor) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.monitors = nil
	for _, m := range monitors {
		if m.Bounds = m.Bounds.Intersect(d.fb.Bounds()); !m.Bounds.Empty() {
			d.monitors = append(d.monitors, m)
		}
	}
	d.wake()
}

// Image is a copy of what is on the desktop.
func (d *Desktop) Image() *image.RGBA {
	d.mu.Lock()
	defer d.mu.Unlock()
	return toRGBA(d.fb)
}

func (d *Desktop) wake() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// Desktop is part of screen.Capturer.
func (d *Desktop) Desktop() screen.Desktop {
	d.mu.Lock()
	defer d.mu.Unlock()
	return screen.Desktop{Width: d.fb.Width, Height: d.fb.Height, Monitors: d.monitors, Modes: d.modes}
}

// OfferModes lists what SetMode can do.
func (d *Desktop) OfferModes(modes ...screen.Mode) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.modes = modes
	d.wake()
}

// SetMode is part of screen.ModeSetter.
func (d *Desktop) SetMode(m screen.Mode) error {
	d.mu.Lock()
	known, size := slices.Contains(d.modes, m), d.fb.Bounds().Size()
	if known && d.original == (image.Point{}) {
		d.original = size
	}
	d.mu.Unlock()
	if !known {
		return fmt.Errorf("screentest: no mode %v", m)
	}
	d.Resize(m.Width, m.Height)
	return nil
}

// PutBack is part of screen.ModeSetter.
func (d *Desktop) PutBack() error {
	d.mu.Lock()
	original := d.original
	d.original = image.Point{}
	d.mu.Unlock()
	if original != (image.Point{}) {
		d.Resize(original.X, original.Y)
	}
	return nil
}

// Wait is part of screen.Capturer. The first one reports the whole desktop.
func (d *Desktop) Wait(ctx context.Context, dirty *screen.Region) error {
	select {
	case <-d.closed:
		return ErrClosed
	default:
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-d.closed:
		return ErrClosed
	case <-d.changed:
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	dirty.AddRegion(&d.dirty)
	d.dirty.Clear()
	d.resized = false
	return nil
}

// Capture is part of screen.Capturer.
func (d *Desktop) Capture(into *screen.Framebuffer, rects []image.Rectangle) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-d.closed:
		return ErrClosed
	default:
	}
	if d.resized || into.Width != d.fb.Width || into.Height != d.fb.Height {
		return screen.ErrResized
	}
	if into.Format != screen.BGRX {
		return fmt.Errorf("screentest: capture into another format than BGRX")
	}
	for _, r := range rects {
		into.CopyFrom(d.fb, r)
	}
	return nil
}

// Close is part of screen.Capturer.
func (d *Desktop) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-d.closed:
	default:
		close(d.closed)
	}
	return nil
}

// toRGBA copies a BGRX picture into an opaque image.
func toRGBA(fb *screen.Framebuffer) *image.RGBA {
	img := image.NewRGBA(fb.Bounds())
	for y := range fb.Height {
		from, to := fb.Pix[y*fb.Stride:], img.Pix[y*img.Stride:]
		for x := 0; x < 4*fb.Width; x += 4 {
			to[x], to[x+1], to[x+2], to[x+3] = from[x+2], from[x+1], from[x], 255
		}
	}
	return img
}
