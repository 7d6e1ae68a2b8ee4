// Package screen is the picture: what a customer's desktop looks like, which parts of it changed, and how
// changes are written so that the other side has the same pixels.
//
// A Capturer watches a desktop and copies its pixels into a Framebuffer. A Comparer finds what really
// changed since the last look. An Encoder writes those rectangles as one or more parts of an update; a
// Decoder applies parts to the other side's Framebuffer. Nothing here knows of windows or networks; the
// platform's code is in screen/capture and screen/input.
package screen

import (
	"context"
	"image"
	"slices"
)

// PixelFormat is the order of the four bytes of a pixel in memory. The fourth byte of BGRX means nothing.
type PixelFormat uint8

// The pixel formats in use: BGRX is what X11 and Windows give, RGBA what image.RGBA and textures take.
const (
	BGRX PixelFormat = iota
	RGBA
)

// Framebuffer is a picture in memory: pixel (x, y) begins at Pix[y*Stride+4*x].
type Framebuffer struct {
	Pix    []byte
	Stride int // bytes from one row to the next, at least 4*Width
	Width  int // pixels
	Height int // pixels
	Format PixelFormat
}

// NewFramebuffer makes a black picture.
func NewFramebuffer(width, height int, format PixelFormat) *Framebuffer {
	return &Framebuffer{
		Pix: make([]byte, 4*width*height), Stride: 4 * width, Width: width, Height: height, Format: format,
	}
}

// Bounds is the picture's rectangle; its origin is (0, 0).
func (f *Framebuffer) Bounds() image.Rectangle { return image.Rect(0, 0, f.Width, f.Height) }

// RGBA is the picture as an image that shares its pixels. The format must be RGBA.
func (f *Framebuffer) RGBA() *image.RGBA {
	return &image.RGBA{Pix: f.Pix, Stride: f.Stride, Rect: f.Bounds()}
}

// CopyFrom copies the pixels of a rectangle from the same place of another picture of the same format. What
// lies outside of either is left out.
func (f *Framebuffer) CopyFrom(from *Framebuffer, r image.Rectangle) {
	r = r.Intersect(f.Bounds()).Intersect(from.Bounds())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		copy(f.row(r.Min.X, r.Max.X, y), from.row(r.Min.X, r.Max.X, y))
	}
}

// Move copies pixels within the picture; source and target may overlap, and must both lie within.
func (f *Framebuffer) Move(m Move) {
	w, h := m.To.Dx(), m.To.Dy()
	for i := range h {
		y := i
		if m.To.Min.Y > m.From.Y {
			y = h - 1 - i // from below, so that nothing is overwritten before it is copied
		}
		copy(f.row(m.To.Min.X, m.To.Max.X, m.To.Min.Y+y), f.row(m.From.X, m.From.X+w, m.From.Y+y))
	}
}

// fill gives a rectangle one colour, of a pixel in the layout of Depth24.
func (f *Framebuffer) fill(r image.Rectangle, colour []byte) {
	first := f.row(r.Min.X, r.Max.X, r.Min.Y)
	Depth24.unpack(first[:4], colour, f.Format)
	for n := 4; n < len(first); n *= 2 {
		copy(first[n:], first[:n])
	}
	for y := r.Min.Y + 1; y < r.Max.Y; y++ {
		copy(f.row(r.Min.X, r.Max.X, y), first)
	}
}

// row is the bytes of the pixels (x0, y) to (x1-1, y).
func (f *Framebuffer) row(x0, x1, y int) []byte {
	return f.Pix[y*f.Stride+4*x0 : y*f.Stride+4*x1]
}

// Monitor is one screen of a desktop.
type Monitor struct {
	Name    string          `json:"name"`
	Bounds  image.Rectangle `json:"bounds"` // in pixels of the desktop
	Primary bool            `json:"primary,omitempty"`
	Scale   int             `json:"scale,omitempty"` // percent, how large things are drawn there; 0: not known
}

// Mode is a resolution that a monitor can have.
type Mode struct {
	Monitor string `json:"monitor"` // its Name
	Width   int    `json:"width"`   // pixels
	Height  int    `json:"height"`  // pixels
}

// MaxModes bounds how many modes a desktop names.
const MaxModes = 256

// Desktop is all monitors together as one picture. Its top left pixel is (0, 0), whatever the system's own
// coordinates are; capturers and injectors translate.
type Desktop struct {
	Width    int       `json:"width"`  // pixels
	Height   int       `json:"height"` // pixels
	Monitors []Monitor `json:"monitors"`
	Modes    []Mode    `json:"modes,omitempty"` // that can be set; none where the system cannot
}

// Capturer watches the desktop of this computer. Only one goroutine may use it at a time, except Close.
type Capturer interface {
	// Desktop is the present size and the monitors. It may change whenever Wait returns.
	Desktop() Desktop
	// Wait blocks until something on the desktop may have changed and adds where to dirty. It never reports
	// too little. Where the system cannot tell, it adds the whole desktop at a bounded rate.
	Wait(ctx context.Context, dirty *Region) error
	// Capture copies the pixels of the rectangles into the same places of into, whose size must be that of
	// Desktop and whose format is BGRX. After a change of size that Wait has not yet reported it fails with
	// ErrResized; the caller then asks Desktop again.
	Capture(into *Framebuffer, rects []image.Rectangle) error
	// Close ends a blocked Wait and gives everything back. It may be called at any time, and twice.
	Close() error
}

// Move is a rectangle whose pixels were elsewhere before: those of To were at From (its top left).
type Move struct {
	To   image.Rectangle
	From image.Point
}

// Source is the rectangle that the pixels came from.
func (m Move) Source() image.Rectangle { return m.To.Sub(m.To.Min).Add(m.From) }

// MoveGuesser is what a Capturer may be as well when the system tells which windows were moved.
type MoveGuesser interface {
	// Moves appends what may have been moved since the last call, the likeliest first. It may be wrong, and must be
	// checked against the pixels. The same goroutine as for the Capturer calls it.
	Moves(moves []Move) []Move
}

// ModeSetter is what a Capturer may be as well when the system lets programs change the resolution. Its methods are safe
// for concurrent use, also after Close.
type ModeSetter interface {
	// SetMode gives a monitor one of the desktop's modes.
	SetMode(Mode) error
	// PutBack gives all monitors what they had before the first SetMode.
	PutBack() error
}

// Injector does what an operator's hands would do. Methods are safe for concurrent use. Positions are
// pixels of the Desktop; those outside are moved to its edge.
type Injector interface {
	MovePointer(x, y int) error
	// Button presses or releases a button.
	Button(b Button, down bool) error
	// Scroll turns the wheel by parts of a notch (Notch is a whole one); positive is right and down. Where the system has
	// larger steps only, parts are added up.
	Scroll(dx, dy int) error
	// Key presses or releases the key that gives the keysym (X11 numbering, keysymdef.h) without changing
	// the modifiers that are held.
	Key(keysym uint32, down bool) error
	// Type enters text as if typed: any Unicode; \n is Return and \t is Tab.
	Type(text string) error
	// ReleaseAll releases every key and button that this injector holds down.
	ReleaseAll() error
	// Close releases all and gives everything back.
	Close() error
}

// PositionInjector is an Injector that also knows keys by where they are on the keyboard, whatever the layout
// makes of them.
type PositionInjector interface {
	Injector
	// KeyAt presses or releases a key by its position, numbered as Linux does (input-event-codes.h).
	KeyAt(position uint16, down bool) error
}

// LocalEvent is something that this computer's own pointer or keyboard did, as opposed to what was injected.
type LocalEvent struct {
	// Keysym is the key, as it is without modifiers in the first layout; 0 for pointers and for keys of which
	// that is not known.
	Keysym uint32
	Down   bool // a key or button was pressed
}

// Button is a button of a pointer.
type Button uint8

// The buttons; the numbers are those of Handrail's protocol.
const (
	ButtonLeft Button = iota + 1
	ButtonMiddle
	ButtonRight
	ButtonBack
	ButtonForward
)

// Equal tells whether two desktops have the same size and monitors.
func (d Desktop) Equal(other Desktop) bool {
	return d.Width == other.Width && d.Height == other.Height && slices.Equal(d.Monitors, other.Monitors) &&
		slices.Equal(d.Modes, other.Modes)
}
