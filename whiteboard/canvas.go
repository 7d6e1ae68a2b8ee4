package whiteboard

import (
	"image"
	"image/color"
	"image/draw"
	"math"
)

// Canvas draws marks and remembers them, so that only what has changed is drawn again. A hard one has no pixels
// that are half there: for screens where a window's shape is all that can be drawn; highlighters are every other row
// there. It is not safe for concurrent use.
type Canvas struct {
	Hard  bool
	Image *image.RGBA // colours multiplied by their alpha, as Go has it; replaced when the size changes

	marks []Mark
	mask  image.Alpha
}

// SetSize gives the canvas another size, and forgets what was on it.
func (c *Canvas) SetSize(width, height int) {
	c.Image = image.NewRGBA(image.Rect(0, 0, width, height))
	c.marks = nil
}

// Update makes the canvas show these marks and returns where it has changed.
func (c *Canvas) Update(marks []Mark) []image.Rectangle {
	changed := c.changed(marks)
	c.marks = marks
	for _, r := range changed {
		draw.Draw(c.Image, r, image.Transparent, image.Point{}, draw.Src)
		for i := range marks {
			c.draw(&marks[i], r)
		}
	}
	return changed
}

// Over draws what is on the canvas over a picture of the same size.
func (c *Canvas) Over(picture *image.RGBA) {
	var places []image.Rectangle
	for i := range c.marks {
		places = separate(places, c.marks[i].bounds)
	}
	for _, r := range places {
		draw.Draw(picture, r, c.Image, r.Min, draw.Over)
	}
}

// maxChanged is how many rectangles are drawn on their own; more become one.
const maxChanged = 16

// changed is where marks differ from those that are there; the rectangles do not overlap.
func (c *Canvas) changed(marks []Mark) []image.Rectangle {
	old := make(map[ID]*Mark, len(c.marks))
	for i := range c.marks {
		old[c.marks[i].ID] = &c.marks[i]
	}
	var list []image.Rectangle
	for i := range marks {
		before := old[marks[i].ID]
		switch {
		case before == nil:
			list = separate(list, marks[i].bounds)
		case !before.same(marks[i]):
			list = separate(list, marks[i].differs(*before))
		}
		delete(old, marks[i].ID)
	}
	for _, gone := range old {
		list = separate(list, gone.bounds)
	}
	kept := list[:0]
	for _, r := range list {
		if r = r.Intersect(c.Image.Rect); !r.Empty() {
			kept = append(kept, r)
		}
	}
	return kept
}

// separate adds a rectangle to others, joining it with those that it overlaps.
func separate(list []image.Rectangle, add image.Rectangle) []image.Rectangle {
	if add.Empty() {
		return list
	}
	for i := 0; i < len(list); {
		if list[i].Overlaps(add) || len(list) >= maxChanged {
			add = add.Union(list[i])
			list[i] = list[len(list)-1]
			list = list[:len(list)-1]
			i = 0
			continue
		}
		i++
	}
	return append(list, add)
}

// draw draws what of a mark lies in a rectangle.
func (c *Canvas) draw(m *Mark, within image.Rectangle) {
	r := m.bounds.Intersect(within)
	if r.Empty() {
		return
	}
	mask := c.empty(r)
	switch {
	case m.spot:
		c.drawSpot(m, mask)
		return
	case m.text != "":
		coverText(mask, m.text, m.at, m.height)
	}
	for _, line := range m.lines {
		coverLine(mask, line, m.radius)
	}
	c.blend(mask, m.Color, m.Kind == Highlighter)
	if m.text != "" {
		c.drawPictures(m.text, m.at, m.height, r)
	}
}

// empty is a mask for a rectangle, which is used again for the next one.
func (c *Canvas) empty(r image.Rectangle) *image.Alpha {
	if n := r.Dx() * r.Dy(); cap(c.mask.Pix) < n {
		c.mask.Pix = make([]byte, n)
	} else {
		c.mask.Pix = c.mask.Pix[:n]
		clear(c.mask.Pix)
	}
	c.mask.Rect, c.mask.Stride = r, r.Dx()
	return &c.mask
}

// blend colours what a mask covers.
func (c *Canvas) blend(mask *image.Alpha, ink Color, through bool) {
	r := mask.Rect
	if c.Hard {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			row := mask.Pix[(y-r.Min.Y)*mask.Stride:][:r.Dx()]
			for i, v := range row {
				row[i] = 0
				if v >= 128 && !(through && y%2 != 0) {
					row[i] = 255
				}
			}
		}
	}
	alpha := uint8(255)
	if through && !c.Hard {
		alpha = 96
	}
	source := image.NewUniform(color.NRGBA{ink.R, ink.G, ink.B, alpha})
	draw.DrawMask(c.Image, r, source, image.Point{}, mask, r.Min, draw.Over)
}

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
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := mask.Pix[(y-mask.Rect.Min.Y)*mask.Stride:]
		middle := float64(y) + 0.5
		from, to := rowSpan(a, b, middle, radius+0.5)
		full, fullEnd := rowSpan(a, b, middle, radius-0.5)
		start, end := max(r.Min.X, int(math.Floor(from-0.5))), min(r.Max.X, int(math.Ceil(to+0.5)))
		for x := start; x < end; x++ {
			at := float64(x) + 0.5
			i := x - mask.Rect.Min.X
			if at >= full && at <= fullEnd {
				row[i] = 255
				continue
			}
			p := vec{at, middle}
			covered := radius + 0.5 - p.sub(closest(p, a, b)).length()
			if v := uint8(255 * max(0, min(1, covered))); v > row[i] {
				row[i] = v
			}
		}
	}
}

// rowSpan is from where to where the points of a row are nearer than a distance to the line from a to b; from is
// more than to where none are.
func rowSpan(a, b vec, y, distance float64) (from, to float64) {
	from, to = math.Inf(1), math.Inf(-1)
	if distance <= 0 {
		return from, to
	}
	for _, end := range []vec{a, b} { // the round ends
		if dy := y - end.y; math.Abs(dy) <= distance {
			half := math.Sqrt(distance*distance - dy*dy)
			from, to = min(from, end.x-half), max(to, end.x+half)
		}
	}
	along := b.sub(a)
	length := along.length()
	if length == 0 {
		return from, to
	}
	// The band between: two sides, moved outwards by the distance.
	out := vec{-along.y, along.x}.times(distance / length)
	for _, side := range []vec{out, out.times(-1)} {
		p, q := a.add(side), b.add(side)
		if p.y == q.y {
			if p.y == y {
				from, to = min(from, p.x, q.x), max(to, p.x, q.x)
			}
			continue
		}
		if t := (y - p.y) / (q.y - p.y); t >= 0 && t <= 1 {
			x := p.x + t*(q.x-p.x)
			from, to = min(from, x), max(to, x)
		}
	}
	// And its two ends, for rows that cross the band but not a side.
	for _, end := range []vec{a, b} {
		p, q := end.add(out), end.sub(out)
		if p.y == q.y {
			if p.y == y {
				from, to = min(from, p.x, q.x), max(to, p.x, q.x)
			}
			continue
		}
		if t := (y - p.y) / (q.y - p.y); t >= 0 && t <= 1 {
			x := p.x + t*(q.x-p.x)
			from, to = min(from, x), max(to, x)
		}
	}
	return from, to
}
