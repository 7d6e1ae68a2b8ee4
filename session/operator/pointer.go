package operator

import (
	"image"

	"handrail/screen"
)

// Pointer is where the customer's own hand has moved the pointer, in pixels of the desktop; false: it has not, or the
// operator's has moved it since.
func (p *Picture) Pointer() (at image.Point, ok bool) {
	if now := p.pointer.Load(); now != nil {
		return *now, true
	}
	return at, false
}

// setPointer takes over a place; nil hides the pointer. What it covered and covers is painted anew.
func (p *Picture) setPointer(at *image.Point) {
	before := p.pointer.Swap(at)
	if before == nil && at == nil {
		return
	}
	var rects []image.Rectangle
	for _, place := range []*image.Point{before, at} {
		if place != nil {
			rects = append(rects, image.Rectangle{Min: *place, Max: *place}.Inset(-screen.MaxCursor))
		}
	}
	p.watchMu.Lock()
	defer p.watchMu.Unlock()
	for _, fn := range p.watchers {
		fn(rects)
	}
}
