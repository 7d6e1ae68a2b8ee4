package whiteboard

import (
	"fmt"
	"slices"
	"sort"
)

// Begin starts an item of this program's author. For a text use Write.
func (p *Pad) Begin(style Style, place Place, at Point) (ID, error) {
	points := []Point{at}
	switch {
	case style.Kind == Eraser:
		points = nil
	case style.Kind.dragged():
		points = []Point{at, at}
	}
	return p.begin(op{kind: opBegin, style: style, place: place, points: points})
}

// Write puts a text on the board; its top left is at a point.
func (p *Pad) Write(style Style, place Place, at Point, text string) (ID, error) {
	style.Kind = Text
	text = cleanLine(text)
	for len(text) > MaxText {
		runes := []rune(text)
		text = string(runes[:len(runes)*MaxText/len(text)])
	}
	id, err := p.begin(op{kind: opBegin, style: style, place: place, points: []Point{at}, text: text})
	if err == nil {
		p.Finish(id)
	}
	return id, err
}

// Draw puts a whole item on the board at once.
func (p *Pad) Draw(style Style, place Place, points []Point) (ID, error) {
	if style.Kind.dragged() && len(points) != 2 {
		return ID{}, fmt.Errorf("whiteboard: this takes two points, not %d", len(points))
	}
	id, err := p.begin(op{kind: opBegin, style: style, place: place, points: points})
	if err == nil {
		p.Finish(id)
	}
	return id, err
}

func (p *Pad) begin(o op) (ID, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.me == 0 {
		return ID{}, ErrNotReady
	}
	o.style.Width = max(1, min(o.style.Width, MaxWidth))
	o.style.Life = max(0, min(o.style.Life, MaxLife))
	if len(o.points) > MaxPoints || !wellFormed(o) || slices.ContainsFunc(o.points, func(at Point) bool { return !at.valid() }) {
		return ID{}, fmt.Errorf("whiteboard: this cannot be drawn")
	}
	if p.busyLocked() {
		return ID{}, ErrFull
	}
	o.id = p.board.next(p.me)
	p.redo = nil
	return o.id, p.issueLocked(o)
}

// busyLocked tells whether a peer takes nothing for so long that no more is queued for it.
func (p *Pad) busyLocked() bool {
	return slices.ContainsFunc(p.links, func(l *Link) bool { return len(l.out) > maxWaiting })
}

// Extend adds points to a pen's, a highlighter's or a line, and moves the second corner of others. It does nothing
// for what has gone meanwhile.
func (p *Pad) Extend(id ID, points ...Point) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	item := p.board.items[id]
	if item == nil || item.Finished || len(points) == 0 {
		return nil
	}
	if p.busyLocked() {
		return ErrFull
	}
	return p.issueLocked(op{kind: opExtend, id: id, points: points})
}

// Finish ends an item. The time of one that goes by itself begins.
func (p *Pad) Finish(id ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if item := p.board.items[id]; item != nil && !item.Finished {
		_ = p.issueLocked(op{kind: opFinish, id: id}) // it is there
	}
}

// Erase moves an eraser, which Begin has started, straight from one point of its place to another, over everybody's
// items.
func (p *Pad) Erase(id ID, monitors []Monitor, from, to Point) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	eraser := p.board.items[id]
	if eraser == nil {
		return nil
	}
	var cuts []Cut
	room := MaxAllCuts - p.board.use(eraser.ID.Author).cuts
	for _, item := range p.board.sorted() {
		if item.Kind == Eraser || item.Removed {
			continue
		}
		a, b, radius, ok := across(eraser, item, monitors, from, to)
		if !ok {
			continue
		}
		for _, e := range erasedBy(item, a, b, radius) {
			if !covered(item.hidden, e) {
				cuts = append(cuts, Cut{item.ID, e.from, e.to})
			}
		}
		if len(cuts) > room {
			return ErrFull // at once: a board that is full of lines has millions of pieces
		}
	}
	if len(cuts) == 0 {
		return nil
	}
	return p.issueLocked(op{kind: opErase, id: id, cuts: cuts})
}

// covered tells whether a piece is hidden already.
func covered(hidden []piece, p piece) bool {
	i := sort.Search(len(hidden), func(i int) bool { return hidden[i].to >= p.to })
	return i < len(hidden) && hidden[i].from <= p.from
}

// across is an eraser's way in an item's own coordinates.
func across(eraser, item *Item, monitors []Monitor, from, to Point) (a, b vec, radius float64, ok bool) {
	here, ok1 := place(eraser.Place, monitors)
	there, ok2 := place(item.Place, monitors)
	if !ok1 || !ok2 {
		return a, b, 0, false
	}
	move := func(p Point) vec {
		v := here.at(vec{float64(p.X) / unit, float64(p.Y) / unit}).sub(there.corner)
		return vec{v.x / there.by.x, v.y / there.by.y}
	}
	return move(from), move(to), here.width(float64(eraser.Width)) / 2 / there.width(1), true
}

// Undo takes back the last of this program's own items; it tells whether there was one.
func (p *Pad) Undo() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	items := p.board.sorted()
	for _, item := range slices.Backward(items) {
		if item.ID.Author == p.me && item.Finished && !item.Removed {
			p.redo = append(p.redo, item.ID)
			return p.issueLocked(op{kind: opRemove, id: item.ID}) == nil
		}
	}
	return false
}

// Redo puts back what Undo last took, unless something was drawn since.
func (p *Pad) Redo() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.redo) > 0 {
		id := p.redo[len(p.redo)-1]
		p.redo = p.redo[:len(p.redo)-1]
		if p.board.items[id] != nil {
			return p.issueLocked(op{kind: opRestore, id: id}) == nil
		}
	}
	return false
}

// Clear takes everything off the board, whoever drew it.
func (p *Pad) Clear() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.me == 0 {
		return ErrNotReady
	}
	p.redo = nil
	return p.issueLocked(op{kind: opClear, id: p.board.next(p.me)})
}

// Point shows this program's pointer at a point, or hides it.
func (p *Pad) Point(place Place, at Point, on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.me == 0 || p.busyLocked() {
		return
	}
	o := op{kind: opPointer, id: ID{Author: p.me}, place: place, points: []Point{at}, on: on}
	p.pointLocked(o)
	for _, l := range p.links {
		l.giveLocked(o)
	}
	p.changeLocked()
}

func (p *Pad) pointLocked(o op) {
	before, was := p.spots[o.id.Author]
	switch {
	case !o.on:
		delete(p.spots, o.id.Author)
	case o.place.Size.X > 0 && o.place.Size.Y > 0 && (was || len(p.spots) < MaxAuthors):
		p.spots[o.id.Author] = spot{place: o.place, at: o.points[0], moved: p.now(), change: before.change + 1}
	}
}

// Items is a copy of what is on the board, the lowest first, without erasers and what was taken back.
func (p *Pad) Items() []Item {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := []Item{}
	for _, item := range p.board.sorted() {
		if item.Kind == Eraser || item.Removed {
			continue
		}
		visible := *item
		visible.Points = slices.Clone(item.Points)
		list = append(list, visible)
	}
	return list
}

// Person is an author; the zero Person if there is none.
func (p *Pad) Person(a Author) Person {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.people[a]
}

// CanUndo and CanRedo tell whether there is something.
func (p *Pad) CanUndo() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, item := range p.board.items {
		if item.ID.Author == p.me && item.Finished && !item.Removed {
			return true
		}
	}
	return false
}

// CanRedo tells whether Redo would do something.
func (p *Pad) CanRedo() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.redo, func(id ID) bool { return p.board.items[id] != nil })
}
