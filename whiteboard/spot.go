package whiteboard

import (
	"image"
	"time"
)

// A pointer is a spot with its author's name that goes where the author points and fades when it rests.
const (
	spotStays = 1500 * time.Millisecond // at full size after the last movement
	spotFades = 600 * time.Millisecond
	spotSize  = 13.0 // radius of the ring in pixels
)

// spot is where an author points.
type spot struct {
	place  Place
	at     Point
	moved  time.Time
	change uint64
}

// strength is how much of a spot is left, from 1 to 0.
func (s spot) strength(now time.Time) float64 {
	rested := now.Sub(s.moved) - spotStays
	return max(0, min(1, 1-float64(rested)/float64(spotFades)))
}

// spotMark is how a pointer is seen; ok is false when it is no longer.
func spotMark(s spot, who Person, monitors []Monitor, now time.Time) (mark Mark, ok bool) {
	left := s.strength(now)
	to, found := place(s.place, monitors)
	if left == 0 || !found {
		return mark, false
	}
	at := to.at(vec{float64(s.at.X) / unit, float64(s.at.Y) / unit})
	mark = Mark{
		ID: ID{1<<64 - 1, who.Author}, Color: who.Color, Clip: to.clip, change: s.change, spot: true,
		at: at, radius: spotSize * left, text: who.Name, height: spotLetters, fonts: fonts.generation.Load(),
	}
	if left < 1 {
		mark.text = ""
	}
	mark.bounds = around([]vec{at}, mark.radius+3)
	if mark.text != "" {
		_, _, label := spotLabel(&mark)
		mark.bounds = mark.bounds.Union(label)
	}
	mark.bounds = mark.bounds.Intersect(to.clip)
	return mark, !mark.bounds.Empty()
}

const spotLetters = 18

// spotLabel is the middle line of the label beside a spot, from one end to the other.
func spotLabel(m *Mark) (from, to vec, bounds image.Rectangle) {
	width, height := measure(m.text, m.height)
	x := m.at.x + spotSize + 4 + height/2
	if x+width+height/2 > float64(m.Clip.Max.X) {
		x = m.at.x - spotSize - 4 - height/2 - width
	}
	from = vec{x, min(m.at.y+spotSize+height/2, float64(m.Clip.Max.Y)-height/2)}
	to = from.add(vec{width, 0})
	return from, to, around([]vec{from, to}, height/2+1)
}

// drawSpot draws a dot in a ring, and the name on a label.
func (c *Canvas) drawSpot(m *Mark, mask *image.Alpha) {
	r := mask.Rect
	part := func(ink Color, cover func(*image.Alpha)) {
		mask = c.empty(r)
		cover(mask)
		c.blend(mask, ink, false)
	}
	ring := func(radius float64) func(*image.Alpha) {
		return func(mask *image.Alpha) {
			coverPart(mask, m.at, m.at, radius+1.5)
			inner := image.NewAlpha(r)
			coverPart(inner, m.at, m.at, radius-1.5)
			for i, v := range inner.Pix {
				mask.Pix[i] -= min(v, mask.Pix[i])
			}
		}
	}
	part(White, ring(m.radius+1))
	part(m.Color, ring(m.radius-1))
	part(m.Color, func(mask *image.Alpha) { coverPart(mask, m.at, m.at, m.radius/3) })
	if m.text == "" {
		return
	}
	from, to, _ := spotLabel(m)
	part(m.Color, func(mask *image.Alpha) { coverPart(mask, from, to, m.height/2) })
	at := from.sub(vec{0, m.height / 2})
	part(White, func(mask *image.Alpha) { coverText(mask, m.text, at, m.height) })
	c.drawPictures(m.text, at, m.height, r)
}
