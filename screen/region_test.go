package screen

import (
	"image"
	"testing"

	"pgregory.net/rapid"
)

func drawRect(t *rapid.T, w, h int) image.Rectangle {
	x, y := rapid.IntRange(0, w-1).Draw(t, "x"), rapid.IntRange(0, h-1).Draw(t, "y")
	return image.Rect(x, y, x+rapid.IntRange(0, w-x).Draw(t, "w"), y+rapid.IntRange(0, h-y).Draw(t, "h"))
}

func TestRegionCoversWhatWasAdded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const side = 40
		var g Region
		var want [side][side]bool
		n := rapid.IntRange(0, 150).Draw(t, "n")
		for range n {
			r := drawRect(t, side, side)
			r.Max = image.Pt(min(r.Max.X, r.Min.X+5), min(r.Max.Y, r.Min.Y+5))
			g.Add(r)
			for y := r.Min.Y; y < r.Max.Y; y++ {
				for x := r.Min.X; x < r.Max.X; x++ {
					want[y][x] = true
				}
			}
		}
		var got [side][side]bool
		for _, r := range g.Rects() {
			if r.Empty() || !r.In(g.Bounds()) {
				t.Fatalf("bad rectangle %v", r)
			}
			for y := r.Min.Y; y < r.Max.Y; y++ {
				for x := r.Min.X; x < r.Max.X; x++ {
					got[y][x] = true
				}
			}
		}
		for y := range want {
			for x := range want[y] {
				if want[y][x] && !got[y][x] {
					t.Fatalf("(%d, %d) is forgotten", x, y)
				}
				if n < 10 && got[y][x] && !want[y][x] {
					t.Fatalf("(%d, %d) was never added", x, y)
				}
			}
		}
	})
}

func TestRegionMergesAndClips(t *testing.T) {
	var g Region
	for x := range 10 {
		g.Add(image.Rect(10*x, 0, 10*x+10, 10))
	}
	g.Add(image.Rect(2, 2, 5, 5))
	if len(g.Rects()) != 1 || g.Bounds() != image.Rect(0, 0, 100, 10) {
		t.Fatalf("neighbours are not merged: %v", g.Rects())
	}
	g.Clip(image.Rect(50, 5, 60, 100))
	if g.Bounds() != image.Rect(50, 5, 60, 10) {
		t.Fatalf("clipped to %v", g.Bounds())
	}
	var other Region
	other.Add(image.Rect(0, 0, 1, 1))
	g.AddRegion(&other)
	if len(g.Rects()) != 2 {
		t.Fatal("AddRegion added nothing")
	}
	g.Clear()
	if !g.Empty() {
		t.Fatal("not empty after Clear")
	}
	if n := testing.AllocsPerRun(10, func() {
		for i := range 200 {
			g.Add(image.Rect(i*7%91, i*13%97, i*7%91+3, i*13%97+2))
		}
	}); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}
