package whiteboard

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

var hugeMonitor = []Monitor{{"m", image.Rect(0, 0, 1920, 1080)}}

// hostileBoards are boards on which a peer has put as much as it may, so that much of it lies at the same place.
func hostileBoards() map[string]*Pad {
	boards := map[string]*Pad{}
	add := func(name string, kind Kind, width, items int, points func(i int) []Point) {
		p := NewHub("hub")
		for i := range items {
			o := op{
				kind: opBegin, id: ID{uint64(i + 1), 2}, style: Style{Kind: kind, Color: Red, Width: width},
				place: Place{"m", image.Pt(1920, 1080)}, points: points(i),
			}
			if err := p.board.apply(o); err != nil {
				panic(err)
			}
		}
		boards[name] = p
	}
	across := func(i int) []Point { return []Point{At(i%50, 0), At(1919, 1079-i%70)} }
	add("lines", Line, 4, MaxItems, across)
	add("rectangles", Rectangle, 4, MaxItems, across)
	add("wide", Pen, MaxWidth, MaxItems, func(i int) []Point { return zigzag(100, At(i%50, 100), At(1800, 1000-i%70)) })
	add("thin", Line, 2, MaxItems, func(int) []Point { return zigzag(100, At(0, 0), At(1900, 1000)) })
	add("long", Pen, 4, MaxAllPoints/MaxPoints, func(int) []Point { return zigzag(MaxPoints, At(0, 0), At(1000, 1000)) })
	return boards
}

// TestHostileBoardsAreBounded has everything that a board is asked for answered soon, whatever is on it. Before, finding what is to be
// seen or erased took up to 20 s.
func TestHostileBoardsAreBounded(t *testing.T) {
	const soon = 8 * time.Second // on a busy machine, with the race detector; alone some hundredths of that
	for name, p := range hostileBoards() {
		within := func(what string, do func()) {
			t.Helper()
			began := time.Now()
			do()
			if took := time.Since(began); took > soon {
				t.Errorf("%s: %s took %v", name, what, took)
			}
		}
		within("finding what is to be seen", func() {
			if n := len(p.Marks(hugeMonitor)); n >= MaxItems || !p.effort.fits() {
				t.Errorf("%s: all %d are shown, which take %+v", name, n, p.effort)
			}
		})
		id, err := p.Begin(Style{Kind: Eraser, Width: 20}, Place{"m", image.Pt(1920, 1080)}, At(950, 500))
		if err != nil {
			t.Fatal(err)
		}
		within("erasing", func() { _ = p.Erase(id, hugeMonitor, At(950, 500), At(960, 510)) })
		p.Finish(id)
		within("undoing and redoing that", func() { p.Undo(); p.Redo() })
	}
}

// TestErasersThatNameEverything has an eraser with as many cuts as there may be, in an order that makes them hard to sort in, taken back,
// restored and cleared away.
func TestErasersThatNameEverything(t *testing.T) {
	p := NewHub("hub")
	for i := range MaxItems - 1 {
		o := op{kind: opBegin, id: ID{uint64(i + 1), 2}, style: Style{Kind: Line, Width: 1}, place: onLeft, points: make([]Point, 100)}
		if err := p.board.apply(o); err != nil {
			t.Fatal(err)
		}
	}
	eraser := ID{MaxItems, 2}
	ops := []op{{kind: opBegin, id: eraser, style: Style{Kind: Eraser, Width: 1}, place: onLeft}}
	cuts := op{kind: opErase, id: eraser}
	for i := range MaxAllCuts {
		at := uint32(MaxAllCuts-i) / 5
		cuts.cuts = append(cuts.cuts, Cut{ID{uint64(i%(MaxItems-1) + 1), 2}, at * 2, at*2 + 1})
	}
	ops = append(ops, cuts, op{kind: opFinish, id: eraser})
	for range 60 {
		ops = append(ops, op{kind: opRemove, id: eraser}, op{kind: opRestore, id: eraser})
	}
	ops = append(ops, op{kind: opClear, id: ID{MaxItems + 1, 2}})
	began := time.Now()
	for _, o := range ops {
		if err := p.board.apply(o); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("that took %v", took)
	}
	if u := p.board.use(2); len(p.board.items) > 0 || *u != (usage{}) {
		t.Errorf("%d items are left, and counted %+v", len(p.board.items), *u)
	}
}

// TestClearingIsKilling compares a board that is cleared with one on which everything that goes is killed on its own.
func TestClearingIsKilling(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		var ops []op
		clock := uint64(0)
		var lines, erasers []ID
		for range 12 {
			clock++
			id := ID{clock, Author(1 + random.IntN(3))}
			if random.IntN(2) == 0 {
				lines = append(lines, id)
				ops = append(ops, op{kind: opBegin, id: id, style: Style{Kind: Line, Width: 1}, place: onLeft, points: make([]Point, 4)})
				continue
			}
			erasers = append(erasers, id)
			ops = append(ops, op{kind: opBegin, id: id, style: Style{Kind: Eraser, Width: 1}, place: onLeft})
		}
		for range 40 {
			if len(lines) == 0 || len(erasers) == 0 {
				break
			}
			eraser, from := erasers[random.IntN(len(erasers))], uint32(random.IntN(600))
			switch random.IntN(6) {
			case 0:
				ops = append(ops, op{kind: opRemove, id: eraser})
			case 1:
				ops = append(ops, op{kind: opRestore, id: eraser})
			default:
				cut := Cut{lines[random.IntN(len(lines))], from, from + uint32(random.IntN(60))}
				ops = append(ops, op{kind: opErase, id: eraser, cuts: []Cut{cut}})
			}
		}
		at := ID{1 + uint64(random.IntN(int(clock))), 9}
		cleared, killed := newBoard(), newBoard()
		for _, o := range ops {
			if cleared.apply(o) != nil || killed.apply(o) != nil {
				t.Fatal("refused")
			}
		}
		cleared.clear(at)
		for _, item := range killed.sorted() {
			if item.ID.Compare(at) < 0 {
				killed.kill(item)
			}
		}
		if a, b := contents(&Pad{board: cleared}), contents(&Pad{board: killed}); !reflect.DeepEqual(a, b) {
			t.Fatalf("cleared\n%v\nkilled\n%v", a, b)
		}
		for author := range killed.usage {
			if *cleared.use(author) != *killed.use(author) {
				t.Fatalf("%v has %+v, not %+v", author, *cleared.use(author), *killed.use(author))
			}
		}
		for id, item := range killed.items {
			if !slices.Equal(item.cuts, cleared.items[id].cuts) {
				t.Fatalf("%v cuts %v, not %v", id, cleared.items[id].cuts, item.cuts)
			}
		}
	}
}

// TestPiecesAreJoined compares pieces that are joined at once with ones that are hidden one after the other.
func TestPiecesAreJoined(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		var one, all []piece
		for range random.IntN(20) {
			from := uint32(random.IntN(100))
			p := piece{from, from + uint32(random.IntN(8))}
			one, all = hide(one, p), append(all, p)
		}
		if got := joined(slices.Clone(all)); !slices.Equal(got, one) {
			t.Fatalf("%v are joined to %v, not %v", all, got, one)
		}
		p := piece{uint32(random.IntN(100)), uint32(random.IntN(100))}
		if want := slices.ContainsFunc(one, func(h piece) bool { return h.from <= p.from && h.to >= p.to }); p.from <= p.to && covered(one, p) != want {
			t.Fatalf("%v is covered by %v: %v", p, one, !want)
		}
	}
}

// TestErasersMissNothing compares what an eraser takes with all places on a line, one by one.
func TestErasersMissNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	for range 3000 {
		item := &Item{Style: Style{Kind: []Kind{Pen, Line, Rectangle, Ellipse}[random.IntN(4)], Width: 1 + random.IntN(20)}, Place: onLeft}
		points := 2
		if !item.Kind.dragged() {
			points = 2 + random.IntN(8)
		}
		spread := []int{5, 60, 800}[random.IntN(3)]
		for range points {
			item.Points = append(item.Points, At(random.IntN(spread), random.IntN(spread)))
		}
		from := vec{random.Float64() * float64(spread), random.Float64() * float64(spread)}
		to := from.add(vec{random.NormFloat64() * 20, random.NormFloat64() * 20})
		radius := 1 + random.Float64()*30
		corners, reach := outline(item), radius+float64(item.Width)/2
		var want []piece
		for i := range len(corners) - 1 {
			parts := max(1, min(step, math.Ceil(corners[i+1].sub(corners[i]).length())))
			for k := range int(parts) {
				p := on(corners, item.Kind.curved(), float64(i)+(float64(k)+0.5)/parts)
				if p.sub(closest(p, from, to)).length() <= reach {
					start, end := (float64(i)+float64(k)/parts)*step, (float64(i)+float64(k+1)/parts)*step
					want = hide(want, piece{uint32(start), uint32(math.Ceil(end))})
				}
			}
		}
		if got := erasedBy(item, from, to, radius); !slices.Equal(got, want) {
			t.Fatalf("%v %v from %v to %v, %v: %v, not %v", item.Kind, item.Points, from, to, radius, got, want)
		}
	}
}

// TestLinesCoverWhatIsNear compares masks with how near the middle of each pixel is to the line.
func TestLinesCoverWhatIsNear(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 6))
	size := image.Rect(-10, -5, 70, 60)
	for range 2000 {
		at := func() vec {
			v := vec{random.Float64()*120 - 40, random.Float64()*120 - 40}
			if random.IntN(3) == 0 {
				v = vec{math.Round(v.x), math.Round(v.y)}
			}
			return v
		}
		a, b := at(), at()
		switch random.IntN(6) {
		case 0:
			b = a
		case 1:
			b.x = a.x
		case 2:
			b.y = a.y
		}
		radius := 0.5 + random.Float64()*[]float64{1, 20}[random.IntN(2)]
		mask := image.NewAlpha(size)
		coverPart(mask, a, b, radius)
		for y := size.Min.Y; y < size.Max.Y; y++ {
			for x := size.Min.X; x < size.Max.X; x++ {
				p := vec{float64(x) + 0.5, float64(y) + 0.5}
				want := 255 * max(0, min(1, radius+0.5-p.sub(closest(p, a, b)).length()))
				if got := float64(mask.AlphaAt(x, y).A); math.Abs(got-want) > 1.001 {
					t.Fatalf("from %v to %v, %v wide: (%d,%d) is covered %v, not %v", a, b, radius, x, y, got, want)
				}
			}
		}
	}
}

// TestColoursAreBlendedAsEver compares what is blended with what Go's own library does.
func TestColoursAreBlendedAsEver(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	for _, ink := range []color.Color{color.NRGBA{255, 212, 0, 96}, color.NRGBA{232, 28, 28, 255}, color.NRGBA{1, 2, 3, 1}} {
		got, mask := image.NewRGBA(image.Rect(-3, 2, 97, 50)), image.NewAlpha(image.Rect(5, 6, 90, 44))
		for i := 0; i < len(got.Pix); i += 4 {
			a := random.IntN(256)
			for k := range 3 {
				got.Pix[i+k] = uint8(random.IntN(a + 1))
			}
			got.Pix[i+3] = uint8(a)
		}
		for i := range mask.Pix {
			if random.IntN(10) == 0 {
				mask.Pix[i] = uint8(random.IntN(256))
			}
		}
		want := &image.RGBA{Pix: slices.Clone(got.Pix), Stride: got.Stride, Rect: got.Rect}
		draw.DrawMask(want, mask.Rect, image.NewUniform(ink), image.Point{}, mask, mask.Rect.Min, draw.Over)
		if blendOver(got, ink, mask); !slices.Equal(got.Pix, want.Pix) {
			t.Errorf("%v is blended otherwise", ink)
		}
	}
}

func BenchmarkHostileRedraw(b *testing.B) {
	for name, p := range hostileBoards() {
		b.Run(name, func(b *testing.B) {
			marks := p.Marks(hugeMonitor)
			var canvas Canvas
			canvas.SetSize(1920, 1080)
			for b.Loop() {
				canvas.Update(marks)
				canvas.marks = nil
			}
			b.ReportMetric(p.effort.ink/(float64(b.Elapsed().Nanoseconds())/float64(b.N)), "ink/ns")
		})
	}
}

func BenchmarkHostileErase(b *testing.B) {
	for name, p := range hostileBoards() {
		b.Run(name, func(b *testing.B) {
			x := 0
			id, err := p.Begin(Style{Kind: Eraser, Width: 20}, Place{"m", image.Pt(1920, 1080)}, At(950, 500))
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				x++
				_ = p.Erase(id, hugeMonitor, At(900+x%100, 500), At(901+x%100, 510))
			}
		})
	}
}
