package screen

import "image"

// maxRegionRects bounds a Region. Past it, rectangles are merged with those that grow least.
const maxRegionRects = 64

// Region is a bounded set of rectangles, for instance the parts of a desktop that may have changed. It
// never forgets a pixel that was added; when it gets full it covers more than was added. Its rectangles
// may overlap. The zero value is empty and ready; a Region does not allocate. It is not safe for
// concurrent use.
type Region struct {
	rects [maxRegionRects]image.Rectangle
	n     int
}

// Add puts a rectangle into the region. Empty ones are ignored.
func (g *Region) Add(r image.Rectangle) {
	for !r.Empty() {
		i := g.absorb(&r)
		if i < 0 {
			break
		}
		// r grew by a neighbour, which was taken out: the larger one may touch others in turn.
	}
	if r.Empty() {
		return
	}
	if g.n == maxRegionRects {
		i := g.cheapest(r)
		r = r.Union(g.rects[i])
		g.remove(i)
		g.Add(r)
		return
	}
	g.rects[g.n] = r
	g.n++
}

// absorb drops what r covers and joins r with one rectangle if both together are a rectangle. It returns
// that one's former place, or -1 when nothing is left to join. r becomes empty when it is covered already.
func (g *Region) absorb(r *image.Rectangle) int {
	for i := 0; i < g.n; i++ {
		q := g.rects[i]
		if r.In(q) {
			*r = image.Rectangle{}
			return i
		}
		if q.In(*r) {
			g.remove(i)
			i--
			continue
		}
		if joinable(*r, q) {
			*r = r.Union(q)
			g.remove(i)
			return i
		}
	}
	return -1
}

// joinable says whether the union of two rectangles holds nothing besides them.
func joinable(a, b image.Rectangle) bool {
	if a.Min.X == b.Min.X && a.Max.X == b.Max.X {
		return a.Min.Y <= b.Max.Y && b.Min.Y <= a.Max.Y
	}
	if a.Min.Y == b.Min.Y && a.Max.Y == b.Max.Y {
		return a.Min.X <= b.Max.X && b.Min.X <= a.Max.X
	}
	return false
}

// cheapest is the rectangle whose union with r covers the least that neither covers.
func (g *Region) cheapest(r image.Rectangle) int {
	best, least := 0, -1
	for i, q := range g.rects[:g.n] {
		if waste := area(r.Union(q)) - area(q); least < 0 || waste < least {
			best, least = i, waste
		}
	}
	return best
}

func (g *Region) remove(i int) {
	g.n--
	g.rects[i] = g.rects[g.n]
}

// AddRegion puts everything of another region into this one.
func (g *Region) AddRegion(other *Region) {
	for _, r := range other.Rects() {
		g.Add(r)
	}
}

// Rects is the region's own list of rectangles, valid until the region is changed.
func (g *Region) Rects() []image.Rectangle { return g.rects[:g.n] }

// Bounds is the smallest rectangle that covers the region.
func (g *Region) Bounds() image.Rectangle {
	var b image.Rectangle
	for _, r := range g.Rects() {
		b = b.Union(r)
	}
	return b
}

// Empty says whether nothing is in the region.
func (g *Region) Empty() bool { return g.n == 0 }

// Clear takes everything out.
func (g *Region) Clear() { g.n = 0 }

// Clip takes out what lies outside of bounds.
func (g *Region) Clip(bounds image.Rectangle) {
	kept := 0
	for _, r := range g.Rects() {
		if r = r.Intersect(bounds); !r.Empty() {
			g.rects[kept] = r
			kept++
		}
	}
	g.n = kept
}

func area(r image.Rectangle) int { return r.Dx() * r.Dy() }
