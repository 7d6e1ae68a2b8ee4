package screen

import (
	"bytes"
	"encoding/binary"
	"image"
	"slices"
)

// MoveFinder finds what of a picture was only moved: windows, of which the system tells, and scrolling, which shows in
// the pixels. What it finds need not be exact: the moves are carried out on the last picture, and a Comparer that looks
// at their targets, too, then finds whatever still differs. The zero value is ready. It does not allocate after the first pictures and is not safe
// for concurrent use.
type MoveFinder struct {
	table   [tableSize]rowEntry
	round   uint32
	shifts  []int32     // votes for each shift, from -height on
	columns []int       // sampled pieces of each column or row of tiles that a shift explains
	hashes  [2][]uint64 // of the columns of a strip, before and now
	moves   []Move
	// rest is how many rectangles are not looked at for horizontal shifts; resting is how many it was the last time.
	rest, resting int
}

const (
	// tableSize is the number of places for the hashes of one strip's rows: a power of two, twice what a 4K screen has.
	tableSize = 1 << 13
	// strip is the width in pixels of the strips whose rows are hashed.
	strip = 32
	// strips is how many of them are looked at.
	strips = 4
	// sampled is the distance of rows that are looked at where not all are.
	sampled = 4
	// leastScrolled is the height in pixels from which on scrolling is looked for: more than a line in which is typed.
	leastScrolled = 48
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

// Find looks for moves from last to now within the dirty rectangles and carries them out on last. guesses are moves
// that may have been made; allowed tells whether the viewer has the pixels of a source. The result is valid until the
// next call.
func (f *MoveFinder) Find(last, now *Framebuffer, dirty []image.Rectangle, guesses []Move, allowed func(source image.Rectangle) bool) []Move {
	f.moves = f.moves[:0]
	if last == nil || last.Width != now.Width || last.Height != now.Height {
		return nil
	}
	f.tryGuesses(last, now, guesses, allowed)
	if len(f.moves) > 0 {
		return f.moves
	}
	for _, r := range dirty {
		r = r.Intersect(now.Bounds())
		if area(r) < leastMove || len(f.moves) >= maxFound {
			continue
		}
		m, ok := f.scrolled(last, now, r)
		if !ok {
			m, ok = f.sideways(last, now, r)
		}
		if ok && allowed(m.Source()) {
			f.carryOut(last, m)
		}
	}
	return f.moves
}

// tryGuesses carries out the best guess for each window; windows are told apart by their size.
func (f *MoveFinder) tryGuesses(last, now *Framebuffer, guesses []Move, allowed func(source image.Rectangle) bool) {
	for len(guesses) > 0 && len(f.moves) < maxFound {
		size := guesses[0].To.Size()
		n, best := 0, 0
		var chosen Move
		for n < len(guesses) && guesses[n].To.Size() == size {
			if m, gain := f.confirm(last, now, guesses[n]); gain > best && allowed(m.Source()) {
				chosen, best = m, gain
			}
			n++
		}
		guesses = guesses[n:]
		if best > 0 {
			f.carryOut(last, chosen)
		}
	}
}

func (f *MoveFinder) carryOut(last *Framebuffer, m Move) {
	last.Move(m)
	f.moves = append(f.moves, m)
}

// confirm clips a guess to the picture and looks at some of its rows: it must explain most of what has changed there.
// gain is how much, 0 that it does not.
func (f *MoveFinder) confirm(last, now *Framebuffer, m Move) (clipped Move, gain int) {
	by := m.From.Sub(m.To.Min)
	m.To = m.To.Intersect(now.Bounds()).Intersect(now.Bounds().Sub(by))
	m.From = m.To.Min.Add(by)
	if area(m.To) < leastMove {
		return m, 0
	}
	const looks, piece = 48, 4 * 16
	gained, lost, changed := 0, 0, 0
	for i := range looks {
		y := m.To.Min.Y + (2*i+1)*m.To.Dy()/(2*looks)
		target, source := now.row(m.To.Min.X, m.To.Max.X, y), last.row(m.From.X, m.From.X+m.To.Dx(), y+by.Y)
		before := last.row(m.To.Min.X, m.To.Max.X, y)
		for at := 0; at < len(target); at += piece {
			end := min(at+piece, len(target))
			fits := bytes.Equal(target[at:end], source[at:end])
			if bytes.Equal(target[at:end], before[at:end]) {
				if !fits {
					lost++
				}
				continue
			}
			changed++
			if fits {
				gained++
			}
		}
	}
	if changed < looks/2 || gained*2 <= changed || gained <= 2*lost {
		return m, 0
	}
	return m, gained - lost
}

// scrolled looks for a vertical shift of what is in a rectangle.
func (f *MoveFinder) scrolled(last, now *Framebuffer, r image.Rectangle) (Move, bool) {
	if r.Dx() < strip || r.Dy() < leastScrolled {
		return Move{}, false
	}
	if len(f.shifts) < 2*now.Height {
		f.shifts = make([]int32, 2*now.Height)
	}
	clear(f.shifts)
	n := min(strips, r.Dx()/strip)
	for i := range n {
		x := r.Min.X + (2*i+1)*r.Dx()/(2*n) - strip/2
		f.vote(last, now, image.Rect(max(x, r.Min.X), r.Min.Y, max(x, r.Min.X)+strip, r.Max.Y))
	}
	shift, votes := 0, int32(0)
	for i, v := range f.shifts[:2*now.Height] {
		if v > votes {
			shift, votes = i-now.Height, v
		}
	}
	if votes < 8 {
		return Move{}, false
	}
	return f.extent(last, now, r, shift)
}

// vote counts for each row of a strip that has changed and that was elsewhere before how far it has come.
func (f *MoveFinder) vote(last, now *Framebuffer, r image.Rectangle) {
	if unchanged(last, now, r) {
		return
	}
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
			f.shifts[y-int(e.y)+now.Height]++
		}
	}
}

// unchanged looks at some rows only.
func unchanged(last, now *Framebuffer, r image.Rectangle) bool {
	for y := r.Min.Y; y < r.Max.Y; y += sampled {
		if !bytes.Equal(now.row(r.Min.X, r.Max.X, y), last.row(r.Min.X, r.Max.X, y)) {
			return false
		}
	}
	return true
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

// extent finds the part of r that has come by dy, in whole columns of tiles, from samples.
func (f *MoveFinder) extent(last, now *Framebuffer, r image.Rectangle, dy int) (Move, bool) {
	to := image.Rect(r.Min.X, max(r.Min.Y, dy), r.Max.X, min(r.Max.Y, now.Height+dy))
	if to.Empty() {
		return Move{}, false
	}
	left, right := f.span(last, now, to, dy)
	if left >= right {
		return Move{}, false
	}
	to.Min.X, to.Max.X = to.Min.X+left*tileSize, min(to.Min.X+right*tileSize, to.Max.X)
	to.Min.Y, to.Max.Y = run(last, now, to, dy)
	m := Move{To: to, From: image.Pt(to.Min.X, to.Min.Y-dy)}
	return m, !to.Empty() && m.Source().In(now.Bounds())
}

// span is the columns of tiles from the first to after the last of which a shift explains a good part.
func (f *MoveFinder) span(last, now *Framebuffer, to image.Rectangle, dy int) (left, right int) {
	f.columns = f.columns[:0]
	for x := to.Min.X; x < to.Max.X; x += tileSize {
		f.columns = append(f.columns, 0)
	}
	for y := to.Min.Y; y < to.Max.Y; y += sampled {
		new, old, before := now.row(to.Min.X, to.Max.X, y), last.row(to.Min.X, to.Max.X, y), last.row(to.Min.X, to.Max.X, y-dy)
		for i := range f.columns {
			a, b := 4*i*tileSize, min(4*(i+1)*tileSize, len(new))
			if bytes.Equal(new[a:b], before[a:b]) && !bytes.Equal(new[a:b], old[a:b]) {
				f.columns[i]++
			}
		}
	}
	return bulk(f.columns)
}

// bulk is from the first to after the last of the counts that are at least an eighth of the highest; nothing when
// that is small.
func bulk(counts []int) (first, after int) {
	best := slices.Max(counts)
	if best < 3 {
		return 0, 0
	}
	after = len(counts)
	for counts[first]*8 < best {
		first++
	}
	for counts[after-1]*8 < best {
		after--
	}
	return first, after
}

// run is the longest run of rows, small gaps allowed, that have come by dy, judged by some pieces of each.
func run(last, now *Framebuffer, to image.Rectangle, dy int) (first, after int) {
	const gap, pieces, piece = 8, 5, 48
	from, misses := to.Min.Y, gap+1
	for y := to.Min.Y; y < to.Max.Y; y++ {
		new, before := now.row(to.Min.X, to.Max.X, y), last.row(to.Min.X, to.Max.X, y-dy)
		fits := 0
		for i := range pieces {
			a := max(0, (2*i+1)*to.Dx()/(2*pieces)-piece/2) * 4
			b := min(a+4*piece, len(new))
			if bytes.Equal(new[a:b], before[a:b]) {
				fits++
			}
		}
		if fits*2 <= pieces {
			misses++
			continue
		}
		if misses > gap {
			from = y
		}
		misses = 0
		if y+1-from > after-first {
			first, after = from, y+1
		}
	}
	return first, after
}
