package capture

import (
	"encoding/binary"
	"fmt"
	"image"

	"github.com/kbinani/screenshot"

	"handrail/screen"
)

// grabber copies parts of the screen.
type grabber struct{}

// grab copies rectangles of a desktop whose top left pixel is at origin in the system's coordinates, and tells whether any
// pixel is another than before. changes gets where, roughly, unless it is nil.
func (*grabber) grab(into *screen.Framebuffer, rects []image.Rectangle, origin image.Point, changes *screen.Region) (changed bool, err error) {
	for _, r := range rects {
		r = r.Intersect(into.Bounds())
		if r.Empty() {
			continue
		}
		img, err := screenshot.CaptureRect(r.Add(origin))
		if err != nil {
			return changed, fmt.Errorf("the screen cannot be captured: %w", err)
		}
		if img.Rect.Dx() < r.Dx() || img.Rect.Dy() < r.Dy() {
			return changed, screen.ErrResized
		}
		for y := range r.Dy() {
			row := img.Pix[y*img.Stride:][:4*r.Dx()]
			swap(row, row)
			before := into.Pix[(r.Min.Y+y)*into.Stride+4*r.Min.X:][:4*r.Dx()]
			if changes != nil {
				note(changes, before, row, r.Min.X, r.Min.Y+y)
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
