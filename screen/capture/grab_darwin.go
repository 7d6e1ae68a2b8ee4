package capture

import (
	"encoding/binary"
	"fmt"
	"image"

	"github.com/kbinani/screenshot"

	"handrail/screen"
)

// grabber copies parts of the screen. The zero value is ready; one goroutine at a time uses it.
type grabber struct {
	row []byte // as the picture wants it
}

// grab copies rectangles of a desktop whose top left pixel is at origin in the system's coordinates, and tells whether any
// pixel is another than before. changes gets where, roughly, unless it is nil. macOS is asked once for all: a picture of a
// few pixels takes it about as long as a large one.
func (g *grabber) grab(into *screen.Framebuffer, rects []image.Rectangle, origin image.Point, changes *screen.Region) (changed bool, err error) {
	var all image.Rectangle
	for _, r := range rects {
		all = all.Union(r.Intersect(into.Bounds()))
	}
	if all.Empty() {
		return false, nil
	}
	img, err := screenshot.CaptureRect(all.Add(origin))
	if err != nil {
		return false, fmt.Errorf("the screen cannot be captured: %w", err)
	}
	if img.Rect.Dx() < all.Dx() || img.Rect.Dy() < all.Dy() {
		return false, screen.ErrResized
	}
	if len(g.row) < 4*all.Dx() {
		g.row = make([]byte, 4*all.Dx())
	}
	for _, r := range rects {
		r = r.Intersect(all)
		for y := r.Min.Y; y < r.Max.Y; y++ {
			row := g.row[:4*r.Dx()]
			swap(row, img.Pix[(y-all.Min.Y)*img.Stride+4*(r.Min.X-all.Min.X):])
			before := into.Pix[y*into.Stride+4*r.Min.X:][:4*r.Dx()]
			if changes != nil {
				note(changes, before, row, r.Min.X, y)
			}
			changed = takeRow(before, row) || changed
		}
	}
	return changed, nil
}

// swap writes RGBA pixels as BGRX.
func swap(dst, src []byte) {
	for x := 0; x+4 <= len(dst); x += 4 {
		v := binary.LittleEndian.Uint32(src[x:])
		binary.LittleEndian.PutUint32(dst[x:], v&0xff<<16|v&0xff00|v>>16&0xff)
	}
}

// release gives everything back.
func (*grabber) release() {}
