package whiteboard

import (
	"image"
	"math"
)

// Monitor is a monitor of the desktop that marks are drawn on.
type Monitor struct {
	Name   string
	Bounds image.Rectangle // in pixels of the desktop
}

// Mark is what is to be seen of an item or of a pointer, in pixels of the desktop.
type Mark struct {
	ID     ID
	Kind   Kind
	Color  Color
	Clip   image.Rectangle // the monitor
	change uint64          // marks of one ID with the same change and place are the same

	lines  [][]vec
	radius float64 // half the width of the lines
	text   string
	at     vec     // of the text's top left
	height float64 // of the text's line
	fonts  uint32  // which there were for the text
	spot   bool    // a pointer: a ring at "at", with a name
	bounds image.Rectangle
}

// monitorOf finds the monitor that a place names. A monitor that is gone takes its items with it, until it is
// back; where there is only one, everything is on that one.
func monitorOf(p Place, monitors []Monitor) (Monitor, bool) {
	for _, m := range monitors {
		if m.Name == p.Monitor {
			return m, true
		}
	}
	if len(monitors) == 1 {
		return monitors[0], true
	}
	return Monitor{}, false
}

// PlaceAt is the monitor under a position of the desktop, and the position on it. Positions beside all monitors
// belong to the first.
func PlaceAt(monitors []Monitor, x, y int) (Place, Point) {
	if len(monitors) == 0 {
		return Place{Size: image.Pt(1, 1)}, At(x, y)
	}
	m := monitors[0]
	for _, other := range monitors {
		if image.Pt(x, y).In(other.Bounds) {
			m = other
			break
		}
	}
	return Place{m.Name, m.Bounds.Size()}, At(x-m.Bounds.Min.X, y-m.Bounds.Min.Y)
}

// On is a position of the desktop as a point of a place, which need not be under it: a stroke that leaves its
// monitor still belongs to it.
func On(p Place, monitors []Monitor, x, y int) Point {
	m, ok := monitorOf(p, monitors)
	if !ok || m.Bounds.Empty() {
		return At(x, y)
	}
	scale := func(v, from, to int) int32 {
		return clampPoint(int(math.Round((float64(v) + 0.5) * unit * float64(to) / float64(from))))
	}
	return Point{scale(x-m.Bounds.Min.X, m.Bounds.Dx(), p.Size.X), scale(y-m.Bounds.Min.Y, m.Bounds.Dy(), p.Size.Y)}
}

// placing says how to get from a place to the desktop.
type placing struct {
	by     vec
	corner vec
	clip   image.Rectangle
}

func place(p Place, monitors []Monitor) (placing, bool) {
	m, ok := monitorOf(p, monitors)
	if !ok || m.Bounds.Empty() {
		return placing{}, false
	}
	size := m.Bounds.Size()
	by := vec{float64(size.X) / float64(p.Size.X), float64(size.Y) / float64(p.Size.Y)}
	if by.x > farthestScale || by.y > farthestScale {
		return placing{}, false
	}
	return placing{
		by: by, corner: vec{float64(m.Bounds.Min.X), float64(m.Bounds.Min.Y)}, clip: m.Bounds,
	}, true
}

func (p placing) at(v vec) vec { return vec{v.x * p.by.x, v.y * p.by.y}.add(p.corner) }

// width is how wide something becomes that was so wide.
func (p placing) width(w float64) float64 { return w * math.Sqrt(p.by.x*p.by.y) }

// markOf is how an item is seen on a desktop beside others that take some effort; ok is false where nothing is. It says what the
// mark takes, or would take if it is not ok because that would be too much.
func markOf(item *Item, monitors []Monitor, others effort) (mark Mark, takes effort, ok bool) {
	to, ok := place(item.Place, monitors)
	if !ok || item.Removed || item.Kind == Eraser {
		return mark, takes, false
	}
	mark = Mark{ID: item.ID, Kind: item.Kind, Color: item.Color, Clip: to.clip, change: item.change}
	if item.Kind == Text {
		if len(item.hidden) > 0 {
			return mark, takes, false
		}
		mark.text, mark.height = item.Text, to.width(float64(item.Width))
		if takes.ink = textInk(mark.text, mark.height); !others.plus(takes).fits() {
			return Mark{}, takes, false
		}
		mark.at = to.at(vec{float64(item.Points[0].X) / unit, float64(item.Points[0].Y) / unit})
		mark.fonts = fonts.generation.Load()
		width, height := measure(mark.text, mark.height)
		mark.bounds = around([]vec{mark.at, mark.at.add(vec{width, height})}, 2).Intersect(to.clip)
		return mark, takes, !mark.bounds.Empty()
	}
	mark.radius = max(0.5, to.width(float64(item.Width))/2)
	takes.parts = len(item.Points) + len(item.hidden) // at least
	takes.ink = lineInk(item, to, mark.radius, others.fine())
	if !others.plus(takes).fits() {
		return Mark{}, takes, false
	}
	mark.lines = pieces(item, others.fine())
	takes.parts = 0
	for _, line := range mark.lines {
		takes.parts += len(line)
		for i := range line {
			line[i] = to.at(line[i])
		}
		mark.bounds = mark.bounds.Union(around(line, mark.radius+1))
	}
	mark.bounds = mark.bounds.Intersect(to.clip)
	if !others.plus(takes).fits() {
		return Mark{}, takes, false
	}
	return mark, takes, !mark.bounds.Empty()
}

// around is the pixels that lie within a distance of any of the points' bounds.
func around(points []vec, distance float64) image.Rectangle {
	if len(points) == 0 {
		return image.Rectangle{}
	}
	least, most := points[0], points[0]
	for _, p := range points {
		least = vec{min(least.x, p.x), min(least.y, p.y)}
		most = vec{max(most.x, p.x), max(most.y, p.y)}
	}
	return image.Rect(int(math.Floor(least.x-distance)), int(math.Floor(least.y-distance)),
		int(math.Ceil(most.x+distance)), int(math.Ceil(most.y+distance)))
}

// Bounds is where the mark is.
func (m Mark) Bounds() image.Rectangle { return m.bounds }

// same tells whether two marks look the same.
func (m Mark) same(o Mark) bool {
	return m.change == o.change && m.ID == o.ID && m.Clip == o.Clip && m.bounds == o.bounds && m.radius == o.radius && m.fonts == o.fonts
}

// differs is where two marks of one item look different: all of both, or where lines have grown only their ends.
func (m Mark) differs(o Mark) image.Rectangle {
	whole := m.bounds.Union(o.bounds)
	if m.Clip != o.Clip || m.radius != o.radius || m.text != o.text || len(m.lines) != len(o.lines) || len(m.lines) == 0 {
		return whole
	}
	changed := image.Rectangle{}
	for i := range m.lines {
		a, b := m.lines[i], o.lines[i]
		same := 0
		for same < len(a) && same < len(b) && a[same] == b[same] {
			same++
		}
		if same == len(a) && same == len(b) {
			continue
		}
		same = max(0, same-1)
		changed = changed.Union(around(a[same:], m.radius+1)).Union(around(b[same:], m.radius+1))
	}
	return changed.Intersect(whole)
}
