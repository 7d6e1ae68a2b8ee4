package whiteboard

import (
	"encoding/binary"
	"image"
	"image/color"
	"math"
)

// coverLine adds a line of straight parts with round ends and corners to a mask. Each pixel is covered as far as
// the nearest part of the line's edge lies within it.
func coverLine(mask *image.Alpha, line []vec, radius float64) {
	if len(line) == 1 {
		coverPart(mask, line[0], line[0], radius)
	}
	for i := 1; i < len(line); i++ {
		coverPart(mask, line[i-1], line[i], radius)
	}
}

// coverPart goes through the rows that a straight part touches. In each row what it covers lies together: all that
// is nearer than the radius to a straight line is convex.
func coverPart(mask *image.Alpha, a, b vec, radius float64) {
	r := around([]vec{a, b}, radius+1).Intersect(mask.Rect)
	if r.Empty() {
		return
	}
	outer, inner := bandAround(a, b, radius+0.5), bandAround(a, b, radius-0.5)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		middle := float64(y) + 0.5
		from, to := outer.row(middle)
		if from > to {
			continue
		}
		within := func(x float64) int { return int(max(float64(r.Min.X), min(x, float64(r.Max.X)))) }
		start, end := within(math.Floor(from-0.5)), within(math.Ceil(to+0.5))
		full, fullEnd := end, end
		if from, to := inner.row(middle); from <= to {
			full = max(start, min(within(math.Ceil(from-0.5)), end))
			fullEnd = max(full, min(within(math.Floor(to-0.5)+1), end))
		}
		row := mask.Pix[(y-mask.Rect.Min.Y)*mask.Stride-mask.Rect.Min.X+start:]
		coverEdge(row[:full-start], vec{float64(start) + 0.5, middle}, &outer)
		fill(row[full-start : fullEnd-start])
		coverEdge(row[fullEnd-start:end-start], vec{float64(fullEnd) + 0.5, middle}, &outer)
	}
}

// coverEdge covers the pixels of a row from the one whose middle is at a position, as far as each lies within a band.
func coverEdge(row []byte, at vec, within *band) {
	for i, v := range row {
		if v < 255 {
			if covered := within.distance - within.from(vec{at.x + float64(i), at.y}); covered > 0 {
				row[i] = max(v, uint8(255*min(1, covered)))
			}
		}
	}
}

// full is what is copied to fill rows.
var full = func() (full [256]byte) {
	for i := range full {
		full[i] = 255
	}
	return full
}()

func fill(row []byte) {
	for len(row) > 0 {
		row = row[copy(row, full[:]):]
	}
}

// band is all that is not farther than a distance from the straight line from a to b.
type band struct {
	a, b     vec
	along    vec
	scale    float64 // one through the square of its length
	distance float64
	edges    [4]edge // of the rectangle without the round ends
	sharp    int     // how many edges there are
}

// edge is a side of a band: y from least to most.
type edge struct {
	least, most float64
	x, y        float64 // where it begins
	slope       float64 // of x by y
	other       float64 // x of its end
}

func bandAround(a, b vec, distance float64) band {
	w := band{a: a, b: b, along: b.sub(a), distance: distance}
	square := w.along.x*w.along.x + w.along.y*w.along.y
	if square == 0 || distance <= 0 {
		return w
	}
	w.scale = 1 / square
	// Two sides, moved outwards by the distance, and the two ends, for rows that cross the band but not a side.
	out := vec{-w.along.y, w.along.x}.times(distance / w.along.length())
	for i, side := range [4][2]vec{{a.add(out), b.add(out)}, {a.sub(out), b.sub(out)}, {a.add(out), a.sub(out)}, {b.add(out), b.sub(out)}} {
		p, q := side[0], side[1]
		w.edges[i] = edge{min(p.y, q.y), max(p.y, q.y), p.x, p.y, (q.x - p.x) / (q.y - p.y), q.x}
	}
	w.sharp = len(w.edges)
	return w
}

// from is how far a position is from the line.
func (w *band) from(p vec) float64 {
	p = p.sub(w.a)
	p = p.sub(w.along.times(max(0, min(1, (p.x*w.along.x+p.y*w.along.y)*w.scale))))
	return math.Sqrt(p.x*p.x + p.y*p.y)
}

// row is from where to where a row lies in the band; from is more than to where none of it does.
func (w *band) row(y float64) (from, to float64) {
	from, to = math.Inf(1), math.Inf(-1)
	if w.distance <= 0 {
		return from, to
	}
	for _, end := range [2]vec{w.a, w.b} { // the round ends
		if dy := y - end.y; math.Abs(dy) <= w.distance {
			half := math.Sqrt(w.distance*w.distance - dy*dy)
			from, to = min(from, end.x-half), max(to, end.x+half)
		}
	}
	for i := range w.sharp {
		e := &w.edges[i]
		switch {
		case y < e.least || y > e.most:
		case e.least == e.most:
			from, to = min(from, e.x, e.other), max(to, e.x, e.other)
		default:
			x := e.x + (y-e.y)*e.slope
			from, to = min(from, x), max(to, x)
		}
	}
	return from, to
}

// blendOver draws a colour over a picture as far as a mask covers it. It does the same as draw.DrawMask, and is much faster where
// nothing is covered, as most of what a line's bounds hold.
func blendOver(picture *image.RGBA, ink color.Color, mask *image.Alpha) {
	const most = 0xffff
	red, green, blue, alpha := ink.RGBA()
	r := mask.Rect
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := mask.Pix[(y-r.Min.Y)*mask.Stride:][:r.Dx()]
		pixels := picture.Pix[picture.PixOffset(r.Min.X, y):][:4*len(row)]
		for i := 0; i < len(row); i++ {
			if row[i] == 0 {
				if len(row)-i >= 8 && binary.LittleEndian.Uint64(row[i:]) == 0 {
					i += 7
				}
				continue
			}
			covered := uint32(row[i]) * 0x101
			rest := (most - alpha*covered/most) * 0x101
			p := pixels[4*i : 4*i+4 : 4*i+4]
			p[0] = uint8((uint32(p[0])*rest + red*covered) / most >> 8)
			p[1] = uint8((uint32(p[1])*rest + green*covered) / most >> 8)
			p[2] = uint8((uint32(p[2])*rest + blue*covered) / most >> 8)
			p[3] = uint8((uint32(p[3])*rest + alpha*covered) / most >> 8)
		}
	}
}
