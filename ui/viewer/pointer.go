package viewer

import (
	"image"
	"image/draw"
)

// PointerSource is what a Source may be as well when it knows where the other computer's own hand has moved its pointer.
type PointerSource interface {
	CursorSource
	// Pointer is in pixels of the picture; false: it is where the pointer here is.
	Pointer() (at image.Point, ok bool)
}

// paintPointer draws the other computer's pointer where that computer's own hand has moved it.
func (p *Picture) paintPointer(frame *image.RGBA) {
	source, ok := p.source.(PointerSource)
	if !ok {
		return
	}
	at, shown := source.Pointer()
	cursor := source.Cursor()
	if !shown || cursor == nil || !visible(cursor) {
		return
	}
	img := cursor.Image()
	draw.Draw(frame, img.Rect.Add(at).Sub(image.Pt(cursor.HotX, cursor.HotY)), img, image.Point{}, draw.Over)
}
