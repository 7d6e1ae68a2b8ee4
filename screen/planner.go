package screen

import (
	"image"
	"time"
)

const (
	// hotChanges is after how many changes in a row a tile with a photograph's colours counts as a moving picture.
	hotChanges = 4
	// leastHot is the area in pixels below which JPEG is not worth its header.
	leastHot = 4 * tileSize * tileSize
	// hotPause is the longest time between two changes in a row.
	hotPause = 250 * time.Millisecond
	// stillness is how long something lossy must not have changed before it is sent again without loss.
	stillness = 350 * time.Millisecond
	// losslessTime is how long the link may be busy with photographs that are sent without loss at once.
	losslessTime = 50 * time.Millisecond
	// photoBytes is about what a lossless photograph's pixel takes, in bytes.
	photoBytes = 1.1
)

// Budget is what the way to the viewer allows at the moment.
type Budget struct {
	Now time.Time
	// Rate is how many bytes a second the viewer gets, as far as is known; 0 is not known, or as many as wanted.
	Rate float64
	// Full says that what is hot must wait.
	Full bool
	// Loss allows what is lossy at all.
	Loss bool
	// Coarse says that pixels are sent with fewer colours for the time being, and owed in full.
	Coarse bool
}

// Planner decides how changes are sent. What is cold (typing, menus, windows) goes at once and without loss; what is
// hot (moving pictures) is sent whole, as JPEG, when the budget allows it, and without loss once it is still. It
// remembers what the viewer does not have yet (owed), or not exactly (lossy). The zero value is ready. It does not
// allocate after the first pictures, and is not safe for concurrent use.
type Planner struct {
	width, height int
	columns       int
	tiles         []tileState
	owing, losing int // tiles that are owed or lossy
	plan          Plan
	pieces        []image.Rectangle // of one call: changes that look like photographs
	hot           []image.Rectangle
}

// tileState is what is known of one tile. Rectangles are empty when there is nothing.
type tileState struct {
	changed time.Time       // when last
	changes uint8           // in a row
	large   bool            // the last one was of most of the tile
	owed    image.Rectangle // the viewer has older pixels here
	lossy   image.Rectangle // the viewer has something similar here
	blurred time.Time       // when it got that last
}

// exactAt is when what is lossy is due to be sent without loss. Where a tile is still within a moving picture, its last
// change may be long ago, but the viewer has just got it with the rest: exact pixels of the same moment would lie below.
func (t *tileState) exactAt() time.Time {
	if t.blurred.After(t.changed) {
		return t.blurred.Add(stillness)
	}
	return t.changed.Add(stillness)
}

// Reset forgets everything: the viewer will get the whole picture.
func (p *Planner) Reset() { p.width, p.height = 0, 0 }

func (p *Planner) resize(fb *Framebuffer) {
	if p.width == fb.Width && p.height == fb.Height {
		return
	}
	p.width, p.height = fb.Width, fb.Height
	p.columns = (fb.Width + tileSize - 1) / tileSize
	p.tiles = make([]tileState, p.columns*((fb.Height+tileSize-1)/tileSize))
	p.owing, p.losing = 0, 0
}

// Movable says whether the viewer has the pixels of a rectangle, be it approximately.
func (p *Planner) Movable(r image.Rectangle) bool {
	if p.owing == 0 {
		return true
	}
	movable := true
	p.eachTile(r, func(t *tileState, piece image.Rectangle) {
		if t.owed.Overlaps(piece) {
			movable = false
		}
	})
	return movable
}

// Plan decides about changes: moves that have been found, and rectangles of fb that have changed besides. The result
// is valid until the next call.
func (p *Planner) Plan(fb *Framebuffer, moves []Move, changed []image.Rectangle, b Budget) *Plan {
	p.resize(fb)
	p.plan.Reset()
	p.plan.Moves = append(p.plan.Moves, moves...)
	for _, m := range moves {
		p.moved(m, b)
	}
	p.pieces, p.hot = p.pieces[:0], p.hot[:0]
	for _, r := range changed {
		eachBand(r.Intersect(fb.Bounds()), func(band image.Rectangle) { p.cold(fb, band, b) })
	}
	p.photographs(fb, b)
	p.hotNow(fb, b)
	return &p.plan
}

// cold takes what is not like a photograph into the plan and leaves the rest in pieces.
func (p *Planner) cold(fb *Framebuffer, band image.Rectangle, b Budget) {
	var run image.Rectangle
	eachTile(band, func(piece image.Rectangle) {
		t := p.tile(piece.Min)
		p.touch(t, piece, b)
		if !t.owed.Empty() { // what was hot is owed with it
			piece = piece.Union(t.owed)
		}
		if examine(fb, piece) == contentPhoto {
			p.pieces = append(p.pieces, piece)
			p.plan.AddLossless(fb, run)
			run = image.Rectangle{}
			return
		}
		p.sent(t, piece, b)
		if !run.Empty() && besides(run, piece) {
			run.Max.X = piece.Max.X
			return
		}
		p.plan.AddLossless(fb, run)
		run = piece
	})
	p.plan.AddLossless(fb, run)
}

// photographs decides which of the pieces are hot.
func (p *Planner) photographs(fb *Framebuffer, b Budget) {
	total := 0
	for _, r := range p.pieces {
		total += area(r)
	}
	if total < leastHot && p.owing == 0 {
		b.Loss = false
	}
	heavy := b.Rate > 0 && float64(total)*photoBytes > b.Rate*losslessTime.Seconds()
	for _, r := range p.pieces {
		t := p.tile(r.Min)
		if b.Loss && (heavy || p.isHot(r.Min, b)) {
			p.owe(t, r)
			continue
		}
		p.sent(t, r, b)
		p.plan.Photos = append(p.plan.Photos, r)
	}
	p.plan.Photos = joinRows(p.plan.Photos)
}

// besides says whether r continues q on its right.
func besides(q, r image.Rectangle) bool {
	return q.Max.X == r.Min.X && q.Min.Y == r.Min.Y && q.Max.Y == r.Max.Y
}

// joinRows joins rectangles with those on their right, and then with those below.
func joinRows(list []image.Rectangle) []image.Rectangle {
	kept := list[:0]
	for _, r := range list {
		if n := len(kept); n > 0 && besides(kept[n-1], r) {
			kept[n-1].Max.X = r.Max.X
			continue
		}
		kept = append(kept, r)
	}
	return joinBands(kept)
}

// joinBands joins rectangles with those right below them.
func joinBands(list []image.Rectangle) []image.Rectangle {
	kept := list[:0]
	for _, r := range list {
		kept = joinAbove(kept, r, nil)
	}
	return kept
}

// hotNow sends everything owed if the budget allows it: whole, once, as it looks now.
func (p *Planner) hotNow(fb *Framebuffer, b Budget) {
	if p.owing == 0 || b.Full {
		return
	}
	covered := 0
	var all image.Rectangle
	for i := range p.tiles {
		if t := &p.tiles[i]; !t.owed.Empty() {
			p.hot = append(p.hot, t.owed)
			covered += area(t.owed)
			all = all.Union(t.owed)
		}
	}
	if area(all)*3 < covered*4 { // mostly one moving picture
		p.hot = append(p.hot[:0], all)
	}
	p.hot = joinRows(p.hot)
	p.plan.Lossy = append(p.plan.Lossy, p.hot...)
	for _, r := range p.hot {
		p.eachTile(r, func(t *tileState, piece image.Rectangle) {
			p.lose(t, piece, b)
			if t.owed.In(r) {
				p.settle(t)
			}
		})
	}
	p.plan.Quality = quality(b, covered)
}

// quality is that of JPEG such that a picture of so many pixels passes in about a frame's time.
func quality(b Budget, pixels int) int {
	if b.Rate <= 0 || pixels == 0 {
		return bestQuality
	}
	bits := b.Rate * 8 / 30 / float64(pixels) // a pixel, at 30 pictures a second
	switch {
	case bits >= 1.5:
		return bestQuality
	case bits >= 1:
		return 75
	case bits >= 0.6:
		return 60
	case bits >= 0.3:
		return 45
	default:
		return 30
	}
}

// bestQuality is what JPEG begins with.
const bestQuality = 85

// Refine adds to an empty or other plan of now what is lossy and has been still, at most about so many pixels.
func (p *Planner) Refine(fb *Framebuffer, b Budget, pixels int) *Plan {
	for i := range p.tiles {
		t := &p.tiles[i]
		if pixels <= 0 || p.losing == 0 {
			break
		}
		if t.lossy.Empty() || b.Now.Before(t.exactAt()) || !t.owed.Empty() {
			continue
		}
		pixels -= area(t.lossy)
		r := t.lossy
		p.clear(t)
		p.plan.AddLossless(fb, r)
	}
	return &p.plan
}

// Due is when the planner has something to send without any further change: what is owed as soon as the budget
// allows, what is lossy when it has been still for long enough; false: never.
func (p *Planner) Due() (time.Time, bool) {
	if p.owing > 0 {
		return time.Time{}, true
	}
	if p.losing == 0 {
		return time.Time{}, false
	}
	var first time.Time
	for i := range p.tiles {
		if t := &p.tiles[i]; !t.lossy.Empty() && (first.IsZero() || t.exactAt().Before(first)) {
			first = t.exactAt()
		}
	}
	return first, true
}

// Owing says whether something hot waits.
func (p *Planner) Owing() bool { return p.owing > 0 }

// moved takes a copy into account: what was only similar at the source is so at the target.
func (p *Planner) moved(m Move, b Budget) {
	if p.losing == 0 {
		return
	}
	similar := false
	p.eachTile(m.Source(), func(t *tileState, piece image.Rectangle) {
		similar = similar || t.lossy.Overlaps(piece)
	})
	p.eachTile(m.To, func(t *tileState, piece image.Rectangle) {
		if similar {
			p.lose(t, piece, b)
		}
	})
}

// touch notes a change.
func (p *Planner) touch(t *tileState, piece image.Rectangle, b Budget) {
	if t.changed.Equal(b.Now) { // another piece of the same tile
		t.large = t.large || 2*area(piece) > tileSize*tileSize
		return
	}
	if b.Now.Sub(t.changed) > hotPause {
		t.changes = 0
	}
	if t.changes < 255 {
		t.changes++
	}
	t.changed, t.large = b.Now, 2*area(piece) > tileSize*tileSize
}

// isHot says whether a tile that has just changed belongs to a moving picture: it, or one beside it, keeps changing for
// the most part. A text cursor or the edge of a window that is moved stays cold.
func (p *Planner) isHot(at image.Point, b Budget) bool {
	if p.tile(at).changes < hotChanges {
		return false
	}
	for y := at.Y - tileSize; y <= at.Y+tileSize; y += tileSize {
		for x := at.X - tileSize; x <= at.X+tileSize; x += tileSize {
			if x < 0 || y < 0 || x >= p.width || y >= p.height {
				continue
			}
			if t := p.tile(image.Pt(x, y)); t.large && t.changes >= hotChanges && t.changed.Equal(b.Now) {
				return true
			}
		}
	}
	return false
}

func (p *Planner) owe(t *tileState, r image.Rectangle) {
	if t.owed.Empty() {
		p.owing++
	}
	t.owed = t.owed.Union(r)
}

func (p *Planner) settle(t *tileState) {
	if !t.owed.Empty() {
		t.owed = image.Rectangle{}
		p.owing--
	}
}

// lose notes that the viewer gets something similar.
func (p *Planner) lose(t *tileState, r image.Rectangle, b Budget) {
	if r.Empty() {
		return
	}
	t.blurred = b.Now
	if t.lossy.Empty() {
		p.losing++
	}
	t.lossy = t.lossy.Union(r)
}

func (p *Planner) clear(t *tileState) {
	if !t.lossy.Empty() {
		t.lossy = image.Rectangle{}
		p.losing--
	}
}

// sent notes that the viewer gets a piece of a tile exactly, or as exactly as is possible for now.
func (p *Planner) sent(t *tileState, r image.Rectangle, b Budget) {
	if t.owed.In(r) {
		p.settle(t)
	}
	if t.lossy.In(r) {
		p.clear(t)
	}
	if b.Coarse {
		p.lose(t, r, b)
	}
}

func (p *Planner) tile(at image.Point) *tileState {
	return &p.tiles[at.Y/tileSize*p.columns+at.X/tileSize]
}

// eachTile calls fn with each tile that a rectangle touches, and what of it is in that tile.
func (p *Planner) eachTile(r image.Rectangle, fn func(t *tileState, piece image.Rectangle)) {
	eachBand(r.Intersect(image.Rect(0, 0, p.width, p.height)), func(band image.Rectangle) {
		eachTile(band, func(piece image.Rectangle) { fn(p.tile(piece.Min), piece) })
	})
}
