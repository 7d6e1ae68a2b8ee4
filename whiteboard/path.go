package whiteboard

import "math"

// vec is a position in pixels.
type vec struct{ x, y float64 }

func (a vec) add(b vec) vec            { return vec{a.x + b.x, a.y + b.y} }
func (a vec) sub(b vec) vec            { return vec{a.x - b.x, a.y - b.y} }
func (a vec) times(f float64) vec      { return vec{a.x * f, a.y * f} }
func (a vec) length() float64          { return math.Hypot(a.x, a.y) }
func (a vec) mix(b vec, t float64) vec { return a.add(b.sub(a).times(t)) }

// ellipseSides is how many straight sides stand for an ellipse.
const ellipseSides = 72

// outline is the corners of an item's line, from which places on it are counted. They are those of the monitor at
// the size at which the item was drawn.
func outline(item *Item) []vec {
	points := make([]vec, len(item.Points))
	for i, p := range item.Points {
		points[i] = vec{float64(p.X) / unit, float64(p.Y) / unit}
	}
	if !item.Kind.dragged() {
		return points
	}
	a, b := points[0], points[1]
	switch item.Kind {
	case Rectangle:
		return []vec{a, {b.x, a.y}, b, {a.x, b.y}, a}
	case Ellipse:
		middle, half := a.mix(b, 0.5), b.sub(a).times(0.5)
		around := make([]vec, 0, ellipseSides+1)
		for i := range ellipseSides + 1 {
			sin, cos := math.Sincos(2 * math.Pi * float64(i%ellipseSides) / ellipseSides)
			around = append(around, vec{middle.x + half.x*cos, middle.y + half.y*sin})
		}
		return around
	}
	return arrow(a, b, float64(item.Width))
}

// arrow is a line with two barbs at its end, in one go.
func arrow(a, b vec, width float64) []vec {
	along := b.sub(a)
	length := along.length()
	if length < 1 {
		return []vec{a, b}
	}
	barb := along.times(min(6+3*width, length/2) / length)
	turn := func(angle float64) vec {
		sin, cos := math.Sincos(angle)
		return b.sub(vec{barb.x*cos - barb.y*sin, barb.x*sin + barb.y*cos})
	}
	const spread = math.Pi / 6
	return []vec{a, b, turn(spread), b, turn(-spread)}
}

// curved tells whether an item's line is bent through its points.
func (k Kind) curved() bool { return k == Pen || k == Highlighter }

// on is the point of a line at a place, which is a number of a corner and the part of the way to the next.
func on(corners []vec, curve bool, place float64) vec {
	i := min(int(place), len(corners)-1)
	t := place - float64(i)
	if i == len(corners)-1 || t == 0 {
		return corners[i]
	}
	if !curve {
		return corners[i].mix(corners[i+1], t)
	}
	before, after := corners[max(i-1, 0)], corners[min(i+2, len(corners)-1)]
	return catmullRom(before, corners[i], corners[i+1], after, t)
}

// catmullRom is the uniform Catmull-Rom spline, which goes through all points, between b and c. Where the points
// are unevenly far apart its tangents are shortened, so that it makes no loops; where the line turns sharply, too, so
// that a corner stays one and nothing bulges out beside it.
func catmullRom(a, b, c, d vec, t float64) vec {
	chord := c.sub(b).length()
	tangent := func(from, at, to vec) vec {
		v := to.sub(from).times(0.5 * straight(at.sub(from), to.sub(at)))
		if l := v.length(); l > chord && l > 0 {
			v = v.times(chord / l)
		}
		return v
	}
	m0, m1 := tangent(a, b, c), tangent(b, c, d)
	t2 := t * t
	t3 := t2 * t
	return b.times(2*t3 - 3*t2 + 1).add(m0.times(t3 - 2*t2 + t)).add(c.times(-2*t3 + 3*t2)).add(m1.times(t3 - t2))
}

// How far a curve goes between two points, whose tangents are no longer than the straight way between them: it strays from that by a
// part of it at most, and is never faster than so many times.
const (
	bulge = 4 // t(1-t) of the tangents
	hurry = 2 // 6t(1-t) of the way, and |3t²-4t+1| and |3t²-2t| of the tangents
)

// straight is how little a line turns: 1 if not at all, 0 by a right angle or more.
func straight(in, out vec) float64 {
	lengths := in.length() * out.length()
	if lengths == 0 { // at an end
		return 1
	}
	return max(0, (in.x*out.x+in.y*out.y)/lengths)
}

// bend is how long the straight parts of a curve are, in pixels.
const bend = 4

// bends is how many straight parts stand for a curve between two points that are so far apart.
func bends(length float64) float64 {
	if length <= bend {
		return 1
	}
	return math.Ceil(min(length, 4000) / bend)
}

// flatten writes a piece of a line as straight parts, from one place to another. Those of curves are fewer by a coarseness.
func flatten(corners []vec, curve bool, coarse, from, to float64) []vec {
	line := []vec{on(corners, curve, from)}
	for at := from; at < to; {
		i := math.Floor(at)
		next := min(i+1, to)
		if curve {
			n := int(i)
			length := corners[min(n+1, len(corners)-1)].sub(corners[n]).length()
			if parts := max(1, math.Floor(bends(length)/coarse)); parts > 1 {
				next = min(next, (math.Floor((at-i)*parts+1e-9)+1)/parts+i)
			}
		}
		at = next
		line = append(line, on(corners, curve, at))
	}
	return line
}

// pieces is what is to be seen of an item's line, as straight parts: at most so many, and one more for each corner and each
// piece that is hidden.
func pieces(item *Item, most int) [][]vec {
	corners, curve := outline(item), item.Kind.curved()
	coarse := coarseness(corners, curve, most)
	last := uint32(len(corners)-1) * step
	var lines [][]vec
	show := func(from, to uint32) {
		lines = append(lines, flatten(corners, curve, coarse, float64(from)/step, float64(to)/step))
	}
	at := uint32(0)
	for _, h := range item.hidden {
		if h.from > at && at < last {
			show(at, min(h.from, last))
		}
		at = max(at, h.to)
	}
	if at < last || len(item.hidden) == 0 {
		show(at, last)
	}
	return lines
}

// erasedBy are the pieces of an item's line that come under an eraser of a radius, which moves straight from one
// position to another. All are at the size at which the item was drawn.
func erasedBy(item *Item, from, to vec, radius float64) []piece {
	corners := outline(item)
	reach := radius + float64(item.Width)/2
	if item.Kind == Text {
		width, height := textSize(item)
		box := corners[0].add(vec{width / 2, height / 2})
		near := closest(box, from, to)
		if math.Abs(near.x-box.x) <= radius+width/2 && math.Abs(near.y-box.y) <= radius+height/2 {
			return []piece{{0, step}}
		}
		return nil
	}
	if len(corners) == 1 {
		if corners[0].sub(closest(corners[0], from, to)).length() <= reach {
			return []piece{{0, step}}
		}
		return nil
	}
	return erasedPieces(item, corners, from, to, reach)
}

// erasedPieces walks along a line in steps of about a pixel, and past whatever is too far away at once.
func erasedPieces(item *Item, corners []vec, from, to vec, reach float64) []piece {
	var found []piece
	curve := item.Kind.curved()
	for i := range len(corners) - 1 {
		a, b := corners[i], corners[i+1]
		length := b.sub(a).length()
		speed := length // the way from place to place, at most
		if curve {
			speed *= hurry
		}
		if length > 0 && !near(a, b, from, to, reach+length/bulge*boolFloat(curve)) {
			continue
		}
		parts := int(max(1, min(step, math.Ceil(length))))
		for k := 0; k < parts; {
			at := float64(i) + (float64(k)+0.5)/float64(parts)
			p := on(corners, curve, at)
			far := p.sub(closest(p, from, to)).length() - reach
			if far > 0 {
				// No place that is nearer than this can be under the eraser either.
				k += max(1, int(min(far/(speed/float64(parts)+1e-9), step)))
				continue
			}
			start := uint32((float64(i) + float64(k)/float64(parts)) * step)
			end := uint32(math.Ceil((float64(i) + float64(k+1)/float64(parts)) * step))
			found = hide(found, piece{start, end})
			k++
		}
	}
	return found
}

func boolFloat(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// near tells whether two straight lines may come nearer to each other than reach.
func near(a, b, c, d vec, reach float64) bool {
	return min(a.x, b.x)-reach <= max(c.x, d.x) && min(c.x, d.x) <= max(a.x, b.x)+reach &&
		min(a.y, b.y)-reach <= max(c.y, d.y) && min(c.y, d.y) <= max(a.y, b.y)+reach
}

// closest is the point of the line from a to b that is nearest to p.
func closest(p, a, b vec) vec {
	ab := b.sub(a)
	square := ab.x*ab.x + ab.y*ab.y
	if square == 0 {
		return a
	}
	along := p.sub(a)
	return a.mix(b, max(0, min(1, (along.x*ab.x+along.y*ab.y)/square)))
}
