package whiteboard

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	testMonitors = []Monitor{{"left", image.Rect(0, 0, 800, 600)}, {"right", image.Rect(800, 0, 1600, 600)}}
	onLeft       = Place{"left", image.Pt(800, 600)}
	red          = Style{Kind: Pen, Color: Red, Width: DefaultWidth}
)

// network is a hub with leaves whose messages arrive when the test says so.
type network struct {
	t      testing.TB
	hub    *Pad
	leaves []*Pad
	links  []*Link    // of the hub, one for each leaf
	up     [][][]byte // packets on their way to the hub
	down   [][][]byte
}

func newNetwork(t testing.TB, leaves int) *network {
	n := &network{t: t, hub: NewHub("customer")}
	for i := range leaves {
		n.join(fmt.Sprint("operator ", i))
	}
	n.settle()
	return n
}

func (n *network) join(name string) {
	leaf, _ := NewLeaf()
	link, err := n.hub.Join(name)
	if err != nil {
		n.t.Fatal(err)
	}
	n.hub.Allow(link, true)
	n.leaves, n.links = append(n.leaves, leaf), append(n.links, link)
	n.up, n.down = append(n.up, nil), append(n.down, nil)
}

// take takes what waits at a link.
func take(l *Link) []byte {
	l.pad.mu.Lock()
	defer l.pad.mu.Unlock()
	packet := l.out
	l.out = nil
	return packet
}

// collect puts what was said on its way, message by message.
func (n *network) collect() {
	for i, leaf := range n.leaves {
		n.up[i] = append(n.up[i], Split(take(leaf.links[0]), 0)...)
		n.down[i] = append(n.down[i], Split(take(n.links[i]), 0)...)
	}
}

func (n *network) deliver(i int, up bool) {
	n.collect()
	queue, link := &n.down[i], n.leaves[i].links[0]
	if up {
		queue, link = &n.up[i], n.links[i]
	}
	if len(*queue) == 0 {
		return
	}
	packet := (*queue)[0]
	*queue = (*queue)[1:]
	if err := link.Take(packet); err != nil {
		n.t.Fatalf("leaf %d, to the hub: %v: %v", i, up, err)
	}
}

// settle delivers everything.
func (n *network) settle() {
	for busy := true; busy; {
		busy = false
		n.collect()
		for i := range n.leaves {
			for _, up := range []bool{true, false} {
				for len(n.up[i]) > 0 && up || len(n.down[i]) > 0 && !up {
					busy = true
					n.deliver(i, up)
				}
			}
		}
	}
}

func (n *network) pads() []*Pad { return append([]*Pad{n.hub}, n.leaves...) }

// contents is a board as something that can be compared.
func contents(p *Pad) map[string]any {
	all := map[string]any{}
	for _, item := range p.board.sorted() {
		copied := *item
		copied.change = 0
		copied.cuts = nil
		if len(copied.hidden) == 0 {
			copied.hidden = nil
		}
		if len(copied.erased) == 0 {
			copied.erased = nil
		}
		all[fmt.Sprint(item.ID)] = fmt.Sprintf("%+v", copied)
	}
	return all
}

func (n *network) compare() {
	n.t.Helper()
	want := contents(n.hub)
	for i, leaf := range n.leaves {
		if got := contents(leaf); !reflect.DeepEqual(got, want) {
			n.t.Fatalf("the board of leaf %d is\n%v\nthat of the hub\n%v", i, got, want)
		}
	}
}

// TestBoardsAreEqualInTheEnd lets a customer and operators edit at the same time, with messages that arrive at any
// time, and wants equal boards when all have arrived; a late joiner has the same.
func TestBoardsAreEqualInTheEnd(t *testing.T) {
	items := 0
	for seed := range uint64(1000) {
		items += interleave(t, rand.New(rand.NewPCG(seed, 9)))
	}
	if items < 3000 {
		t.Errorf("the boards have only %d items", items)
	}
	rapid.Check(t, func(rt *rapid.T) {
		interleave(t, rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1)))
	})
}

// interleave returns how many items are on the boards in the end.
func interleave(t testing.TB, random *rand.Rand) int {
	n := newNetwork(t, 1+random.IntN(3))
	open := make([]ID, len(n.leaves)+1)
	for range 20 + random.IntN(120) {
		if who := random.IntN(len(n.leaves)); random.IntN(3) > 0 {
			n.deliver(who, random.IntN(2) == 0)
			continue
		}
		who := random.IntN(len(n.leaves) + 1)
		edit(n.pads()[who], &open[who], random)
		if random.IntN(40) == 0 {
			n.hub.Allow(n.links[random.IntN(len(n.links))], random.IntN(2) == 0)
		}
	}
	for _, link := range n.links { // a clearing without permission is the one thing that cannot be taken back
		n.hub.Allow(link, true)
	}
	n.settle()
	n.join("late")
	n.settle()
	n.compare()
	return len(n.hub.board.items)
}

func edit(p *Pad, open *ID, random *rand.Rand) {
	at := func() Point { return At(random.IntN(300), random.IntN(300)) }
	kind := Kind(1 + random.IntN(int(kinds)-1))
	switch item := p.board.items[*open]; {
	case item != nil && !item.Finished && random.IntN(4) > 0:
		if item.Kind == Eraser {
			_ = p.Erase(*open, testMonitors, at(), at())
			return
		}
		_ = p.Extend(*open, at(), at())
		return
	case item != nil && !item.Finished:
		p.Finish(*open)
		return
	}
	switch random.IntN(14) {
	case 0:
		p.Undo()
	case 1:
		p.Redo()
	case 2:
		if p.hub {
			_ = p.Clear()
		}
	case 3:
		_, _ = p.Write(Style{Color: Blue, Width: 20}, onLeft, at(), "text")
	default:
		if kind != Text {
			*open, _ = p.Begin(Style{Kind: kind, Color: Red, Width: 1 + random.IntN(60), Life: 5 * random.IntN(2)}, onLeft, at())
		}
	}
}

// TestAnyoneClears is interleave's missing case: operators who may draw clear the board at any time.
func TestAnyoneClears(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 3))
		n := newNetwork(t, 2)
		open := make([]ID, 3)
		for range 60 {
			who := random.IntN(3)
			edit(n.pads()[who], &open[who], random)
			n.deliver(random.IntN(2), random.IntN(2) == 0)
			if random.IntN(10) == 0 {
				_ = n.leaves[random.IntN(2)].Clear()
			}
		}
		n.settle()
		n.compare()
	}
}

func TestUndoTakesOnlyOnesOwn(t *testing.T) {
	n := newNetwork(t, 1)
	leaf := n.leaves[0]
	mine, _ := leaf.Draw(red, onLeft, []Point{At(1, 1), At(9, 9)})
	n.settle()
	theirs, _ := n.hub.Draw(red, onLeft, []Point{At(1, 9), At(9, 1)})
	n.settle()
	if !leaf.Undo() || leaf.Undo() {
		t.Error("undo does not take exactly one")
	}
	n.settle()
	if items := n.hub.Items(); len(items) != 1 || items[0].ID != theirs {
		t.Errorf("left are %v", items)
	}
	if !leaf.Redo() || leaf.Redo() {
		t.Error("redo does not give exactly one back")
	}
	n.settle()
	if items := n.hub.Items(); len(items) != 2 || items[0].ID != mine {
		t.Errorf("there are %v", items)
	}
	n.compare()
}

func TestTheEraserSplitsAStroke(t *testing.T) {
	n := newNetwork(t, 1)
	leaf := n.leaves[0]
	var points []Point
	for x := 0; x <= 100; x += 5 {
		points = append(points, At(100+x, 100))
	}
	stroke, _ := leaf.Draw(red, onLeft, points)
	n.settle()
	eraser, _ := n.hub.Begin(Style{Kind: Eraser, Width: 16}, onLeft, Point{})
	if err := n.hub.Erase(eraser, testMonitors, At(150, 80), At(150, 120)); err != nil {
		t.Fatal(err)
	}
	n.hub.Finish(eraser)
	n.settle()
	n.compare()
	for _, p := range n.pads() {
		marks := p.Marks(testMonitors)
		if len(marks) != 1 || len(marks[0].lines) != 2 {
			t.Fatalf("the stroke %v is now %+v", stroke, marks)
		}
		if end := marks[0].lines[0][len(marks[0].lines[0])-1].x; end < 136 || end > 143 {
			t.Errorf("the left piece ends at %v", end)
		}
	}
	n.hub.Undo()
	n.settle()
	if marks := leaf.Marks(testMonitors); len(marks[0].lines) != 1 {
		t.Errorf("after undo there are %d pieces", len(marks[0].lines))
	}
}

func TestStrokesGoByThemselves(t *testing.T) {
	for _, life := range []int{5, 10} {
		n := newNetwork(t, 1)
		now := time.Unix(1000, 0)
		n.hub.now = func() time.Time { return now }
		style := red
		style.Life = life
		id, _ := n.leaves[0].Begin(style, onLeft, At(5, 5))
		n.settle()
		if next := n.hub.Expire(); !next.IsZero() {
			t.Errorf("time runs before the stroke has ended: %v", next)
		}
		n.leaves[0].Finish(id)
		n.settle()
		if next := n.hub.Expire(); !next.Equal(now.Add(time.Duration(life) * time.Second)) {
			t.Errorf("it goes at %v", next)
		}
		now = now.Add(time.Duration(life)*time.Second - time.Millisecond)
		n.hub.Expire()
		n.settle()
		if len(n.leaves[0].Items()) != 1 {
			t.Error("it went too early")
		}
		now = now.Add(time.Millisecond)
		if next := n.hub.Expire(); !next.IsZero() {
			t.Errorf("something still waits until %v", next)
		}
		n.settle()
		if len(n.leaves[0].Items()) != 0 || len(n.hub.Items()) != 0 {
			t.Error("it is still there")
		}
	}
}

func TestNothingOfAPeerWithoutPermission(t *testing.T) {
	n := newNetwork(t, 1)
	leaf, link := n.leaves[0], n.links[0]
	leaf.Draw(red, onLeft, []Point{At(1, 1), At(9, 9)})
	n.settle()
	mine, _ := n.hub.Draw(red, onLeft, []Point{At(1, 9), At(9, 1)})
	n.hub.Allow(link, false)
	n.settle()
	leaf.Draw(red, onLeft, []Point{At(3, 3), At(9, 9)})
	eraser, _ := leaf.Begin(Style{Kind: Eraser, Width: 90}, onLeft, Point{})
	_ = leaf.Erase(eraser, testMonitors, At(0, 5), At(9, 5))
	leaf.Point(onLeft, At(1, 1), true)
	n.settle()
	n.compare()
	if items := n.hub.Items(); len(items) != 1 || items[0].ID != mine || len(n.hub.Marks(testMonitors)) != 1 {
		t.Errorf("on the board are %v", items)
	}
	n.hub.Allow(link, true)
	leaf.Draw(red, onLeft, []Point{At(4, 4), At(9, 9)})
	n.settle()
	n.compare()
	if len(n.hub.Items()) != 2 {
		t.Error("with permission again nothing can be drawn")
	}
}

// TestShownItIsDrawnOnce: a leaf leaves out what the picture has, from the update on that has it.
func TestShownItIsDrawnOnce(t *testing.T) {
	n := newNetwork(t, 1)
	leaf, link := n.leaves[0], n.links[0]
	id, _ := leaf.Begin(red, onLeft, At(5, 5))
	n.settle()
	state := link.State()
	_ = leaf.Extend(id, At(10, 10)) // is on its way when the screen shows the beginning
	link.Tell(state, 7)
	n.settle()
	leaf.Painted(7)
	if len(leaf.Marks(testMonitors)) != 1 {
		t.Error("a stroke that has grown since is left out")
	}
	leaf.Finish(id)
	n.settle()
	link.Tell(link.State(), 9)
	n.settle()
	leaf.Painted(8)
	if len(leaf.Marks(testMonitors)) != 1 {
		t.Error("it is left out before the picture has it")
	}
	for update := range uint32(2) {
		leaf.Painted(9 + update)
		if len(leaf.Marks(testMonitors)) != 0 {
			t.Error("it is drawn though the picture has it")
		}
	}
	theirs, _ := n.hub.Draw(red, onLeft, []Point{At(1, 9), At(9, 1)})
	n.settle()
	if marks := leaf.Marks(testMonitors); len(marks) != 1 || marks[0].ID != theirs {
		t.Errorf("of the new ones are drawn: %v", marks)
	}
	link.Tell(link.State(), 20) // a state that is still coming does not make the picture forget what it has
	n.settle()
	if marks := leaf.Marks(testMonitors); len(marks) != 1 {
		t.Errorf("while another state is coming are drawn: %v", marks)
	}
	link.Tell(Shown{}, 21)
	n.settle()
	if marks := leaf.Marks(testMonitors); len(marks) != 2 {
		t.Errorf("when the screen shows nothing any more are drawn: %v", marks)
	}
}

func TestHostileMessagesAreRefused(t *testing.T) {
	begin := func(change func(*op)) op {
		o := op{kind: opBegin, id: ID{5, 2}, style: red, place: onLeft, points: []Point{At(1, 1)}}
		change(&o)
		return o
	}
	many := make([]Point, 1_000_000)
	cases := map[string]op{
		"10⁶ points":       begin(func(o *op) { o.points = many }),
		"10⁶ more points":  {kind: opExtend, id: ID{1, 2}, points: many},
		"far point":        begin(func(o *op) { o.points = []Point{{1 << 30, 0}} }),
		"no points":        begin(func(o *op) { o.points = nil }),
		"huge width":       begin(func(o *op) { o.style.Width = 1 << 40 }),
		"no width":         begin(func(o *op) { o.style.Width = 0 }),
		"long life":        begin(func(o *op) { o.style.Life = 100_000 }),
		"unknown kind":     begin(func(o *op) { o.style.Kind = kinds }),
		"foreign id":       begin(func(o *op) { o.id.Author = 1 }),
		"nobody":           begin(func(o *op) { o.id.Author = 0 }),
		"far clock":        begin(func(o *op) { o.id.Clock = 1 << 60 }),
		"no monitor size":  begin(func(o *op) { o.place.Size = image.Point{} }),
		"text of 1 MB":     begin(func(o *op) { o.style.Kind, o.text = Text, strings.Repeat("x", 1<<20) }),
		"control letters":  begin(func(o *op) { o.style.Kind, o.text = Text, "a\x1b[31m\u202e" }),
		"not UTF-8":        begin(func(o *op) { o.style.Kind, o.text = Text, "\xff\xfe" }),
		"text on a pen":    begin(func(o *op) { o.text = "x" }),
		"three corners":    begin(func(o *op) { o.style.Kind, o.points = Ellipse, many[:3] }),
		"hub's expire":     {kind: opExpire, id: ID{1, 2}},
		"hub's author":     {kind: opAuthor, person: Person{1, "me", Red}},
		"hub's shown":      {kind: opShown},
		"never was":        {kind: opFinish, id: ID{900, 2}},
		"erase never was":  {kind: opErase, id: ID{1, 2}, cuts: []Cut{{ID{900, 1}, 0, 5}}},
		"erase backwards":  {kind: opErase, id: ID{1, 2}, cuts: []Cut{{ID{1, 2}, 9, 5}}},
		"remove another's": {kind: opRemove, id: ID{2, 1}},
		"pointer of other": {kind: opPointer, id: ID{Author: 1}, place: onLeft, points: many[:1], on: true},
	}
	for name, o := range cases {
		t.Run(name, func(t *testing.T) {
			n := newNetwork(t, 1)
			n.leaves[0].Begin(red, onLeft, At(1, 1)) // 1, 2
			n.settle()
			n.hub.Draw(red, onLeft, []Point{At(1, 1)}) // 2, 1
			n.settle()
			before := contents(n.hub)
			if err := n.links[0].Take(o.appendTo(nil)); !errors.Is(err, ErrRefused) {
				t.Errorf("taken: %v", err)
			}
			if !reflect.DeepEqual(contents(n.hub), before) {
				t.Error("the board has changed")
			}
		})
	}
}

func TestALeafDoesNotLetTheHubSpeakForIt(t *testing.T) {
	n := newNetwork(t, 1)
	forged := op{kind: opBegin, id: ID{1, 2}, style: red, place: onLeft, points: []Point{At(1, 1)}}
	if err := n.leaves[0].links[0].Take(forged.appendTo(nil)); !errors.Is(err, ErrRefused) {
		t.Error(err)
	}
}

func TestAnAuthorHasBounds(t *testing.T) {
	n := newNetwork(t, 1)
	leaf := n.leaves[0]
	var err error
	items := 0
	for err == nil {
		_, err = leaf.Draw(red, onLeft, []Point{At(items%800, 1)})
		items++
		if items%500 == 0 {
			n.settle()
		}
	}
	if !errors.Is(err, ErrFull) || items != MaxItems+1 {
		t.Errorf("after %d items: %v", items, err)
	}
	n.settle()
	n.compare()
	if err := leaf.Clear(); err != nil {
		t.Fatal(err)
	}
	long, _ := leaf.Begin(red, onLeft, At(1, 1))
	points := 1
	for err = nil; err == nil; points += 100 {
		err = leaf.Extend(long, make([]Point, 100)...)
		n.settle()
	}
	if !errors.Is(err, ErrFull) || points > MaxPoints+200 {
		t.Errorf("after %d points: %v", points, err)
	}
	n.compare()
}

func TestNextWaits(t *testing.T) {
	leaf, link := NewLeaf()
	if _, err := leaf.Begin(red, onLeft, At(1, 1)); !errors.Is(err, ErrNotReady) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	got := make(chan error)
	go func() {
		_, err := link.Next(ctx)
		got <- err
	}()
	cancel()
	if err := <-got; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func FuzzTake(f *testing.F) {
	n := newNetwork(f, 1)
	random := rand.New(rand.NewPCG(1, 1))
	open := ID{}
	for range 100 {
		edit(n.leaves[0], &open, random)
		f.Add(take(n.leaves[0].links[0]))
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		n := newNetwork(t, 1)
		n.hub.Draw(red, onLeft, []Point{At(1, 1), At(50, 50)})
		n.settle()
		_ = n.links[0].Take(packet)
		_ = n.leaves[0].links[0].Take(packet)
		for _, p := range n.pads() {
			for _, u := range p.board.usage {
				if u.items < 0 || u.points < 0 || u.cuts < 0 || u.items > MaxItems || u.points > MaxAllPoints || u.cuts > MaxAllCuts {
					t.Fatalf("usage %+v", *u)
				}
			}
			canvas := Canvas{Hard: true}
			canvas.SetSize(64, 64)
			canvas.Update(p.Marks([]Monitor{{"left", image.Rect(0, 0, 64, 64)}}))
		}
	})
}
