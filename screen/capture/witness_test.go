package capture

import (
	"errors"
	"image"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"handrail/screen"
	"handrail/screen/screentest"
)

// script is a witness that sees what a test shows it.
type script struct {
	show   chan sighting
	leave  chan error
	closed atomic.Int32
}

func newScript() *script {
	return &script{show: make(chan sighting, 100), leave: make(chan error, 1)}
}

func (w *script) watch(timeout time.Duration, s *sighting) error {
	select {
	case seen := <-w.show:
		s.add(&seen)
		return nil
	case err := <-w.leave:
		return err
	case <-time.After(timeout):
		return nil
	}
}

func (w *script) close() { w.closed.Add(1) }

func (w *script) draw(rects ...image.Rectangle) {
	var s sighting
	for _, r := range rects {
		s.dirty.Add(r)
	}
	w.show <- s
}

// TestTurnedMonitors draws a picture as a turned monitor shows it, by Microsoft's words: the desktop is turned clockwise
// within the monitor's own picture, and each pixel of a rectangle must be found where the rectangle is said to be.
func TestTurnedMonitors(t *testing.T) {
	for _, c := range []struct {
		name     string
		rotation int
		own      image.Point               // size
		seen     func(x, y int) (int, int) // where on the desktop a pixel of the own picture is
		bounds   image.Rectangle           // on the desktop
	}{
		{"not known", 0, image.Pt(40, 30), func(x, y int) (int, int) { return x, y }, image.Rect(0, 0, 40, 30)},
		{"upright", upright, image.Pt(40, 30), func(x, y int) (int, int) { return x, y }, image.Rect(-40, 10, 0, 40)},
		{"90", turned90, image.Pt(40, 30), func(x, y int) (int, int) { return 29 - y, x }, image.Rect(100, -7, 130, 33)},
		{"180", turned180, image.Pt(40, 30), func(x, y int) (int, int) { return 39 - x, 29 - y }, image.Rect(5, 5, 45, 35)},
		{"270", turned270, image.Pt(40, 30), func(x, y int) (int, int) { return y, 39 - x }, image.Rect(-30, -40, 0, 0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !fits(c.own, c.rotation, c.bounds) {
				t.Error("the size does not fit")
			}
			if fits(c.own.Add(image.Pt(1, 0)), c.rotation, c.bounds) {
				t.Error("another size fits")
			}
			random := rand.New(rand.NewPCG(1, 2))
			for range 100 {
				x, y := random.IntN(c.own.X), random.IntN(c.own.Y)
				r := image.Rect(x, y, x+1+random.IntN(c.own.X-x), y+1+random.IntN(c.own.Y-y))
				var want image.Rectangle
				for y := r.Min.Y; y < r.Max.Y; y++ {
					for x := r.Min.X; x < r.Max.X; x++ {
						sx, sy := c.seen(x, y)
						want = want.Union(image.Rect(sx, sy, sx+1, sy+1).Add(c.bounds.Min))
					}
				}
				if got := turn(r, c.rotation, c.bounds); got != want || !got.In(c.bounds) {
					t.Fatalf("%v is at %v, not at %v", r, got, want)
				}
			}
		})
	}
}

// TestScaledMonitors: the desktop has fewer pixels than the monitor, or as many, or more, and each pixel of a rectangle must
// be within what is looked at.
func TestScaledMonitors(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, bounds := range []image.Rectangle{image.Rect(0, 0, 200, 100), image.Rect(-75, 30, 25, 80), image.Rect(5, 5, 138, 72), image.Rect(0, 0, 300, 150)} {
		own := image.Pt(200, 100)
		for range 100 {
			x, y := random.IntN(own.X), random.IntN(own.Y)
			w, h := 1+random.IntN(own.X-x), 1+random.IntN(own.Y-y)
			got := spread(float64(x), float64(y), float64(w), float64(h), own, bounds)
			left, right := float64(got.Min.X-bounds.Min.X)/float64(bounds.Dx())*200, float64(got.Max.X-bounds.Min.X)/float64(bounds.Dx())*200
			top, bottom := float64(got.Min.Y-bounds.Min.Y)/float64(bounds.Dy())*100, float64(got.Max.Y-bounds.Min.Y)/float64(bounds.Dy())*100
			const little = 1e-9
			if left > float64(x)+little || top > float64(y)+little || right < float64(x+w)-little || bottom < float64(y+h)-little {
				t.Fatalf("%d,%d %d×%d on %v is not within %v", x, y, w, h, bounds, got)
			}
			if pixel := 200/float64(bounds.Dx()) + little; float64(x)-left > pixel || right-float64(x+w) > pixel || !got.In(bounds) {
				t.Fatalf("%d,%d %d×%d on %v is taken for %v", x, y, w, h, bounds, got)
			}
		}
		for _, bad := range [][4]float64{{-1, 0, 5, 5}, {0, 0, 201, 5}, {math.NaN(), 0, 1, 1}, {0, 0, 1, math.Inf(1)}} {
			if got := spread(bad[0], bad[1], bad[2], bad[3], own, bounds); got != bounds {
				t.Errorf("%v on %v is %v", bad, bounds, got)
			}
		}
	}
}

func TestMovesAreDrawnToo(t *testing.T) {
	var s sighting
	for i := range maxMoves + 5 {
		s.move(screen.Move{To: image.Rect(i, 10*i, i+5, 10*i+5), From: image.Pt(i, 10*i+3)})
	}
	s.move(screen.Move{To: image.Rect(1, 1, 2, 2), From: image.Pt(1, 1)}) // not moved at all
	if len(s.moves) != maxMoves {
		t.Errorf("%d moves", len(s.moves))
	}
	if last := image.Rect(maxMoves+4, 10*(maxMoves+4), maxMoves+9, 10*(maxMoves+4)+5); !covers(&s.dirty, last) {
		t.Error("what does not fit is not drawn")
	}
	var sum sighting
	sum.add(&s)
	sum.add(&s)
	if len(sum.moves) != maxMoves {
		t.Errorf("%d moves of two", len(sum.moves))
	}
}

func covers(region *screen.Region, r image.Rectangle) bool {
	for _, q := range region.Rects() {
		if r.In(q) {
			return true
		}
	}
	return false
}

func TestAllWitnessesAreHeardAndClosed(t *testing.T) {
	one, two := newScript(), newScript()
	bell := make(chan struct{}, 1)
	g := gather([]witness{one, two}, bell)
	a, b := image.Rect(0, 0, 10, 10), image.Rect(-50, 20, -40, 30)
	one.draw(a)
	two.draw(b)
	var seen sighting
	screentest.WaitFor(t, "both are heard", func() bool {
		<-bell
		if err := g.take(&seen); err != nil {
			t.Fatal(err)
		}
		return covers(&seen.dirty, a) && covers(&seen.dirty, b)
	})
	lost := errors.New("access lost")
	two.leave <- lost
	screentest.WaitFor(t, "one has left", func() bool {
		<-bell // which may still ring for what was seen
		return errors.Is(g.take(&seen), lost)
	})
	g.end()
	if one.closed.Load() != 1 || two.closed.Load() != 1 {
		t.Errorf("closed %d and %d times", one.closed.Load(), two.closed.Load())
	}
}

// TestWitnessesOfAllMonitorsOrNone has none be left behind when one is missing.
func TestWitnessesOfAllMonitorsOrNone(t *testing.T) {
	monitors := []image.Rectangle{image.Rect(0, 0, 640, 480), image.Rect(640, 0, 1280, 480), image.Rect(1280, 0, 1920, 480)}
	gone := errors.New("no witness")
	for missing := range len(monitors) + 1 {
		open := map[image.Rectangle]bool{}
		all, err := witnesses(monitors, func(bounds image.Rectangle) (witness, error) {
			if missing < len(monitors) && bounds == monitors[missing] {
				return nil, gone
			}
			open[bounds] = true
			return closing{func() { delete(open, bounds) }}, nil
		})
		if missing == len(monitors) {
			if err != nil || len(all) != len(monitors) || len(open) != len(monitors) {
				t.Errorf("%d of %d, %d of them open: %v", len(all), len(monitors), len(open), err)
			}
			continue
		}
		if !errors.Is(err, gone) || len(all) > 0 || len(open) > 0 {
			t.Errorf("without that of monitor %d: %d of them, %d open: %v", missing, len(all), len(open), err)
		}
	}
}

// closing is a witness of which only the end matters.
type closing struct{ do func() }

func (c closing) watch(time.Duration, *sighting) error { return nil }
func (c closing) close()                               { c.do() }
