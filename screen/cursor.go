package screen

import "image"

// MaxCursor is the largest width and height of a cursor's image in pixels.
const MaxCursor = 96

// Cursor is the image of the pointer: it is no part of the picture, so that moving the pointer changes nothing there.
type Cursor struct {
	Width  int    `json:"width"`
	Height int    `json:"height"`
	HotX   int    `json:"x"` // the pixel that points
	HotY   int    `json:"y"`
	Pixels []byte `json:"pixels"` // RGBA, premultiplied, row by row
}

// Valid says whether sizes and pixels belong together.
func (c *Cursor) Valid() bool {
	return c.Width > 0 && c.Height > 0 && c.Width <= MaxCursor && c.Height <= MaxCursor && len(c.Pixels) == 4*c.Width*c.Height &&
		image.Pt(c.HotX, c.HotY).In(image.Rect(0, 0, c.Width, c.Height))
}

// Image is the cursor's image, which shares its pixels.
func (c *Cursor) Image() *image.RGBA {
	return &image.RGBA{Pix: c.Pixels, Stride: 4 * c.Width, Rect: image.Rect(0, 0, c.Width, c.Height)}
}

// PointerWatcher is what a Capturer may be as well when the system tells where the pointer is. Pointer is safe for
// concurrent use.
type PointerWatcher interface {
	// Pointer is where the pointer points, in pixels of the Desktop; false: that is not known.
	Pointer() (at image.Point, ok bool)
}

// CursorWatcher is what a Capturer may be as well when the system tells what the cursor looks like. Wait also returns
// when it has changed.
type CursorWatcher interface {
	// Cursor is the cursor if it has changed since the last call, else nil. The same goroutine as for the Capturer
	// calls it.
	Cursor() *Cursor
}
