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
	mostInk       = 1.5e9   // likewise
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

// lineInk is what it takes to draw an item's line with a radius on a monitor, of at most so many parts; see BenchmarkInk. It is found
// before the parts are, since there may be more of them than there is time for.
func lineInk(item *Item, to placing, radius float64, most int) float64 {
	const part, row, edge, pixel, empty = 100, 80, 40, 0.1, 0.3
	corners, curve := outline(item), item.Kind.curved()
	coarse := coarseness(corners, curve, most)
	reach := radius + 1
	ends := part + (row+edge+2*pixel*reach)*2*reach // of each part
	ink := ends * float64(1+len(item.hidden))
	hidden := item.hidden
	for i := range len(corners) - 1 {
		seen := 1.0
		seen, hidden = visible(uint32(i), hidden)
		if seen == 0 {
			continue
		}
		length := corners[i+1].sub(corners[i]).length()
		parts, aside := 1.0, 0.0
		if curve {
			parts, aside = max(1, math.Floor(bends(length)/coarse)), length/bulge
		}
		a, b := to.at(corners[i]), to.at(corners[i+1])
		along, ok := onMonitor(a, b, reach, to.clip)
		if !ok && curve { // which may stray there
			along, ok = onMonitor(a, b, reach+aside*max(to.by.x, to.by.y), to.clip)
		}
		if !ok {
			ink += seen * part * parts
			continue
		}
		there := 1.0
		if whole := b.sub(a).length(); whole > 0 {
			there = along.length() / whole
		}
		ink += seen * (part*parts*(1-there) + ends*parts*there + row*math.Abs(along.y) + (edge+2*pixel*reach)*along.length())
	}
	for i := range corners {
		corners[i] = to.at(corners[i])
	}
	box := around(corners, reach).Intersect(to.clip)
	return math.Ceil(ink + empty*float64(box.Dx())*float64(box.Dy()))
}

// onMonitor is how far a straight line goes on a monitor and up to so far beside it, but no farther than the monitor is large.
func onMonitor(a, b vec, beside float64, m image.Rectangle) (along vec, ok bool) {
	least := vec{float64(m.Min.X) - beside, float64(m.Min.Y) - beside}
	along, ok = crossing(a, b, least, vec{float64(m.Max.X) + beside, float64(m.Max.Y) + beside})
	across := math.Hypot(float64(m.Dx()), float64(m.Dy()))
	return along.times(min(1, across/max(1, along.length()))), ok
}

// visible is how much is to be seen of a line from one corner to the next, from 0 to 1, where these pieces and none before them are
// hidden; rest are those that reach beyond.
func visible(corner uint32, hidden []piece) (seen float64, rest []piece) {
	from, to := corner*step, (corner+1)*step
	left := uint32(step)
	for len(hidden) > 0 && hidden[0].from < to {
		if h := hidden[0]; h.to > from {
			left -= min(h.to, to) - max(h.from, from)
		}
		if hidden[0].to > to {
			break
		}
		hidden = hidden[1:]
	}
	return float64(left) / step, hidden
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
	const letter, row = 2000, 50
	return math.Ceil(float64(utf8.RuneCountInString(text)) * (letter + row*height))
}
