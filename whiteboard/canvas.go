package whiteboard

import (
	"image"
	"image/color"
	"image/draw"
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
	blendOver(c.Image, color.NRGBA{ink.R, ink.G, ink.B, alpha}, mask)
}
