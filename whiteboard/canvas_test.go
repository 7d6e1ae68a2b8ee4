package whiteboard

import (
	"bytes"
	"image"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// whole draws marks on a fresh canvas.
func whole(marks []Mark, hard bool, width, height int) *image.RGBA {
	c := Canvas{Hard: hard}
	c.SetSize(width, height)
	c.Update(marks)
	return c.Image
}

// TestWhatChangedIsEnough compares canvases that were changed step by step with ones that were drawn afresh.
func TestWhatChangedIsEnough(t *testing.T) {
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 5))
		n := newNetwork(t, 1)
		canvases := []*Canvas{{Hard: true}, {}}
		for _, c := range canvases {
			c.SetSize(320, 320)
		}
		open, outside := ID{}, 0
		for range 25 {
			edit(n.leaves[0], &open, random)
			marks := n.leaves[0].Marks(testMonitors)
			for _, c := range canvases {
				before := bytes.Clone(c.Image.Pix)
				changed := c.Update(marks)
				if !bytes.Equal(c.Image.Pix, whole(marks, c.Hard, 320, 320).Pix) {
					t.Fatalf("seed %d: the canvas (hard: %v) differs from a fresh one", seed, c.Hard)
				}
				for i := range before {
					x, y := i%c.Image.Stride/4, i/c.Image.Stride
					if before[i] != c.Image.Pix[i] && !within(changed, image.Pt(x, y)) {
						outside++
					}
				}
			}
		}
		if outside > 0 {
			t.Errorf("seed %d: %d pixels changed outside of what was said", seed, outside)
		}
	}
}

func within(rects []image.Rectangle, p image.Point) bool {
	for _, r := range rects {
		if p.In(r) {
			return true
		}
	}
	return false
}

// TestALineIsWhereItWasDrawn wants pixels as far from the line as its width says, within one pixel.
func TestALineIsWhereItWasDrawn(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	for range 60 {
		n := newNetwork(t, 1)
		a, b := vec{random.Float64() * 200, random.Float64() * 200}, vec{random.Float64() * 200, random.Float64() * 200}
		style := Style{Kind: Line, Color: Red, Width: 1 + random.IntN(20)}
		point := func(v vec) Point { return Point{int32(v.x * unit), int32(v.y * unit)} }
		if _, err := n.leaves[0].Draw(style, onLeft, []Point{point(a), point(b)}); err != nil {
			t.Fatal(err)
		}
		radius := float64(style.Width) / 2
		for _, hard := range []bool{true, false} {
			img := whole(n.leaves[0].Marks(testMonitors), hard, 230, 230)
			for y := range 230 {
				for x := range 230 {
					p := vec{float64(x) + 0.5, float64(y) + 0.5}
					distance := p.sub(closest(p, a, b)).length()
					alpha := img.RGBAAt(x, y).A
					if distance < radius-1 && alpha != 255 || distance > radius+1 && alpha != 0 {
						t.Fatalf("line %v to %v of %d: alpha %d at %d,%d, which is %.2f away", a, b, style.Width, alpha, x, y, distance)
					}
				}
			}
		}
	}
}

// TestACurveGoesThroughItsPoints: what is drawn by hand stays within a pixel of where the hand was.
func TestACurveGoesThroughItsPoints(t *testing.T) {
	n := newNetwork(t, 1)
	points := []Point{}
	for i := range 120 {
		sin, cos := math.Sincos(float64(i) / 120 * 2 * math.Pi)
		points = append(points, At(150+int(100*cos), 150+int(60*sin)))
	}
	n.leaves[0].Draw(red, onLeft, points)
	img := whole(n.leaves[0].Marks(testMonitors), true, 320, 320)
	for _, p := range points {
		if c := img.RGBAAt(int(p.X/unit), int(p.Y/unit)); c.A != 255 || c.R != Red.R {
			t.Errorf("%v is %v", p, c)
		}
	}
}

// TestACornerStaysACorner: a hand that turns sharply, seen at few points, draws straight to the corner and on from it.
func TestACornerStaysACorner(t *testing.T) {
	n := newNetwork(t, 1)
	corners := []vec{{20, 20}, {280, 90}, {40, 160}, {290, 230}}
	points := []Point{At(20, 20)}
	for i := 1; i < len(corners); i++ {
		for part := 1; part <= 10; part++ {
			at := corners[i-1].mix(corners[i], float64(part)/10)
			points = append(points, At(int(at.x), int(at.y)))
		}
	}
	n.leaves[0].Draw(red, onLeft, points)
	img := whole(n.leaves[0].Marks(testMonitors), true, 320, 320)
	for y := range 320 {
		for x := range 320 {
			at, away := vec{float64(x), float64(y)}, math.Inf(1)
			for i := 1; i < len(corners); i++ {
				away = min(away, at.sub(closest(at, corners[i-1], corners[i])).length())
			}
			if drawn := img.RGBAAt(x, y).A != 0; drawn && away > 3.5 || !drawn && away < 1 {
				t.Fatalf("%d,%d, %.1f away from the line: drawn is %v", x, y, away, drawn)
			}
		}
	}
}

func TestItemsFollowTheirMonitor(t *testing.T) {
	n := newNetwork(t, 1)
	place, at := PlaceAt(testMonitors, 900, 300)
	if place.Monitor != "right" || at != At(100, 300) || On(place, testMonitors, 900, 300) != at {
		t.Fatalf("%v, %v", place, at)
	}
	n.leaves[0].Draw(red, place, []Point{at, On(place, testMonitors, 920, 300)})
	bounds := func(monitors ...Monitor) image.Rectangle {
		marks := n.leaves[0].Marks(monitors)
		if len(marks) == 0 {
			return image.Rectangle{}
		}
		return marks[0].Bounds()
	}
	middle := func(r image.Rectangle) image.Point { return r.Min.Add(r.Max).Div(2) }
	if at := middle(bounds(testMonitors...)); at != image.Pt(910, 300) {
		t.Errorf("it is at %v", at)
	}
	moved := Monitor{"right", image.Rect(0, 600, 1600, 1800)} // elsewhere and twice as large
	if at := middle(bounds(testMonitors[0], moved)); at.Sub(image.Pt(221, 1201)).X > 1 || at.Y < 1199 || at.Y > 1202 {
		t.Errorf("on the monitor that has moved it is at %v", at)
	}
	if r := bounds(testMonitors[0], Monitor{"other", image.Rect(800, 0, 900, 100)}); !r.Empty() {
		t.Errorf("without its monitor it is at %v", r)
	}
	if r := bounds(Monitor{"renamed", image.Rect(0, 0, 800, 600)}); r.Empty() {
		t.Error("on the only monitor there is nothing")
	}
}

func TestEveryKindIsSeen(t *testing.T) {
	for kind := Pen; kind < Eraser; kind++ {
		for _, hard := range []bool{true, false} {
			n := newNetwork(t, 1)
			style := Style{Kind: kind, Color: Red, Width: 12}
			var err error
			if kind == Text {
				_, err = n.leaves[0].Write(style, onLeft, At(20, 20), "Šč ß Œ 한")
			} else {
				_, err = n.leaves[0].Draw(style, onLeft, []Point{At(20, 20), At(120, 90)})
			}
			if err != nil {
				t.Fatal(kind, err)
			}
			marks := n.leaves[0].Marks(testMonitors)
			img := whole(marks, hard, 200, 200)
			seen := 0
			for i := 3; i < len(img.Pix); i += 4 {
				if img.Pix[i] != 0 {
					seen++
				}
				if hard && img.Pix[i] != 0 && img.Pix[i] != 255 {
					t.Fatalf("kind %d has half a pixel on a hard canvas", kind)
				}
			}
			if seen < 60 {
				t.Errorf("kind %d has %d pixels", kind, seen)
			}
		}
	}
}

func TestAPointerFades(t *testing.T) {
	n := newNetwork(t, 1)
	now := n.hub.now()
	n.leaves[0].Point(onLeft, At(100, 100), true)
	n.settle()
	at := func(after int) int {
		n.hub.now = func() time.Time { return now.Add(time.Duration(after) * time.Millisecond) }
		n.hub.Expire()
		marks := n.hub.Marks(testMonitors)
		if len(marks) == 0 {
			return 0
		}
		return marks[0].bounds.Dx()
	}
	if early, late, gone := at(100), at(1900), at(3000); late >= early || late == 0 || gone != 0 {
		t.Errorf("its width is %d, then %d, then %d", early, late, gone)
	}
}

func BenchmarkExtendAndDraw(b *testing.B) {
	n := newNetwork(b, 1)
	c := Canvas{Hard: true}
	c.SetSize(1920, 1080)
	monitors := []Monitor{{"left", image.Rect(0, 0, 1920, 1080)}}
	id, _ := n.hub.Begin(red, Place{"left", image.Pt(1920, 1080)}, At(0, 0))
	i := 0
	for b.Loop() {
		if i++; i%600 == 0 {
			_ = n.hub.Clear()
			id, _ = n.hub.Begin(red, Place{"left", image.Pt(1920, 1080)}, At(0, 0))
		}
		_ = n.hub.Extend(id, At(i%1900, 500+i%37))
		c.Update(n.hub.Marks(monitors))
	}
}
