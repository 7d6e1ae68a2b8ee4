package viewer

import (
	"image"
	"testing"
)

func TestPlace(t *testing.T) {
	for _, c := range []struct {
		name   string
		mode   Mode
		area   image.Rectangle
		remote image.Point
		want   image.Rectangle
	}{
		{"the same size", Fit, image.Rect(0, 0, 1920, 1080), image.Pt(1920, 1080), image.Rect(0, 0, 1920, 1080)},
		{"half", Fit, image.Rect(0, 0, 960, 540), image.Pt(1920, 1080), image.Rect(0, 0, 960, 540)},
		{"bars above and below", Fit, image.Rect(10, 50, 970, 650), image.Pt(1920, 1080), image.Rect(10, 80, 970, 620)},
		{"bars left and right", Fit, image.Rect(0, 0, 1000, 300), image.Pt(400, 300), image.Rect(300, 0, 700, 300)},
		{"enlarged", Fit, image.Rect(0, 0, 800, 800), image.Pt(100, 50), image.Rect(0, 200, 800, 600)},
		{"very flat", Fit, image.Rect(0, 0, 10, 10), image.Pt(1000, 1), image.Rect(0, 4, 10, 5)},
		{"actual, smaller", Actual, image.Rect(0, 0, 800, 600), image.Pt(640, 480), image.Rect(80, 60, 720, 540)},
		{"actual, larger", Actual, image.Rect(-100, -40, 1820, 1040), image.Pt(1920, 1080), image.Rect(-100, -40, 1820, 1040)},
		{"no picture", Fit, image.Rect(5, 5, 800, 600), image.Point{}, image.Rect(5, 5, 5, 5)},
	} {
		if got := Place(c.mode, c.area, c.remote); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestToRemote(t *testing.T) {
	hd := image.Pt(1920, 1080)
	for _, c := range []struct {
		name   string
		device image.Point
		drawn  image.Rectangle
		remote image.Point
		want   image.Point
		inside bool
	}{
		{"first pixel", image.Pt(0, 0), image.Rect(0, 0, 1920, 1080), hd, image.Pt(0, 0), true},
		{"last pixel", image.Pt(1919, 1079), image.Rect(0, 0, 1920, 1080), hd, image.Pt(1919, 1079), true},
		{"half: centre of a device pixel is between two", image.Pt(10, 10), image.Rect(0, 0, 960, 540), hd, image.Pt(21, 21), true},
		{"half: last", image.Pt(959, 539), image.Rect(0, 0, 960, 540), hd, image.Pt(1919, 1079), true},
		{"double: both device pixels are the same", image.Pt(5, 4), image.Rect(0, 0, 200, 200), image.Pt(100, 100), image.Pt(2, 2), true},
		{"a third", image.Pt(1, 1), image.Rect(0, 0, 640, 360), hd, image.Pt(4, 4), true},
		{"moved", image.Pt(300, 80), image.Rect(300, 80, 700, 380), image.Pt(400, 300), image.Pt(0, 0), true},
		{"left of it", image.Pt(299, 200), image.Rect(300, 80, 700, 380), image.Pt(400, 300), image.Pt(0, 120), false},
		{"below it", image.Pt(700, 380), image.Rect(300, 80, 700, 380), image.Pt(400, 300), image.Pt(399, 299), false},
		{"scrolled", image.Pt(0, 0), image.Rect(-700, -300, 1220, 780), hd, image.Pt(700, 300), true},
	} {
		got, inside := ToRemote(c.device, c.drawn, c.remote)
		if got != c.want || inside != c.inside {
			t.Errorf("%s: %v %v, want %v %v", c.name, got, inside, c.want, c.inside)
		}
	}
}

// TestEveryRemotePixelIsReached looks at whole axes: going right never goes back, both ends are reached, and
// where the picture is not reduced every remote pixel is.
func TestEveryRemotePixelIsReached(t *testing.T) {
	for _, drawn := range []int{1, 7, 333, 640, 1919, 1920, 1921, 2400, 3840} {
		const remote = 1920
		before, reached := -1, 0
		for x := range drawn {
			got, inside := scaleAxis(x, drawn, remote)
			if !inside || got < before || got >= remote {
				t.Fatalf("%d: device pixel %d gives %d after %d", drawn, x, got, before)
			}
			if got != before {
				reached++
			}
			before = got
		}
		if want := min(drawn, remote); reached != want {
			t.Errorf("%d device pixels reach %d remote ones, want %d", drawn, reached, want)
		}
	}
}
