package whiteboard

import (
	"image"
	"math"
	"unicode/utf8"
)

// effort is what it takes to show marks. Peers choose how much there is on a board and how long its lines are; what is shown of it
// is bounded, so that nobody's window stands still over it.
type effort struct {
	parts int     // straight parts of lines, which are kept
	ink   float64 // nanoseconds to draw all of it once, about; a whole number, so that sums are exact
}

func (e effort) plus(o effort) effort  { return effort{e.parts + o.parts, e.ink + o.ink} }
func (e effort) minus(o effort) effort { return effort{e.parts - o.parts, e.ink - o.ink} }

// fits tells whether marks may take so much together.
func (e effort) fits() bool { return e.parts <= mostParts && e.ink <= mostInk }

// What a board may take. A long stroke that is drawn by hand has some thousands of parts, and takes some milliseconds.
const (
	fineParts     = 1 << 16 // of one item: beyond that its curves become coarser
	fineAllParts  = 1 << 20 // of all: beyond that those of further items do
	mostParts     = 1 << 22 // of all: beyond that further items are not shown
	mostInk       = 3e9     // likewise
	farthestScale = 32      // how much larger than when it was drawn something may become; what would be larger is not shown
)

// fine is how many parts a further item may have beside what is there.
func (e effort) fine() int { return max(0, min(fineParts, fineAllParts-e.parts)) }

// coarseness is by how much the parts of a line must be fewer than they should be for at most so many; at least 1, when nothing
// changes. No part goes beyond a corner, however many these are.
func coarseness(corners []vec, curve bool, most int) float64 {
	if !curve {
		return 1
	}
	parts := 0.0
	for i := 1; i < len(corners); i++ {
		parts += bends(corners[i].sub(corners[i-1]).length())
	}
	if parts <= float64(most) {
		return 1
	}
	return parts / float64(most)
}

// inkOf is what it takes to draw lines on a monitor; see BenchmarkInk.
func inkOf(lines [][]vec, radius float64, clip image.Rectangle) float64 {
	const part, row, edge, pixel = 100, 150, 60, 1.3
	reach := radius + 1
	least, most := vec{float64(clip.Min.X) - reach, float64(clip.Min.Y) - reach}, vec{float64(clip.Max.X) + reach, float64(clip.Max.Y) + reach}
	ink := 0.0
	for _, line := range lines {
		if len(line) == 1 {
			line = []vec{line[0], line[0]}
		}
		for i := 1; i < len(line); i++ {
			ink += part
			if along, ok := crossing(line[i-1], line[i], least, most); ok {
				length := along.length() + 2*reach
				ink += row*(math.Abs(along.y)+2*reach) + edge*length + pixel*length*2*reach
			}
		}
	}
	return math.Ceil(ink)
}

// crossing is how far a straight line goes within a rectangle; ok is false where none of it is there. It is Liang's and Barsky's way
// of clipping.
func crossing(a, b, least, most vec) (along vec, ok bool) {
	from, to := 0.0, 1.0
	d := b.sub(a)
	for _, side := range [4][2]float64{{-d.x, a.x - least.x}, {d.x, most.x - a.x}, {-d.y, a.y - least.y}, {d.y, most.y - a.y}} {
		p, q := side[0], side[1]
		switch {
		case p == 0 && q < 0:
			return vec{}, false
		case p < 0:
			from = max(from, q/p)
		case p > 0:
			to = min(to, q/p)
		}
	}
	return d.times(to - from), from <= to
}

// textInk is what it takes to draw a text.
func textInk(text string, height float64) float64 {
	const letter, row = 4000, 100
	return math.Ceil(float64(utf8.RuneCountInString(text)) * (letter + row*height))
}
