package whiteboard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Pad is one program's side of a board: the document, this program's author with undo, and the links to the
// others. All methods are safe for concurrent use, and none blocks but Link.Next.
type Pad struct {
	hub bool

	mu       sync.Mutex
	board    *Board
	me       Author // 0: the hub has not said yet
	people   map[Author]Person
	links    []*Link
	spots    map[Author]spot
	stamps   map[ID]stamp // a leaf's: what an item's look rests on
	shown    Shown        // a leaf's: what the picture has
	coming   []Shown      // a leaf's: what it will have with updates that are not painted yet, in order
	painted  uint32       // a leaf's: the last update of the picture that was painted
	expiring map[ID]time.Time
	redo     []ID
	changed  chan struct{} // closed and replaced with every change
	marks    map[ID]cachedMark
	effort   effort // of all of marks
	now      func() time.Time
}

// stamp is how many messages had been given and taken when an item last changed.
type stamp struct{ given, taken uint64 }

type cachedMark struct {
	mark     Mark
	ok       bool
	monitors []Monitor
	change   uint64
	takes    effort
	lacks    effort // what it would take, if there was no more room for it
}

// colors are the colours of authors, by their number: the customer's first.
var colors = []Color{Blue, Red, Green, Violet, Orange}

const hubAuthor Author = 1

// NewHub makes the side of the customer's program, to which the others connect.
func NewHub(name string) *Pad {
	p := newPad()
	p.hub, p.me = true, hubAuthor
	p.people[hubAuthor] = Person{hubAuthor, cleanName(name), colors[0]}
	return p
}

// NewLeaf makes the side of an operator's program and its link to the hub.
func NewLeaf() (*Pad, *Link) {
	p := newPad()
	return p, p.addLink(0)
}

func newPad() *Pad {
	return &Pad{
		board: newBoard(), people: map[Author]Person{}, spots: map[Author]spot{}, stamps: map[ID]stamp{},
		expiring: map[ID]time.Time{}, changed: make(chan struct{}), marks: map[ID]cachedMark{}, now: time.Now,
	}
}

func cleanName(name string) string {
	name = cleanLine(name)
	if runes := []rune(name); len(runes) > 40 {
		name = string(runes[:39]) + "…"
	}
	return name
}

// Changed is closed when the board, a pointer or what is shown has changed since the call.
func (p *Pad) Changed() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changed
}

func (p *Pad) changeLocked() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// Me is this program's author; ok is false until the hub has said who that is.
func (p *Pad) Me() (me Person, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.people[p.me], p.me != 0
}

// Link is the way to one peer.
type Link struct {
	pad     *Pad
	author  Author // the peer's, at a hub
	allowed bool   // at a hub: the peer may draw
	out     []byte // messages that wait
	given   uint64 // counted messages put into out
	taken   uint64 // counted messages from the peer
	refused bool   // something came without permission
	wake    chan struct{}
}

// maxWaiting is how many bytes may wait for a peer before nothing more can be drawn.
const maxWaiting = 4 << 20

func (p *Pad) addLink(author Author) *Link {
	l := &Link{pad: p, author: author, wake: make(chan struct{}, 1)}
	p.links = append(p.links, l)
	return l
}

// Join lets a peer in, at a hub: it is told who it is and what is on the board. It may not draw before Allow.
func (p *Pad) Join(name string) (*Link, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	author := hubAuthor + 1
	for p.people[author].Author != 0 || p.board.highest[author] != 0 {
		author++
	}
	if author > MaxAuthors {
		return nil, errors.New("whiteboard: too many have drawn on this board")
	}
	who := Person{author, cleanName(name), colors[(int(author)-1)%len(colors)]}
	p.people[author] = who
	l := p.addLink(author)
	for _, person := range p.people {
		l.giveLocked(op{kind: opAuthor, person: person, you: person.Author == author})
	}
	for _, other := range p.links {
		if other != l {
			other.giveLocked(op{kind: opAuthor, person: who})
		}
	}
	for _, o := range p.board.messages() {
		l.giveLocked(o)
	}
	return l, nil
}

// Leave forgets a peer's link, at a hub. What it has not finished is finished.
func (p *Pad) Leave(l *Link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.links = slices.DeleteFunc(p.links, func(other *Link) bool { return other == l })
	delete(p.spots, l.author)
	for _, item := range p.board.sorted() {
		if item.ID.Author == l.author && !item.Finished {
			p.issueLocked(op{kind: opFinish, id: item.ID})
		}
	}
	p.changeLocked()
}

// Allow says whether a peer may draw, at a hub. What it has drawn goes when it may no longer.
func (p *Pad) Allow(l *Link, allowed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.allowed == allowed {
		return
	}
	l.allowed = allowed
	if allowed {
		return
	}
	delete(p.spots, l.author)
	for _, item := range p.board.sorted() {
		if item.ID.Author == l.author {
			p.issueLocked(op{kind: opExpire, id: item.ID})
		}
	}
	p.changeLocked()
}

// giveLocked queues a message for the peer.
func (l *Link) giveLocked(o op) {
	l.out = o.appendTo(l.out)
	if o.kind.counted() {
		l.given++
	}
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Next waits for messages to the peer and takes all that wait, as one packet; see
// Split. One goroutine calls it.
func (l *Link) Next(ctx context.Context) ([]byte, error) {
	for {
		l.pad.mu.Lock()
		packet := l.out
		l.out = nil
		l.pad.mu.Unlock()
		if len(packet) > 0 {
			return packet, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-l.wake:
		}
	}
}

// Split cuts a packet between messages into ones of at most limit bytes, where single messages allow that.
func Split(packet []byte, limit int) [][]byte {
	var packets [][]byte
	start := 0
	r := &reader{data: packet}
	for end := 0; len(r.data) > 0 && !r.bad; {
		r.op()
		if next := len(packet) - len(r.data); next-start > limit && end > start {
			packets = append(packets, packet[start:end])
			start = end
		}
		end = len(packet) - len(r.data)
	}
	if start < len(packet) {
		packets = append(packets, packet[start:])
	}
	return packets
}

// Refused tells whether the peer has drawn without being allowed to since the last call.
func (l *Link) Refused() bool {
	l.pad.mu.Lock()
	defer l.pad.mu.Unlock()
	refused := l.refused
	l.refused = false
	return refused
}

// Take takes in a packet from the peer. An error, which is ErrRefused, says that the peer does not keep to the rules;
// what came before the offending message has been taken in.
func (l *Link) Take(packet []byte) error {
	ops, err := parse(packet)
	if err != nil {
		return err
	}
	p := l.pad
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.changeLocked()
	for _, o := range ops {
		if err := l.takeLocked(o); err != nil {
			return err
		}
	}
	return nil
}

func (l *Link) takeLocked(o op) error {
	p := l.pad
	if o.kind.counted() {
		l.taken++
	}
	if err := p.checkLocked(l, o); err != nil {
		return err
	}
	switch o.kind {
	case opAuthor:
		if len(p.people) >= MaxAuthors && p.people[o.person.Author].Author == 0 {
			return fmt.Errorf("%w: too many authors", ErrRefused)
		}
		p.people[o.person.Author] = o.person
		if o.you {
			p.me = o.person.Author
		}
		return nil
	case opShown:
		p.showLocked(o.shown)
		return nil
	case opPointer:
		if !p.hub || l.allowed {
			p.pointLocked(o)
			p.forwardLocked(l, o)
		}
		return nil
	}
	if p.hub && !l.allowed {
		return l.refuseLocked(o)
	}
	if err := p.board.apply(o); err != nil {
		if errors.Is(err, ErrFull) {
			err = fmt.Errorf("%w: %w", ErrRefused, err)
		}
		return err
	}
	p.stampLocked(o)
	p.forwardLocked(l, o)
	p.endLocked(o)
	return nil
}

// checkLocked tells whether a peer may send a message at all.
func (p *Pad) checkLocked(l *Link, o op) error {
	refuse := func() error { return fmt.Errorf("%w: message %d about %v", ErrRefused, o.kind, o.id) }
	if p.hub {
		if o.kind == opExpire || o.kind == opKnown || o.kind == opAuthor || o.kind == opShown || o.id.Author != l.author {
			return refuse()
		}
		return nil
	}
	if o.id.Author != 0 && o.id.Author == p.me && o.kind != opExpire && o.kind != opKnown {
		return refuse() // nobody but this program speaks for its author
	}
	return nil
}

// refuseLocked drops what a peer may not do, in such a way that its board comes to agree with this one.
func (l *Link) refuseLocked(o op) error {
	l.refused = true
	switch o.kind {
	case opBegin:
		if o.id.Clock <= l.pad.board.highest[o.id.Author] {
			return fmt.Errorf("%w: %v begins twice", ErrRefused, o.id)
		}
		if err := l.pad.board.note(o.id); err != nil {
			return err
		}
		expire := op{kind: opExpire, id: o.id}
		l.giveLocked(expire)
		for _, other := range l.pad.links {
			if other != l {
				other.giveLocked(op{kind: opKnown, id: o.id})
			}
		}
	case opClear:
		// The peer has emptied its own board in the moment before it learnt that it may not. What is dead there cannot
		// come back: it sees what others have drawn in the picture only.
		return l.pad.board.note(o.id)
	}
	return nil
}

// issueLocked carries out a message of this program's own, and gives it to everybody.
func (p *Pad) issueLocked(o op) error {
	if err := p.board.apply(o); err != nil {
		return err
	}
	for _, l := range p.links {
		l.giveLocked(o)
	}
	p.stampLocked(o)
	p.endLocked(o)
	p.changeLocked()
	return nil
}

func (p *Pad) forwardLocked(from *Link, o op) {
	if !p.hub {
		return
	}
	for _, l := range p.links {
		if l != from {
			l.giveLocked(o)
		}
	}
}

// stampLocked notes at a leaf what an item rests on.
func (p *Pad) stampLocked(o op) {
	if p.hub {
		return
	}
	l := p.links[0]
	now := stamp{l.given, l.taken}
	if item := p.board.items[o.id]; item != nil {
		p.stamps[o.id] = now
		if item.Kind == Eraser {
			for _, target := range p.board.targets(item) {
				p.stamps[target.ID] = now
			}
		}
	}
	for id := range p.stamps {
		if len(p.stamps) <= len(p.board.items) {
			break
		}
		if p.board.items[id] == nil {
			delete(p.stamps, id)
		}
	}
}

// endLocked starts the time of what has ended, at a hub.
func (p *Pad) endLocked(o op) {
	if item := p.board.items[o.id]; p.hub && item != nil && item.Finished && item.Life > 0 && o.kind == opFinish {
		p.expiring[o.id] = p.now().Add(time.Duration(item.Life) * time.Second)
	}
}

// Expire takes away, at a hub, what has had its time, and says when to call again; zero if nothing waits. Pointers
// that fade count, at leaves too; who calls it paints afterwards.
func (p *Pad) Expire() (next time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	sooner := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	due := []ID{}
	for id, at := range p.expiring {
		switch {
		case p.board.items[id] == nil:
			delete(p.expiring, id)
		case at.After(now):
			sooner(at)
		default:
			due = append(due, id)
		}
	}
	slices.SortFunc(due, ID.Compare)
	for _, id := range due {
		delete(p.expiring, id)
		_ = p.issueLocked(op{kind: opExpire, id: id}) // it is there
	}
	for author, s := range p.spots {
		switch left := s.strength(now); {
		case left == 0:
			delete(p.spots, author)
		case left < 1:
			s.change++
			p.spots[author] = s
			sooner(now.Add(fadeStep))
		default:
			sooner(s.moved.Add(spotStays))
		}
	}
	return next
}

// fadeStep is the time between two looks of a pointer that fades.
const fadeStep = 40 * time.Millisecond

// Tell tells a leaf what the screen shows, at a hub: the state that State gave, in this update of the picture. The zero
// state says that the screen shows nothing.
func (l *Link) Tell(state Shown, update uint32) {
	l.pad.mu.Lock()
	defer l.pad.mu.Unlock()
	if state != (Shown{}) {
		state.Update = update
	}
	l.giveLocked(op{kind: opShown, shown: state})
}

// State is what a link has seen of the board at a hub, for Tell. Ask for it before Marks: what is newer is shown
// too early at worst.
func (l *Link) State() Shown {
	l.pad.mu.Lock()
	defer l.pad.mu.Unlock()
	return Shown{Taken: l.taken, Given: l.given}
}

// Painted tells a leaf that the picture now has this update.
func (p *Pad) Painted(update uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.painted = update
	if p.arriveLocked() {
		p.changeLocked()
	}
}

// arriveLocked takes over what the painted picture has; it tells whether that is anything new. Numbers of updates wrap.
func (p *Pad) arriveLocked() (changed bool) {
	for len(p.coming) > 0 && int32(p.painted-p.coming[0].Update) >= 0 {
		p.shown, p.coming, changed = p.coming[0], p.coming[1:], true
	}
	return changed
}

// maxComing is how many states are kept until the picture has them; a peer that tells of more updates than ever are on
// their way loses the older ones.
const maxComing = 64

func (p *Pad) showLocked(s Shown) {
	if s == (Shown{}) {
		p.shown, p.coming = s, nil
		return
	}
	if len(p.coming) >= maxComing {
		p.coming = p.coming[1:]
	}
	p.coming = append(p.coming, s)
	p.arriveLocked()
}

// Marks is what is to be drawn on a desktop, the lowest first. At a leaf, what the picture shows already is left out, and
// so are pointers where the customer's screen shows them.
func (p *Pad) Marks(monitors []Monitor) []Mark {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, gone := range p.marks {
		if p.board.items[id] == nil {
			p.effort = p.effort.minus(gone.takes)
			delete(p.marks, id)
		}
	}
	var list []Mark
	for _, item := range p.board.sorted() {
		if s, ok := p.stamps[item.ID]; ok && p.shown != (Shown{}) && s.given <= p.shown.Taken && s.taken <= p.shown.Given {
			continue
		}
		if mark, ok := p.markLocked(item, monitors); ok {
			list = append(list, mark)
		}
	}
	if p.hub || p.shown == (Shown{}) {
		list = append(list, p.spotsLocked(monitors)...)
	}
	return list
}

func (p *Pad) markLocked(item *Item, monitors []Monitor) (Mark, bool) {
	if item.Kind == Text {
		fonts.want(item.Text, p.fontsCame)
	}
	cached, ok := p.marks[item.ID]
	fits := cached.lacks != (effort{}) && p.effort.plus(cached.lacks).fits()
	if ok && cached.change == item.change && slices.Equal(cached.monitors, monitors) && !fits {
		return cached.mark, cached.ok
	}
	others := p.effort.minus(cached.takes)
	cached = cachedMark{monitors: slices.Clone(monitors), change: item.change}
	cached.mark, cached.takes, cached.ok = markOf(item, monitors, others)
	if !others.plus(cached.takes).fits() {
		cached.takes, cached.lacks = effort{}, cached.takes
	}
	p.effort = others.plus(cached.takes)
	p.marks[item.ID] = cached
	return cached.mark, cached.ok
}

// fontsCame has texts drawn again with the letters that they lacked.
func (p *Pad) fontsCame() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.marks)
	p.effort = effort{}
	p.changeLocked()
}

func (p *Pad) spotsLocked(monitors []Monitor) []Mark {
	var list []Mark
	for author, s := range p.spots {
		fonts.want(p.people[author].Name, p.fontsCame)
		if mark, ok := spotMark(s, p.people[author], monitors, p.now()); ok {
			list = append(list, mark)
		}
	}
	slices.SortFunc(list, func(a, b Mark) int { return cmp.Compare(a.ID.Author, b.ID.Author) })
	return list
}
