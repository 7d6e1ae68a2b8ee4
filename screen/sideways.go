package screen

import (
	"bytes"
	"encoding/binary"
	"image"
)

// Sideways is as scrolled with rows and columns exchanged: spreadsheets, time lines, drawings and slides that are pushed
// to a side. Columns of pixels lie far from each other in memory, so they are hashed row by row, all columns of a
// strip at once.

// leastSide is the narrowest part in pixels that is looked at.
const leastSide = 64

// longestRest is how many rectangles are left out at most after one in which there was nothing.
const longestRest = 15

// sideways looks for a horizontal shift of what is in a rectangle. It is rarer than a vertical one, so after looking in
// vain it leaves out one rectangle, then three, and so on: films cost nothing.
func (f *MoveFinder) sideways(last, now *Framebuffer, r image.Rectangle) (Move, bool) {
	if r.Dx() < leastSide || r.Dy() < strip {
		return Move{}, false
	}
	if f.rest > 0 {
		f.rest--
		return Move{}, false
	}
	m, ok := f.shiftedSideways(last, now, r)
	if ok {
		f.resting = 0
	} else {
		f.resting = min(2*f.resting+1, longestRest)
	}
	f.rest = f.resting
	return m, ok
}

func (f *MoveFinder) shiftedSideways(last, now *Framebuffer, r image.Rectangle) (Move, bool) {
	if len(f.shifts) < 2*now.Width {
		f.shifts = make([]int32, 2*now.Width)
	}
	if len(f.hashes[0]) < now.Width {
		f.hashes[0], f.hashes[1] = make([]uint64, now.Width), make([]uint64, now.Width)
	}
	clear(f.shifts)
	n := min(strips, r.Dy()/strip)
	for i := range n {
		y := max(r.Min.Y+(2*i+1)*r.Dy()/(2*n)-strip/2, r.Min.Y)
		f.voteSideways(last, now, image.Rect(r.Min.X, y, r.Max.X, y+strip))
	}
	shift, votes := 0, int32(0)
	for i, v := range f.shifts[:2*now.Width] {
		if v > votes {
			shift, votes = i-now.Width, v
		}
	}
	if votes < 8 || shift == 0 {
		return Move{}, false
	}
	return f.extentSideways(last, now, r, shift)
}

// voteSideways counts for each column of a strip that has changed and that was elsewhere before how far it has come.
func (f *MoveFinder) voteSideways(last, now *Framebuffer, r image.Rectangle) {
	before, after := f.hashes[0][:r.Dx()], f.hashes[1][:r.Dx()]
	if !hashColumns(before, after, last, now, r) {
		return
	}
	f.round++
	for x, h := range before {
		e := f.entry(h)
		if e == nil {
			return
		}
		if e.round == f.round {
			e.many = true
			continue
		}
		e.y, e.round, e.many = int32(x), f.round, false
	}
	for x, h := range after {
		if h == before[x] {
			continue
		}
		if e := f.entry(h); e != nil && e.round == f.round && !e.many {
			f.shifts[x-int(e.y)+now.Width]++
		}
	}
}

// hashColumns fills in a hash of each column of a strip, as it was and as it is; false: nothing has changed there.
func hashColumns(before, after []uint64, last, now *Framebuffer, r image.Rectangle) bool {
	clear(before)
	clear(after)
	changed := false
	for y := r.Min.Y; y < r.Max.Y; y++ {
		old, new := last.row(r.Min.X, r.Max.X, y), now.row(r.Min.X, r.Max.X, y)
		changed = changed || !bytes.Equal(old, new)
		addColumns(before, old)
		addColumns(after, new)
	}
	return changed
}

func addColumns(hashes []uint64, row []byte) {
	for x := range hashes {
		h := (hashes[x] ^ uint64(binary.LittleEndian.Uint32(row[4*x:])&colourMask)) * 0x9e3779b97f4a7c15
		hashes[x] = h ^ h>>29
	}
}

// extentSideways finds the part of r that has come by dx, in whole rows of tiles, from samples.
func (f *MoveFinder) extentSideways(last, now *Framebuffer, r image.Rectangle, dx int) (Move, bool) {
	to := image.Rect(max(r.Min.X, dx), r.Min.Y, min(r.Max.X, now.Width+dx), r.Max.Y)
	if to.Dx() < leastSide {
		return Move{}, false
	}
	top, bottom := f.spanSideways(last, now, to, dx)
	if top >= bottom {
		return Move{}, false
	}
	to.Min.Y, to.Max.Y = to.Min.Y+top*tileSize, min(to.Min.Y+bottom*tileSize, to.Max.Y)
	to.Min.X, to.Max.X = runSideways(last, now, to, dx)
	m := Move{To: to, From: image.Pt(to.Min.X-dx, to.Min.Y)}
	return m, !to.Empty() && m.Source().In(now.Bounds())
}

// spanSideways is the rows of tiles from the first to after the last of which a shift explains a good part.
func (f *MoveFinder) spanSideways(last, now *Framebuffer, to image.Rectangle, dx int) (top, bottom int) {
	const piece = 4 * tileSize
	f.columns = f.columns[:0]
	for y := to.Min.Y; y < to.Max.Y; y++ {
		i := (y - to.Min.Y) / tileSize
		if i == len(f.columns) {
			f.columns = append(f.columns, 0)
		}
		if (y-to.Min.Y)%sampled != 0 {
			continue
		}
		new, old, before := now.row(to.Min.X, to.Max.X, y), last.row(to.Min.X, to.Max.X, y), last.row(to.Min.X-dx, to.Max.X-dx, y)
		for a := 0; a < len(new); a += piece {
			b := min(a+piece, len(new))
			if bytes.Equal(new[a:b], before[a:b]) && !bytes.Equal(new[a:b], old[a:b]) {
				f.columns[i]++
			}
		}
	}
	return bulk(f.columns)
}

// runSideways is the longest run of columns, in pieces and small gaps allowed, that have come by dx, judged by some rows.
func runSideways(last, now *Framebuffer, to image.Rectangle, dx int) (first, after int) {
	const piece, gap, rows = 16, 2, 24
	from, misses := to.Min.X, gap+1
	for x := to.Min.X; x < to.Max.X; x += piece {
		end := min(x+piece, to.Max.X)
		fits := 0
		for i := range rows {
			y := to.Min.Y + (2*i+1)*to.Dy()/(2*rows)
			if bytes.Equal(now.row(x, end, y), last.row(x-dx, end-dx, y)) {
				fits++
			}
		}
		if fits*4 < rows*3 {
			misses++
			continue
		}
		if misses > gap {
			from = x
		}
		misses = 0
		if end-from > after-first {
			first, after = from, end
		}
	}
	return first, after
}
