package whiteboard

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// zigzag is a line that goes to and fro.
func zigzag(points int, from, to Point) []Point {
	list := make([]Point, points)
	for i := range list {
		list[i] = from
		if i%2 == 1 {
			list[i] = to
		}
		list[i].X, list[i].Y = clampPoint(int(list[i].X)+i%50), clampPoint(int(list[i].Y)+i%70)
	}
	return list
}

// TestLinesWithoutEndAreBounded has a hub draw lines that are much longer than any hand's.
func TestLinesWithoutEndAreBounded(t *testing.T) {
	n := newNetwork(t, 1)
	leaf := n.leaves[0]
	const points = 3000
	far := zigzag(points, Point{-farthest, 0}, Point{farthest, 100})
	for range 4 {
		if _, err := n.hub.Draw(red, onLeft, far); err != nil {
			t.Fatal(err)
		}
	}
	n.settle()
	begun := time.Now()
	parts := 0
	for _, m := range leaf.Marks(testMonitors) {
		for _, line := range m.lines {
			parts += len(line)
		}
	}
	if parts == 0 || parts > 4*(fineParts+points) || parts != leaf.effort.parts {
		t.Errorf("%d parts, of which %d are counted", parts, leaf.effort.parts)
	}
	t.Logf("%d parts took %v", parts, time.Since(begun))

	// Beside others a line is coarser, and in the end not shown.
	item := &Item{ID: ID{1, 1}, Style: red, Place: onLeft, Points: far}
	mark, takes, ok := markOf(item, testMonitors, effort{parts: fineAllParts - 100})
	if !ok || takes.parts < points || takes.parts > points+100 || len(mark.lines[0]) != takes.parts {
		t.Errorf("%v, %+v", ok, takes)
	}
	for _, others := range []effort{{parts: mostParts}, {ink: mostInk}} {
		if mark, takes, ok := markOf(item, testMonitors, others); ok || mark.lines != nil || others.plus(takes).fits() {
			t.Errorf("beside %+v: %v, %+v", others, ok, takes)
		}
	}
}

// TestStrokesOfHandsAreAsFineAsEver: what hands draw keeps all its parts, and the board has room for much of it.
func TestStrokesOfHandsAreAsFineAsEver(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	var all effort
	for range 300 {
		item := &Item{ID: ID{1, 1}, Style: Style{Kind: Pen + Kind(random.IntN(2)), Width: 14}, Place: onLeft}
		x, y := random.Float64()*800, random.Float64()*600
		for range 400 { // three seconds, with jumps to where the pointer may be at most
			x, y = x+random.NormFloat64()*12, y+random.NormFloat64()*12
			if random.IntN(100) == 0 {
				x, y = random.Float64()*3000-1000, random.Float64()*3000-1000
			}
			item.Points = append(item.Points, At(int(x), int(y)))
		}
		if got, want := pieces(item, all.fine()), pieces(item, math.MaxInt); len(got) != 1 || !slices.Equal(got[0], want[0]) {
			t.Fatal("a stroke is coarser than it was")
		}
		_, takes, _ := markOf(item, testMonitors, all)
		all = all.plus(takes)
	}
	if !all.fits() {
		t.Errorf("300 strokes take too much: %+v", all)
	}
}

// TestMoreThanCanBeDrawn: what there is no more room for is shown when there is.
func TestMoreThanCanBeDrawn(t *testing.T) {
	n := newNetwork(t, 1)
	leaf := n.leaves[0]
	text := Style{Kind: Text, Color: Blue, Width: MaxWidth}
	long := strings.Repeat("x", MaxText)
	var ids []ID
	for i := range 1000 {
		id, err := n.hub.Write(text, onLeft, At(i%800, i%600), long)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
		if i%100 == 0 {
			n.settle()
		}
	}
	n.settle()
	shown := func() []ID {
		var list []ID
		for _, m := range leaf.Marks(testMonitors) {
			list = append(list, m.ID)
		}
		return list
	}
	most := int(mostInk / textInk(long, MaxWidth))
	if got := shown(); len(got) != most || !slices.Equal(got, ids[:most]) {
		t.Fatalf("%d texts are shown, and not the first %d", len(got), most)
	}
	for range 10 {
		n.hub.Undo() // of those that are not shown
	}
	n.settle()
	if got := shown(); len(got) != most {
		t.Errorf("%d texts are shown", len(got))
	}
	n.hub.Allow(n.links[0], true)
	if _, err := leaf.Draw(red, onLeft, []Point{At(1, 1), At(5, 5)}); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids[:100] {
		n.hub.mu.Lock()
		_ = n.hub.issueLocked(op{kind: opExpire, id: id})
		n.hub.mu.Unlock()
	}
	n.settle()
	if got := shown(); len(got) != most+1 || got[0] != ids[100] || got[len(got)-2] != ids[100+most-1] {
		t.Errorf("%d texts are shown after some have gone", len(got))
	}
	if err := n.hub.Clear(); err != nil {
		t.Fatal(err)
	}
	n.settle()
	if got := shown(); len(got) != 0 || leaf.effort != (effort{}) {
		t.Errorf("%d marks are left, which take %+v", len(got), leaf.effort)
	}
}

// TestNothingBecomesMuchLarger: a peer says how large a monitor was when something was drawn there.
func TestNothingBecomesMuchLarger(t *testing.T) {
	for size, shown := range map[image.Point]bool{
		{800, 600}: true, {800 / farthestScale, 600}: true, {800/farthestScale - 1, 600}: false, {1 << 15, 1}: false, {1, 1}: false, {1 << 15, 1 << 15}: true,
	} {
		for _, item := range []*Item{
			{Style: Style{Kind: Text, Width: MaxWidth}, Points: []Point{At(0, 0)}, Text: "text"},
			{Style: red, Points: []Point{At(0, 0), At(10, 0)}},
		} {
			item.ID, item.Place = ID{1, 1}, Place{"left", size}
			if mark, _, ok := markOf(item, testMonitors, effort{}); ok != shown || mark.height > farthestScale*MaxWidth {
				t.Errorf("%v drawn on %v is shown: %v, %v high", item.Kind, size, ok, mark.height)
			}
		}
	}
}

// BenchmarkInk compares what inkOf and textInk say with the time that drawing takes.
func BenchmarkInk(b *testing.B) {
	monitor := []Monitor{{"m", image.Rect(0, 0, 1920, 1080)}}
	for _, c := range []struct {
		name string
		item Item
	}{
		{"pen", Item{Style: Style{Kind: Pen, Width: 4}, Points: zigzag(1000, At(500, 500), At(502, 504))}},
		{"wide", Item{Style: Style{Kind: Pen, Width: 100}, Points: zigzag(1000, At(500, 500), At(502, 504))}},
		{"down", Item{Style: Style{Kind: Line, Width: 4}, Points: zigzag(300, At(500, 0), At(500, 1000))}},
		{"across", Item{Style: Style{Kind: Line, Width: 4}, Points: zigzag(300, At(0, 500), At(1900, 500))}},
		{"aslant", Item{Style: Style{Kind: Line, Width: 14}, Points: zigzag(300, At(0, 0), At(1900, 1000))}},
		{"far", Item{Style: Style{Kind: Line, Width: 4}, Points: zigzag(300, Point{-farthest, 0}, Point{farthest, 4000})}},
		{"text", Item{Style: Style{Kind: Text, Width: 32}, Points: []Point{At(0, 0)}, Text: strings.Repeat("ab gQ& ", 100)}},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.item.ID, c.item.Place = ID{1, 1}, Place{"m", image.Pt(1920, 1080)}
			mark, takes, ok := markOf(&c.item, monitor, effort{})
			if !ok {
				b.Fatal(fmt.Sprint(takes))
			}
			var canvas Canvas
			canvas.SetSize(1920, 1080)
			for b.Loop() {
				canvas.Update([]Mark{mark})
				canvas.Update(nil)
			}
			b.ReportMetric(takes.ink/(float64(b.Elapsed().Nanoseconds())/float64(b.N)), "ink/ns")
		})
	}
}
