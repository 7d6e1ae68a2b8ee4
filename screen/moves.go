package screen

import (
	"bytes"
	"encoding/binary"
	"image"
)

// MoveFinder finds what of a picture was only moved: windows, of which the system tells, and scrolling, which shows in
// the pixels. What it finds need not be exact: the moves are carried out on the last picture, and a Comparer that looks
// at their targets, too, then finds whatever still differs. The zero value is ready. It does not allocate after the first pictures and is not safe
// for concurrent use.
type MoveFinder struct {
	table   [tableSize]rowEntry
	round   uint32
	shifts  map[int]int
	columns []columnMatch
	moves   []Move
}

const (
	// tableSize is the number of places for the hashes of one strip's rows: a power of two, twice what a 4K screen has.
	tableSize = 1 << 13
	// strip is the width in pixels of the strips whose rows are hashed.
	strip = 32
	// strips is how many of them are looked at.
	strips = 8
	// leastMove is the smallest area in pixels that is worth looking for a move in.
	leastMove = 100 * 50
	// maxFound is how many moves one update may have.
	maxFound = 8
)

type rowEntry struct {
	hash  uint64
	y     int32
	round uint32
	many  bool // several rows look like this
}

// columnMatch is how a column of tiles fits a shift.
type columnMatch struct {
	gained int // rows that have changed, and that the shift explains
	first  int
	after  int
}

// Find looks for moves from last to now within the dirty rectangles and carries them out on last. guesses are moves
// that may have been made; allowed tells whether the viewer has the pixels of a source. The result is valid until the
// next call.
func (f *MoveFinder) Find(last, now *Framebuffer, dirty []image.Rectangle, guesses []Move, allowed func(source image.Rectangle) bool) []Move {
	f.moves = f.moves[:0]
	if last == nil || last.Width != now.Width || last.Height != now.Height {
		return nil
	}
	for _, m := range guesses {
		if m, ok := f.confirm(last, now, m); ok && allowed(m.Source()) {
			f.carryOut(last, m)
		}
	}
	if len(f.moves) > 0 {
		return f.moves
	}
	for _, r := range dirty {
		r = r.Intersect(now.Bounds())
		if area(r) < leastMove || len(f.moves) >= maxFound {
			continue
		}
		if m, ok := f.scrolled(last, now, r); ok && allowed(m.Source()) {
			f.carryOut(last, m)
		}
	}
	return f.moves
}

func (f *MoveFinder) carryOut(last *Framebuffer, m Move) {
	last.Move(m)
	f.moves = append(f.moves, m)
}

// confirm clips a guess to the picture and looks at some of its rows: it must explain most of what has changed there.
func (f *MoveFinder) confirm(last, now *Framebuffer, m Move) (Move, bool) {
	by := m.From.Sub(m.To.Min)
	m.To = m.To.Intersect(now.Bounds()).Intersect(now.Bounds().Sub(by))
	m.From = m.To.Min.Add(by)
	if area(m.To) < leastMove || len(f.moves) >= maxFound {
		return m, false
	}
	const looks = 48
	gained, lost, changed := 0, 0, 0
	for i := range looks {
		y := m.To.Min.Y + (2*i+1)*m.To.Dy()/(2*looks)
		target, source := now.row(m.To.Min.X, m.To.Max.X, y), last.row(m.From.X, m.From.X+m.To.Dx(), y+by.Y)
		before := last.row(m.To.Min.X, m.To.Max.X, y)
		if bytes.Equal(target, before) {
			if !bytes.Equal(target, source) {
				lost++
			}
			continue
		}
		changed++
		if mostlyEqual(target, source) {
			gained++
		}
	}
	return m, changed >= 4 && gained*2 > changed && gained > 2*lost
}

// mostlyEqual compares rows in pieces; another window may cover some of them.
func mostlyEqual(a, b []byte) bool {
	const piece = 4 * 32
	equal, all := 0, 0
	for ; len(a) > 0; all++ {
		n := min(piece, len(a))
		if bytes.Equal(a[:n], b[:n]) {
			equal++
		}
		a, b = a[n:], b[n:]
	}
	return equal*4 >= all*3
}

// scrolled looks for a vertical shift of what is in a rectangle.
func (f *MoveFinder) scrolled(last, now *Framebuffer, r image.Rectangle) (Move, bool) {
	if r.Dx() < strip || r.Dy() < 24 {
		return Move{}, false
	}
	if f.shifts == nil {
		f.shifts = map[int]int{}
	}
	clear(f.shifts)
	n := min(strips, r.Dx()/strip)
	for i := range n {
		x := r.Min.X + (2*i+1)*r.Dx()/(2*n) - strip/2
		f.vote(last, now, image.Rect(max(x, r.Min.X), r.Min.Y, max(x, r.Min.X)+strip, r.Max.Y))
	}
	shift, votes := 0, 0
	for dy, v := range f.shifts {
		if v > votes || v == votes && dy < shift {
			shift, votes = dy, v
		}
	}
	if votes < 8 {
		return Move{}, false
	}
	return f.extent(last, now, r, shift)
}

// vote counts for each row of a strip that has changed and that was elsewhere before how far it has come.
func (f *MoveFinder) vote(last, now *Framebuffer, r image.Rectangle) {
	f.round++
	for y := r.Min.Y; y < r.Max.Y; y++ {
		e := f.entry(hashRow(last.row(r.Min.X, r.Max.X, y)))
		if e == nil {
			return
		}
		if e.round == f.round {
			e.many = true
			continue
		}
		e.y, e.round, e.many = int32(y), f.round, false
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := now.row(r.Min.X, r.Max.X, y)
		if bytes.Equal(row, last.row(r.Min.X, r.Max.X, y)) {
			continue
		}
		if e := f.entry(hashRow(row)); e != nil && e.round == f.round && !e.many {
			f.shifts[y-int(e.y)]++
		}
	}
}

// entry is the place of a hash in the table: one of this round with that hash, or one that is free, marked with the
// hash but not with the round.
func (f *MoveFinder) entry(hash uint64) *rowEntry {
	const tries = 64
	for i := range uint64(tries) {
		e := &f.table[(hash>>40+i)%tableSize]
		if e.round == f.round && e.hash != hash {
			continue
		}
		e.hash = hash
		return e
	}
	return nil
}

func hashRow(row []byte) uint64 {
	h := uint64(len(row))
	for len(row) >= 8 {
		h = (h ^ binary.LittleEndian.Uint64(row)&colourMask2) * 0x9e3779b97f4a7c15
		h ^= h >> 29
		row = row[8:]
	}
	return h * 0x9e3779b97f4a7c15
}

// extent finds the largest part of r that has come by dy, in whole columns of tiles.
func (f *MoveFinder) extent(last, now *Framebuffer, r image.Rectangle, dy int) (Move, bool) {
	to := image.Rect(r.Min.X, max(r.Min.Y, dy), r.Max.X, min(r.Max.Y, now.Height+dy))
	f.columns = f.columns[:0]
	best, total := 0, 0
	for x := to.Min.X; x < to.Max.X; x += tileSize {
		c := matchColumn(last, now, image.Rect(x, to.Min.Y, min(x+tileSize, to.Max.X), to.Max.Y), dy)
		f.columns = append(f.columns, c)
		best = max(best, c.gained)
		total += c.gained
	}
	if best < 8 {
		return Move{}, false
	}
	left, right := 0, len(f.columns)
	for f.columns[left].gained*8 < best {
		left++
	}
	for f.columns[right-1].gained*8 < best {
		right--
	}
	first, after := to.Max.Y, to.Min.Y
	for _, c := range f.columns[left:right] {
		if c.gained*8 >= best {
			first, after = min(first, c.first), max(after, c.after)
		}
	}
	m := Move{To: image.Rect(to.Min.X+left*tileSize, first, min(to.Min.X+right*tileSize, to.Max.X), after)}
	m.From = image.Pt(m.To.Min.X, m.To.Min.Y-dy)
	return m, !m.To.Empty() && m.Source().In(now.Bounds())
}

// matchColumn finds the run of rows where a shift explains most.
func matchColumn(last, now *Framebuffer, r image.Rectangle, dy int) columnMatch {
	const gap = 8 // rows that do not fit before a run ends
	var best, run columnMatch
	misses := gap + 1
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := now.row(r.Min.X, r.Max.X, y)
		if !bytes.Equal(row, last.row(r.Min.X, r.Max.X, y-dy)) {
			misses++
			continue
		}
		if misses > gap {
			run = columnMatch{first: y}
		}
		misses = 0
		run.after = y + 1
		if !bytes.Equal(row, last.row(r.Min.X, r.Max.X, y)) {
			run.gained++
		}
		if run.gained > best.gained || run.gained == best.gained && run.first == best.first {
			best = run
		}
	}
	return best
}
