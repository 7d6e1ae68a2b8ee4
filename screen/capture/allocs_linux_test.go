package capture

import (
	"context"
	"image"
	"testing"

	"handrail/screen"
	"handrail/screen/internal/x11"
	"handrail/screen/screentest"
)

// painter draws rectangles on a display without allocating anything itself.
type painter struct {
	raw    *x11.Raw
	root   uint32
	gc     uint32
	colour uint32
}

// Opcodes of the X protocol.
const (
	createGC, changeGC, polyFillRectangle = 55, 56, 70
	foreground, subwindowMode             = 1 << 2, 1 << 15
)

func newPainter(t testing.TB, display string, root uint32) *painter {
	raw, err := x11.DialRaw(display)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	p := &painter{raw: raw, root: root, gc: raw.NewID()}
	raw.Put(createGC, 0, p.gc, root, subwindowMode, 1)
	if _, err := raw.Answer(raw.PutSync()); err != nil {
		t.Fatal(err)
	}
	return p
}

// fill gives a rectangle a colour that it did not have before.
func (p *painter) fill(r image.Rectangle) {
	p.colour = (p.colour + 0x10203) & 0xffffff
	p.raw.Put(changeGC, 0, p.gc, foreground, p.colour)
	p.raw.Put(polyFillRectangle, 0, p.root, p.gc, uint32(r.Min.X)|uint32(r.Min.Y)<<16, uint32(r.Dx())|uint32(r.Dy())<<16)
	_ = p.raw.Flush()
}

// watcher captures what a painter draws, one rectangle after another.
type watcher struct {
	t     testing.TB
	c     *capturer
	p     *painter
	fb    *screen.Framebuffer
	dirty screen.Region
	next  int
	ctx   context.Context // of all waits; it can end, as a session's can
}

func watchPainter(t testing.TB, width, height int) *watcher {
	d := screentest.Start(t, width, height)
	c := openOn(t, d.Name)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	w := &watcher{t: t, c: c, p: newPainter(t, d.Name, uint32(c.root)), fb: screen.NewFramebuffer(width, height, screen.BGRX), ctx: ctx}
	w.capture() // all of it
	return w
}

func (w *watcher) capture() {
	if err := w.c.Wait(w.ctx, &w.dirty); err != nil {
		w.t.Fatal(err)
	}
	if err := w.c.Capture(w.fb, w.dirty.Rects()); err != nil {
		w.t.Fatal(err)
	}
	w.dirty.Clear()
}

// step draws something and captures until it is in the picture.
func (w *watcher) step() {
	w.next++
	r := image.Rect(0, 0, 200, 100).Add(image.Pt(w.next*37%400, w.next*53%300))
	w.p.fill(r)
	for at := w.fb.Stride*r.Min.Y + 4*r.Min.X; uint32(w.fb.Pix[at])|uint32(w.fb.Pix[at+1])<<8|uint32(w.fb.Pix[at+2])<<16 != w.p.colour; {
		w.capture()
	}
}

func TestCapturesWithoutAllocating(t *testing.T) {
	w := watchPainter(t, 800, 600)
	for range 50 {
		w.step()
	}
	if got := testing.AllocsPerRun(300, w.step); got > 0 {
		t.Errorf("%v allocations a picture", got)
	}
}

// TestLargeRectanglesComeInPieces captures more than the shared memory holds.
func TestLargeRectanglesComeInPieces(t *testing.T) {
	w := watchPainter(t, 1600, 1200)
	if 4*1600*1200 <= segmentSize {
		t.Fatal("the display is too small")
	}
	r := image.Rect(3, 5, 1599, 1190)
	w.p.fill(r)
	w.capture()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if p := w.fb.Pix[y*w.fb.Stride+4*x:]; uint32(p[0])|uint32(p[1])<<8|uint32(p[2])<<16 != w.p.colour {
				t.Fatalf("pixel %d,%d is %v", x, y, p[:4])
			}
		}
	}
}

// BenchmarkChange is what it takes to notice a change and to copy its pixels.
func BenchmarkChange(b *testing.B) {
	w := watchPainter(b, 1920, 1080)
	b.ReportAllocs()
	for b.Loop() {
		w.step()
	}
}
