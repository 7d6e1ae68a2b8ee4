package whiteboard

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
)

// Board is the document. It is not safe for concurrent use; Pad is.
type Board struct {
	items   map[ID]*Item
	highest map[Author]uint64 // the latest clock of each author: what is before it and not there is dead
	clock   uint64            // the latest of all
	cleared ID                // what is before it is dead
	changes uint64            // counts up
	usage   map[Author]*usage
}

// usage is what an author has on the board.
type usage struct{ items, points, cuts int }

func newBoard() *Board {
	return &Board{items: map[ID]*Item{}, highest: map[Author]uint64{}, usage: map[Author]*usage{}}
}

func (b *Board) use(a Author) *usage {
	if b.usage[a] == nil {
		b.usage[a] = &usage{}
	}
	return b.usage[a]
}

// next is the ID for something new of an author.
func (b *Board) next(a Author) ID { return ID{b.clock + 1, a} }

// maxJump is how far a clock may be ahead of all others. Honest ones never are by more than one for each message
// that is on its way.
const maxJump = 1 << 20

// note remembers that an ID has existed. It fails for one that cannot be.
func (b *Board) note(id ID) error {
	if id.Author == 0 || id.Clock == 0 || id.Clock > b.clock+maxJump {
		return fmt.Errorf("%w: id %v", ErrRefused, id)
	}
	if _, known := b.highest[id.Author]; !known && len(b.highest) >= MaxAuthors {
		return fmt.Errorf("%w: too many authors", ErrRefused)
	}
	b.highest[id.Author] = max(b.highest[id.Author], id.Clock)
	b.clock = max(b.clock, id.Clock)
	return nil
}

// dead tells whether an ID that is not on the board once was or will never be; the other case is a mistake.
func (b *Board) dead(id ID) bool {
	return id.Clock <= b.highest[id.Author] || id.Compare(b.cleared) < 0
}

// apply carries out a message whose sender has been checked.
func (b *Board) apply(o op) error {
	switch o.kind {
	case opBegin:
		return b.begin(o)
	case opClear:
		if err := b.note(o.id); err != nil {
			return err
		}
		b.clear(o.id)
		return nil
	case opKnown:
		return b.note(o.id)
	case opErase:
		return b.erase(o)
	}
	item := b.items[o.id]
	if item == nil {
		if !b.dead(o.id) {
			return fmt.Errorf("%w: message about %v, which never was", ErrRefused, o.id)
		}
		return nil
	}
	switch o.kind {
	case opExtend:
		return b.extend(item, o.points)
	case opFinish:
		item.Finished = true
		b.touch(item)
	case opRemove, opRestore:
		item.Removed = o.kind == opRemove
		b.touch(item)
		b.recut(item)
	case opExpire:
		b.kill(item)
	}
	return nil
}

func (b *Board) begin(o op) error {
	if o.id.Clock <= b.highest[o.id.Author] {
		return fmt.Errorf("%w: %v begins twice", ErrRefused, o.id)
	}
	u := b.use(o.id.Author)
	if u.items >= MaxItems || u.points+len(o.points) > MaxAllPoints {
		return ErrFull
	}
	if err := b.note(o.id); err != nil {
		return err
	}
	if o.id.Compare(b.cleared) < 0 {
		return nil
	}
	u.items++
	u.points += len(o.points)
	item := &Item{ID: o.id, Style: o.style, Place: o.place, Points: slices.Clone(o.points), Text: o.text}
	b.items[o.id] = item
	b.touch(item)
	return nil
}

func (b *Board) extend(item *Item, points []Point) error {
	switch {
	case item.Finished || item.Kind == Text || item.Kind == Eraser:
		return fmt.Errorf("%w: %v does not grow", ErrRefused, item.ID)
	case item.Kind.dragged():
		item.Points[1] = points[len(points)-1]
		b.touch(item)
		return nil
	}
	u := b.use(item.ID.Author)
	if len(item.Points)+len(points) > MaxPoints || u.points+len(points) > MaxAllPoints {
		return ErrFull
	}
	u.points += len(points)
	item.Points = append(item.Points, points...)
	b.touch(item)
	return nil
}

// erase adds to an eraser what it takes. Pieces of what is dead are left out.
func (b *Board) erase(o op) error {
	eraser := b.items[o.id]
	if eraser == nil {
		if !b.dead(o.id) {
			return fmt.Errorf("%w: eraser %v never was", ErrRefused, o.id)
		}
		return nil
	}
	if eraser.Kind != Eraser || eraser.Finished {
		return fmt.Errorf("%w: %v does not erase", ErrRefused, o.id)
	}
	u := b.use(o.id.Author)
	if u.cuts+len(o.cuts) > MaxAllCuts {
		return ErrFull
	}
	for _, c := range o.cuts {
		target := b.items[c.Target]
		switch {
		case target == nil && !b.dead(c.Target), target != nil && target.Kind == Eraser:
			return fmt.Errorf("%w: erasing %v", ErrRefused, c.Target)
		case target == nil:
			continue
		}
		eraser.cuts = append(eraser.cuts, c)
		u.cuts++
		if i, found := slices.BinarySearchFunc(target.erased, eraser.ID, ID.Compare); !found {
			target.erased = slices.Insert(target.erased, i, eraser.ID)
		}
		if !eraser.Removed {
			target.hidden = hide(target.hidden, piece{c.From, c.To})
			b.touch(target)
		}
	}
	b.touch(eraser)
	return nil
}

// hide adds a piece to pieces that are ordered and apart.
func hide(pieces []piece, add piece) []piece {
	first := sort.Search(len(pieces), func(i int) bool { return pieces[i].to >= add.from })
	end := first
	for ; end < len(pieces) && pieces[end].from <= add.to; end++ {
		add.from, add.to = min(add.from, pieces[end].from), max(add.to, pieces[end].to)
	}
	return slices.Replace(pieces, first, end, add)
}

// recut finds again what is hidden of the items that an eraser names, after it was taken back or restored.
func (b *Board) recut(eraser *Item) {
	if eraser.Kind == Eraser {
		b.recutAll(b.targets(eraser))
	}
}

// recutAll finds again what is hidden of items. It looks at each cut of the erasers that name them once, since there may be many.
func (b *Board) recutAll(targets []*Item) {
	pieces, erasers := make(map[ID][]piece, len(targets)), map[ID]bool{}
	for _, target := range targets {
		pieces[target.ID] = nil
		for _, id := range target.erased {
			erasers[id] = true
		}
	}
	for id := range erasers {
		eraser := b.items[id]
		if eraser.Removed {
			continue
		}
		for _, c := range eraser.cuts {
			if list, ok := pieces[c.Target]; ok {
				pieces[c.Target] = append(list, piece{c.From, c.To})
			}
		}
	}
	for _, target := range targets {
		target.hidden = joined(pieces[target.ID])
		b.touch(target)
	}
}

// joined is pieces as hide would have them, one after the other.
func joined(pieces []piece) []piece {
	slices.SortFunc(pieces, func(a, b piece) int { return cmp.Compare(a.from, b.from) })
	var list []piece
	for _, p := range pieces {
		if last := len(list) - 1; last >= 0 && p.from <= list[last].to {
			list[last].to = max(list[last].to, p.to)
			continue
		}
		list = append(list, p)
	}
	return list
}

func (b *Board) targets(eraser *Item) []*Item {
	var list []*Item
	known := map[ID]bool{}
	for i, c := range eraser.cuts {
		if i > 0 && c.Target == eraser.cuts[i-1].Target || known[c.Target] {
			continue
		}
		known[c.Target] = true
		if t := b.items[c.Target]; t != nil {
			list = append(list, t)
		}
	}
	return list
}

// kill takes an item off the board for good.
func (b *Board) kill(item *Item) {
	b.forget(item)
	if item.Kind == Eraser {
		targets := b.targets(item)
		for _, target := range targets {
			target.erased = slices.DeleteFunc(target.erased, func(id ID) bool { return id == item.ID })
		}
		b.recut(item)
		return
	}
	for _, id := range item.erased {
		eraser := b.items[id]
		before := len(eraser.cuts)
		eraser.cuts = slices.DeleteFunc(eraser.cuts, func(c Cut) bool { return c.Target == item.ID })
		b.use(id.Author).cuts -= before - len(eraser.cuts)
	}
}

// forget takes an item out of the list, and out of what its author has on the board. What names it still does.
func (b *Board) forget(item *Item) {
	u := b.use(item.ID.Author)
	u.items--
	u.points -= len(item.Points)
	u.cuts -= len(item.cuts)
	delete(b.items, item.ID)
	b.changes++
}

func (b *Board) clear(id ID) {
	if id.Compare(b.cleared) <= 0 {
		return
	}
	b.cleared = id
	for _, item := range b.items {
		if item.ID.Compare(id) < 0 {
			b.forget(item)
		}
	}
	// What stays was drawn at the same time elsewhere.
	gone := func(id ID) bool { return b.items[id] == nil }
	var whole []*Item
	for _, item := range b.sorted() {
		before := len(item.cuts)
		item.cuts = slices.DeleteFunc(item.cuts, func(c Cut) bool { return gone(c.Target) })
		b.use(item.ID.Author).cuts -= before - len(item.cuts)
		if erasers := len(item.erased); erasers > 0 {
			if item.erased = slices.DeleteFunc(item.erased, gone); len(item.erased) < erasers {
				whole = append(whole, item)
			}
		}
	}
	b.recutAll(whole)
}

func (b *Board) touch(item *Item) {
	b.changes++
	item.change = b.changes
}

// sorted is all items, the lowest first.
func (b *Board) sorted() []*Item {
	list := make([]*Item, 0, len(b.items))
	for _, item := range b.items {
		list = append(list, item)
	}
	slices.SortFunc(list, func(x, y *Item) int { return x.ID.Compare(y.ID) })
	return list
}

// messages are messages that make an empty board equal to this one.
func (b *Board) messages() []op {
	var list []op
	for author, clock := range b.highest {
		list = append(list, op{kind: opKnown, id: ID{clock, author}})
	}
	slices.SortFunc(list, func(x, y op) int { return x.id.Compare(y.id) })
	known := list
	list = nil
	if b.cleared != (ID{}) {
		list = append(list, op{kind: opClear, id: b.cleared})
	}
	var late []op
	for _, item := range b.sorted() {
		list = append(list, op{kind: opBegin, id: item.ID, style: item.Style, place: item.Place, text: item.Text, points: item.Points})
		if len(item.cuts) > 0 {
			late = append(late, op{kind: opErase, id: item.ID, cuts: item.cuts})
		}
		if item.Finished {
			late = append(late, op{kind: opFinish, id: item.ID})
		}
		if item.Removed {
			late = append(late, op{kind: opRemove, id: item.ID})
		}
	}
	return slices.Concat(list, late, known)
}
