package bar

import (
	"image"
	"image/color"
	"testing"

	"github.com/jezek/xgb/xproto"

	"handrail/internal/xext"
	"handrail/screen/screentest"
)

var accent = color.RGBA{borderColor >> 16, borderColor >> 8 & 0xff, borderColor & 0xff, 255}

// framed tells whether a frame surrounds each of these monitors, and whether there is nothing of one elsewhere.
func framed(picture *image.RGBA, monitors ...image.Rectangle) bool {
	for y := range picture.Rect.Dy() {
		for x := range picture.Rect.Dx() {
			want := false
			for _, m := range monitors {
				inside := image.Pt(x, y).In(m.Inset(borderWidth))
				want = want || image.Pt(x, y).In(m) && !inside
			}
			if (picture.RGBAAt(x, y) == accent) != want {
				return false
			}
		}
	}
	return true
}

// TestTheFrameFollowsTheMonitors changes the resolution and makes two monitors of one while the frame is shown.
func TestTheFrameFollowsTheMonitors(t *testing.T) {
	d := screentest.Start(t, 640, 400)
	t.Setenv("DISPLAY", d.Name)
	f := newBorders(nil)
	if f == nil {
		t.Fatal("there is no frame")
	}
	closed := false
	defer func() {
		if !closed {
			f.close()
		}
	}()
	f.show(true)
	around := func(what string, monitors ...image.Rectangle) {
		t.Helper()
		screentest.WaitFor(t, "the frame surrounds "+what, func() bool { return framed(d.Pixels(), monitors...) })
	}
	whole := image.Rect(0, 0, 640, 400)
	around("the screen", whole)
	d.Resize(400, 300)
	around("a smaller one", image.Rect(0, 0, 400, 300))
	d.Resize(640, 400)
	around("the larger one again", whole)
	d.Do("xrandr", "--setmonitor", "left", "320/80x400/100+0+0", "screen")
	d.Do("xrandr", "--setmonitor", "right", "320/80x400/100+320+0", "none")
	around("two monitors", image.Rect(0, 0, 320, 400), image.Rect(320, 0, 640, 400))
	f.show(false)
	around("nothing")
	d.Resize(400, 300)
	f.show(true)
	d.Do("xrandr", "--delmonitor", "left")
	d.Do("xrandr", "--delmonitor", "right")
	around("the smaller screen", image.Rect(0, 0, 400, 300))
	f.close()
	closed = true
	around("nothing")
}

// TestTheBarFollowsTheScreen has a window held at the top of a screen that becomes narrower and wider.
func TestTheBarFollowsTheScreen(t *testing.T) {
	d := screentest.Start(t, 1280, 400)
	t.Setenv("DISPLAY", d.Name)
	conn, err := xext.Connect("")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	window, err := xproto.NewWindowId(conn)
	if err != nil {
		t.Fatal(err)
	}
	const width = 300
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	if err := xproto.CreateWindowChecked(conn, 0, window, root, 0, 0, width, 40, 0, xproto.WindowClassInputOutput, 0, 0, nil).Check(); err != nil {
		t.Fatal(err)
	}
	told := make(chan int, 16)
	var h *held
	h = holdWindow(window, func() { told <- h.room() })
	if h == nil {
		t.Fatal("the window is not held")
	}
	defer h.close()
	h.middle(width)
	xproto.MapWindow(conn, window)
	lies := func(what string, x int) {
		t.Helper()
		screentest.WaitFor(t, "the window is "+what, func() bool {
			at, err := xproto.GetGeometry(conn, xproto.Drawable(window)).Reply()
			return err == nil && int(at.X) == x && at.Y == 0 && h.at() == x
		})
	}
	resize := func(width int) {
		t.Helper()
		d.Resize(width, 400)
		if got := <-told; got != width {
			t.Errorf("a screen %d wide is said to be %d", width, got)
		}
	}
	lies("in the middle", 490)
	resize(800)
	lies("in the middle of the narrower screen", 250)
	h.move(9999)
	lies("at the right", 500)
	resize(1280)
	lies("at the right of the wider screen", 980)
	h.move(700)
	resize(800)
	lies("on the narrower screen", 500)
	resize(1280)
	h.move(100)
	resize(800)
	lies("where it was moved to", 100)
}
