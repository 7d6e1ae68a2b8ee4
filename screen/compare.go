package screen

import (
	"bytes"
	"encoding/binary"
	"image"
)

const (
	// tileSize is the side of a tile in pixels: what changed in one tile is cropped to one rectangle.
	tileSize = 64
	// colourMask2 takes the meaningless fourth bytes out of two pixels.
	colourMask2 = 0x00ffffff_00ffffff
	colourMask  = 0x00ffffff
)

// Comparer finds what really changed: window systems report what was drawn, which is often the same as
// before. It holds a copy of the picture as it was when last compared. The zero value is ready, and the
// first comparison reports everything. A Comparer allocates only when the size changes. It is not safe for
// concurrent use.
type Comparer struct {
	last  *Framebuffer
	tiles []image.Rectangle // exact crops of the present band, one for each column of tiles
	out   []image.Rectangle
}

// Last is the picture as last compared: exactly what a viewer has who got every reported rectangle. It is
// nil before the first Compare and must not be changed.
func (c *Comparer) Last() *Framebuffer { return c.last }

// Reset forgets the picture, so that the next Compare reports everything.
func (c *Comparer) Reset() { c.last = nil }

// Compare looks for changes within the dirty rectangles, whether the last picture differs there, and takes
// them over into it. It returns few rectangles that hold all changed pixels and hardly any others, without
// valid until the next call. After a change of size it returns the whole picture. Both pictures
// must have the same format; the fourth byte of a pixel is not looked at.
func (c *Comparer) Compare(current *Framebuffer, dirty []image.Rectangle) []image.Rectangle {
	c.out = c.out[:0]
	if c.last == nil || c.last.Width != current.Width || c.last.Height != current.Height {
		c.last = NewFramebuffer(current.Width, current.Height, current.Format)
		c.tiles = make([]image.Rectangle, (current.Width+tileSize-1)/tileSize)
		c.last.CopyFrom(current, current.Bounds())
		if !current.Bounds().Empty() {
			c.out = append(c.out, current.Bounds())
		}
		return c.out
	}
	for _, r := range dirty {
		r = r.Intersect(current.Bounds())
		for y := r.Min.Y; y < r.Max.Y; {
			end := min((y/tileSize+1)*tileSize, r.Max.Y)
			c.compareBand(current, image.Rect(r.Min.X, y, r.Max.X, end))
			y = end
		}
	}
	return c.out
}

// compareBand compares a part of one row of tiles, row of pixels after row of pixels as they lie in memory.
func (c *Comparer) compareBand(current *Framebuffer, r image.Rectangle) {
	first, after := r.Min.X/tileSize, (r.Max.X+tileSize-1)/tileSize
	changed := false
	for y := r.Min.Y; y < r.Max.Y; y++ {
		now, old := current.row(r.Min.X, r.Max.X, y), c.last.row(r.Min.X, r.Max.X, y)
		if bytes.Equal(now, old) {
			continue
		}
		for i := first; i < after; i++ {
			from, to := max(i*tileSize, r.Min.X), min((i+1)*tileSize, r.Max.X)
			a, b := now[4*(from-r.Min.X):4*(to-r.Min.X)], old[4*(from-r.Min.X):4*(to-r.Min.X)]
			if bytes.Equal(a, b) {
				continue
			}
			left, right := differingSpan(a, b)
			copy(b, a) // the fourth bytes too, so that they cost nothing next time
			if left < right {
				crop := image.Rect(from+left, y, from+right, y+1)
				c.tiles[i] = c.tiles[i].Union(crop)
				changed = true
			}
		}
	}
	if changed {
		c.joinBand(first, after)
	}
}

// differingSpan is where the colours of two rows differ, in pixels: left ≤ x < right.
func differingSpan(a, b []byte) (left, right int) {
	n := len(a) / 4
	b = b[:len(a)]
	for left+2 <= n {
		x := binary.LittleEndian.Uint64(a[4*left:]) ^ binary.LittleEndian.Uint64(b[4*left:])
		if x&colourMask2 != 0 {
			break
		}
		left += 2
	}
	for left < n && sameColour(a, b, left) {
		left++
	}
	right = n
	for right-2 >= left {
		x := binary.LittleEndian.Uint64(a[4*right-8:]) ^ binary.LittleEndian.Uint64(b[4*right-8:])
		if x&colourMask2 != 0 {
			break
		}
		right -= 2
	}
	for right > left && sameColour(a, b, right-1) {
		right--
	}
	return left, right
}

func sameColour(a, b []byte, x int) bool {
	return (binary.LittleEndian.Uint32(a[4*x:])^binary.LittleEndian.Uint32(b[4*x:]))&colourMask == 0
}

// joinBand reports the crops of a band and clears them. A crop is joined with its neighbours to the left
// and above where that adds little.
func (c *Comparer) joinBand(first, after int) {
	var run image.Rectangle
	for i := first; i < after; i++ {
		crop := c.tiles[i]
		c.tiles[i] = image.Rectangle{}
		if crop.Empty() {
			continue
		}
		if !run.Empty() && worthJoining(run, crop) {
			run = run.Union(crop)
			continue
		}
		c.report(run)
		run = crop
	}
	c.report(run)
}

// report adds a rectangle to the result, joined with one right above it where they match.
func (c *Comparer) report(r image.Rectangle) {
	if r.Empty() {
		return
	}
	const lookBack = 40 // about a band's worth: what is above was reported not long ago
	for i := len(c.out) - 1; i >= max(0, len(c.out)-lookBack); i-- {
		if q := c.out[i]; q.Min.X == r.Min.X && q.Max.X == r.Max.X && q.Max.Y == r.Min.Y {
			c.out[i].Max.Y = r.Max.Y
			return
		}
	}
	c.out = append(c.out, r)
}

// worthJoining says whether two crops side by side cost less as one rectangle: each rectangle costs some
// bytes and work, and so does each pixel that did not change.
func worthJoining(a, b image.Rectangle) bool {
	const rectCost = 32 // in pixels
	extra := area(a.Union(b)) - area(a) - area(b)
	return extra <= rectCost+(area(a)+area(b))/16
}
