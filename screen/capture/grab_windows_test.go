package capture

import (
	"context"
	"image"
	"image/color"
	"testing"
	"time"
	"unsafe"

	"github.com/kbinani/screenshot"

	"handrail/screen"
	"handrail/screen/screentest"
)

var (
	createBrush = gdi32.NewProc("CreateSolidBrush")
	fillRect    = user32.NewProc("FillRect")
)

// fill paints on the screen itself, over everything.
func fill(t testing.TB, r image.Rectangle, c color.RGBA) {
	t.Helper()
	display, _, _ := getDC.Call(0)
	defer releaseDC.Call(0, display)
	brush, _, _ := createBrush.Call(uintptr(c.R) | uintptr(c.G)<<8 | uintptr(c.B)<<16)
	defer deleteObject.Call(brush)
	corners := [4]int32{int32(r.Min.X), int32(r.Min.Y), int32(r.Max.X), int32(r.Max.Y)}
	if ok, _, err := fillRect.Call(display, uintptr(unsafe.Pointer(&corners)), brush); ok == 0 {
		t.Fatal(err)
	}
	gdiFlush.Call()
}

// look captures all of the desktop.
func look(t testing.TB, c screen.Capturer, fb *screen.Framebuffer) {
	t.Helper()
	var dirty screen.Region
	if err := c.Wait(context.Background(), &dirty); err != nil {
		t.Fatal(err)
	}
	if err := c.Capture(fb, dirty.Rects()); err != nil {
		t.Fatal(err)
	}
}

func openHere(t testing.TB) (screen.Capturer, *screen.Framebuffer) {
	t.Helper()
	c, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	d := c.Desktop()
	return c, screen.NewFramebuffer(d.Width, d.Height, screen.BGRX)
}

func TestWhatIsOnTheScreen(t *testing.T) {
	c, fb := openHere(t)
	for _, want := range []color.RGBA{{200, 30, 7, 255}, {1, 255, 128, 255}} {
		r := image.Rect(40, 30, fb.Width-20, fb.Height-10) // more rows than are copied at a time
		screentest.WaitFor(t, "what was painted is in the picture", func() bool {
			fill(t, r, want) // again: a window may have been drawn over it
			look(t, c, fb)
			for _, at := range []image.Point{r.Min, r.Max.Sub(image.Pt(1, 1)), {r.Min.X, grabRows}, {r.Max.X - 1, grabRows - 1}} {
				if p := fb.Pix[at.Y*fb.Stride+4*at.X:]; p[2] != want.R || p[1] != want.G || p[0] != want.B {
					return false
				}
			}
			return true
		})
	}
	screentest.WaitFor(t, "the picture is that which another program's way gives", func() bool {
		other, err := screenshot.CaptureRect(screenshot.GetDisplayBounds(0))
		if err != nil {
			t.Fatal(err)
		}
		look(t, c, fb)
		for y := range min(fb.Height, other.Rect.Dy()) {
			for x := range min(fb.Width, other.Rect.Dx()) {
				p, q := fb.Pix[y*fb.Stride+4*x:], other.Pix[y*other.Stride+4*x:]
				if p[0] != q[2] || p[1] != q[1] || p[2] != q[0] {
					return false
				}
			}
		}
		return true
	})
}

func TestNothingIsCapturedAfterTheEnd(t *testing.T) {
	c, fb := openHere(t)
	look(t, c, fb)
	c.Close()
	if err := c.Capture(fb, []image.Rectangle{fb.Bounds()}); err != ErrClosed {
		t.Errorf("%v", err)
	}
}

func TestCapturesWithoutAllocating(t *testing.T) {
	c, fb := openHere(t)
	look(t, c, fb)
	all := []image.Rectangle{fb.Bounds()}
	if got := testing.AllocsPerRun(20, func() {
		if err := c.Capture(fb, all); err != nil {
			t.Fatal(err)
		}
	}); got > 0 {
		t.Errorf("%v allocations a picture", got)
	}
}

func TestNoticesWhetherAnythingHasChanged(t *testing.T) {
	c, fb := openHere(t)
	p, r := c.(*polling), []image.Rectangle{image.Rect(10, 10, 90, 90)}
	grab := func() bool {
		changed, err := p.grabber.grab(fb, r, p.origin, nil)
		if err != nil {
			t.Fatal(err)
		}
		return changed
	}
	shade := uint8(0)
	screentest.WaitFor(t, "a change is noticed", func() bool {
		shade += 50
		fill(t, r[0], color.RGBA{shade, 200, 100, 255})
		return grab()
	})
	screentest.WaitFor(t, "it is noticed that nothing has changed", func() bool { return !grab() })
}

func TestLooksMoreOftenWhileThingsChange(t *testing.T) {
	pause := nextPause(latest, true, time.Millisecond)
	if pause != soonest {
		t.Errorf("after a change it looks again after %v", pause)
	}
	for range 5 {
		pause = nextPause(pause, false, time.Millisecond)
	}
	if pause != latest {
		t.Errorf("after five looks without changes it looks again after %v", pause)
	}
	if got := nextPause(soonest, true, time.Second); got != 2*time.Second {
		t.Errorf("a look that takes a second comes again after %v", got)
	}
}

// BenchmarkScreen is the whole desktop, once.
func BenchmarkScreen(b *testing.B) {
	c, fb := openHere(b)
	all := []image.Rectangle{fb.Bounds()}
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Capture(fb, all); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkScreenOfTheLibrary is the same by the library's means, to compare.
func BenchmarkScreenOfTheLibrary(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := screenshot.CaptureRect(screenshot.GetDisplayBounds(0)); err != nil {
			b.Fatal(err)
		}
	}
}
