package overlay

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"go.uber.org/goleak"

	"handrail/screen/screentest"
	"handrail/whiteboard"
)

// stayVariable makes the test program draw a line on the display that it names, say so, and stay until it is killed.
const stayVariable = "HANDRAIL_OVERLAY_STAY"

func TestMain(m *testing.M) {
	if display := os.Getenv(stayVariable); display != "" {
		o, err := Open(Options{Display: display})
		if err == nil {
			_, err = o.Paint(400, 300, line(10, 150, 390, 150))
		}
		fmt.Println("painted", err)
		select {}
	}
	goleak.VerifyTestMain(m)
}

var monitors = []whiteboard.Monitor{{Name: "all", Bounds: image.Rect(0, 0, 400, 300)}}

// board is a board of which the marks of one call of draw are shown.
func board(draw func(p *whiteboard.Pad, place whiteboard.Place)) []whiteboard.Mark {
	p := whiteboard.NewHub("test")
	draw(p, whiteboard.Place{Monitor: "all", Size: image.Pt(400, 300)})
	return p.Marks(monitors)
}

func line(x0, y0, x1, y1 int) []whiteboard.Mark {
	return board(func(p *whiteboard.Pad, place whiteboard.Place) {
		style := whiteboard.Style{Kind: whiteboard.Line, Color: whiteboard.Red, Width: 4}
		_, _ = p.Draw(style, place, []whiteboard.Point{whiteboard.At(x0, y0), whiteboard.At(x1, y1)})
	})
}

// withAndWithoutCompositor runs a test on a display of each kind.
func withAndWithoutCompositor(t *testing.T, test func(t *testing.T, d *screentest.Display)) {
	t.Run("plain", func(t *testing.T) { test(t, screentest.Start(t, 400, 300)) })
	t.Run("composited", func(t *testing.T) {
		d := screentest.Start(t, 400, 300)
		d.Compositor(color.RGBA{0x33, 0x66, 0x99, 255})
		test(t, d)
	})
}

func openOn(t *testing.T, d *screentest.Display) *Overlay {
	t.Helper()
	o, err := Open(Options{Display: d.Name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	return o
}

func isRed(c color.RGBA) bool {
	return c.R == whiteboard.Red.R && c.G == whiteboard.Red.G && c.B == whiteboard.Red.B
}

// red counts the red pixels of the display.
func red(d *screentest.Display) int {
	img := d.Pixels()
	n := 0
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if isRed(img.RGBAAt(x, y)) {
				n++
			}
		}
	}
	return n
}

// settled is the display when its picture no longer changes.
func settled(d *screentest.Display) *image.RGBA {
	before := d.Pixels()
	for same := 0; same < 5; same++ {
		time.Sleep(20 * time.Millisecond)
		now := d.Pixels()
		if !bytes.Equal(now.Pix, before.Pix) {
			same = 0
		}
		before = now
	}
	return before
}

func paint(t *testing.T, o *Overlay, marks []whiteboard.Mark) {
	t.Helper()
	if _, err := o.Paint(400, 300, marks); err != nil {
		t.Fatal(err)
	}
}

// TestRedAlongThePath draws lines in several directions over a window and looks at every pixel of the display.
func TestRedAlongThePath(t *testing.T) {
	withAndWithoutCompositor(t, testRedAlongThePath)
}

func testRedAlongThePath(t *testing.T, d *screentest.Display) {
	o := openOn(t, d)
	d.Run("xterm", "-geometry", "40x15+30+30", "-T", "below")
	d.WaitWindow("^below$")
	for _, path := range [][4]int{{10, 150, 390, 150}, {40, 40, 360, 260}, {200, 10, 200, 290}, {350, 20, 30, 200}} {
		paint(t, o, line(path[0], path[1], path[2], path[3]))
		screentest.WaitFor(t, fmt.Sprintf("the line %v is red, and nothing else", path), func() bool { return redAlong(d.Pixels(), path) })
	}
	paint(t, o, nil)
	screentest.WaitFor(t, "nothing red is left", func() bool { return red(d) == 0 })
}

// redAlong tells whether a picture of 400 × 300 pixels is red where a line of 4 pixels goes, and only there.
func redAlong(img *image.RGBA, path [4]int) bool {
	for y := range 300 {
		for x := range 400 {
			away := distance(path, float64(x), float64(y))
			if isRed(img.RGBAAt(x, y)) && away > 3 || !isRed(img.RGBAAt(x, y)) && away < 1 {
				return false
			}
		}
	}
	return true
}

func distance(path [4]int, x, y float64) float64 {
	ax, ay, bx, by := float64(path[0]), float64(path[1]), float64(path[2]), float64(path[3])
	t := ((x-ax)*(bx-ax) + (y-ay)*(by-ay)) / ((bx-ax)*(bx-ax) + (by-ay)*(by-ay))
	t = max(0, min(1, t))
	return math.Hypot(ax+t*(bx-ax)-x, ay+t*(by-ay)-y)
}

// TestAClickGoesThrough clicks on a red pixel; the program below writes down the button.
func TestAClickGoesThrough(t *testing.T) {
	withAndWithoutCompositor(t, testAClickGoesThrough)
}

func testAClickGoesThrough(t *testing.T, d *screentest.Display) {
	o := openOn(t, d)
	below := d.Run("xev", "-geometry", "300x200+50+50", "-event", "button")
	d.WaitWindow("^Event Tester$")
	paint(t, o, line(60, 150, 340, 150))
	screentest.WaitFor(t, "the pixel to be clicked is red", func() bool { return isRed(d.Pixels().RGBAAt(200, 150)) })
	d.Xdotool("mousemove", "200", "150", "click", "1")
	screentest.WaitFor(t, "the window below gets the click", func() bool {
		return len(below.Output()) > 0 && strings.Contains(below.Output(), "ButtonPress")
	})
}

// TestItComesBackOnTop: a window that opens later does not hide what is drawn for long, and what another window had
// covered is drawn again.
func TestItComesBackOnTop(t *testing.T) {
	withAndWithoutCompositor(t, testItComesBackOnTop)
}

func testItComesBackOnTop(t *testing.T, d *screentest.Display) {
	o := openOn(t, d)
	paint(t, o, line(10, 150, 390, 150))
	screentest.WaitFor(t, "the line is there", func() bool { return red(d) > 0 })
	settled(d)
	before := red(d)
	d.Run("xterm", "-geometry", "40x15+30+30", "-T", "later")
	d.WaitWindow("^later$")
	screentest.WaitFor(t, "the line is whole again", func() bool { return red(d) == before })
}

// TestWhatTheProgramKeepsOnTopStaysThere: what is drawn hides no window that this program itself keeps on top.
func TestWhatTheProgramKeepsOnTopStaysThere(t *testing.T) {
	withAndWithoutCompositor(t, testWhatTheProgramKeepsOnTopStaysThere)
}

func testWhatTheProgramKeepsOnTopStaysThere(t *testing.T, d *screentest.Display) {
	o := openOn(t, d)
	conn, err := xgb.NewConnDisplay(d.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		conn.Close()
		for ev, xerr := conn.WaitForEvent(); ev != nil || xerr != nil; ev, xerr = conn.WaitForEvent() {
			continue
		}
	}()
	screen := xproto.Setup(conn).DefaultScreen(conn)
	bar, _ := xproto.NewWindowId(conn)
	xproto.CreateWindow(conn, screen.RootDepth, bar, screen.Root, 100, 130, 200, 40, 0, xproto.WindowClassInputOutput, screen.RootVisual,
		xproto.CwBackPixel|xproto.CwOverrideRedirect, []uint32{0x00ff00, 1})
	const name = "_NET_WM_PID"
	atom, err := xproto.InternAtom(conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		t.Fatal(err)
	}
	pid := make([]byte, 4)
	xgb.Put32(pid, uint32(os.Getpid()))
	xproto.ChangeProperty(conn, xproto.PropModeReplace, bar, atom.Atom, xproto.AtomCardinal, 32, 1, pid)
	if err := xproto.MapWindowChecked(conn, bar).Check(); err != nil {
		t.Fatal(err)
	}
	paint(t, o, line(10, 150, 390, 150))
	paint(t, o, nil)
	paint(t, o, line(10, 150, 390, 150))
	screentest.WaitFor(t, "the line is there", func() bool { return isRed(d.Pixels().RGBAAt(50, 150)) })
	screentest.WaitFor(t, "nothing is over the bar", func() bool { return d.Pixels().RGBAAt(200, 150) == color.RGBA{0, 255, 0, 255} })
}

func TestGoneAtTheEnd(t *testing.T) {
	withAndWithoutCompositor(t, testGoneAtTheEnd)
}

func testGoneAtTheEnd(t *testing.T, d *screentest.Display) {
	o := openOn(t, d)
	before := settled(d)
	paint(t, o, line(10, 150, 390, 150))
	screentest.WaitFor(t, "the line is there", func() bool { return red(d) > 0 })
	for _, at := range []image.Point{{2, 2}, {200, 100}, {395, 295}} { // no shadow of a window as large as the screen
		if now, was := settled(d).RGBAAt(at.X, at.Y), before.RGBAAt(at.X, at.Y); now != was {
			t.Errorf("beside the line %v was %v and is %v", at, was, now)
		}
	}
	began := time.Now()
	o.Close()
	screentest.WaitFor(t, "the screen is as it was", func() bool { return bytes.Equal(d.Pixels().Pix, before.Pix) })
	t.Logf("gone after %v", time.Since(began))
	if _, err := o.Paint(400, 300, nil); err != ErrClosed {
		t.Errorf("painting on a closed one: %v", err)
	}
}

func TestGoneWhenTheProgramDies(t *testing.T) {
	withAndWithoutCompositor(t, testGoneWhenTheProgramDies)
}

func testGoneWhenTheProgramDies(t *testing.T, d *screentest.Display) {
	before := settled(d)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(d.Env(), stayVariable+"="+d.Name)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the line is there", func() bool { return red(d) > 0 })
	began := time.Now()
	_ = cmd.Process.Kill()
	screentest.WaitFor(t, "the screen is as it was", func() bool { return bytes.Equal(d.Pixels().Pix, before.Pix) })
	t.Logf("gone after %v", time.Since(began))
	_ = cmd.Wait()
}

// TestACompositorComesAndGoes: what is drawn is there before, while and after a compositor runs, with edges of the right kind.
func TestACompositorComesAndGoes(t *testing.T) {
	d := screentest.Start(t, 400, 300)
	d.Do("xsetroot", "-solid", "#ffffff")
	o := openOn(t, d)
	slope := func(step int) []whiteboard.Mark { return line(10, 20+step, 390, 150+step) }
	smooth := func() bool {
		img := settled(d)
		for y := range 300 {
			for x := range 400 {
				if c := img.RGBAAt(x, y); !isRed(c) && int(c.R) > int(c.G)+20 {
					return true
				}
			}
		}
		return false
	}
	hard := func() bool { return red(d) > 0 && !smooth() }
	paint(t, o, slope(0))
	screentest.WaitFor(t, "without a compositor no pixel of the line is half there", hard)
	picom := d.Compositor(color.RGBA{255, 255, 255, 255})
	screentest.WaitFor(t, "the overlay is told", o.surface.stale)
	paint(t, o, slope(5))
	screentest.WaitFor(t, "with a compositor the line is smooth", func() bool { return red(d) > 500 && smooth() })
	picom.Stop()
	screentest.WaitFor(t, "the overlay is told", o.surface.stale)
	paint(t, o, slope(9)) // perhaps while the compositor's connection is still being ended: it shows as soon as that is done
	screentest.WaitFor(t, "with the compositor gone no pixel of the line is half there", hard)
}

func TestAfterAChangeOfResolution(t *testing.T) {
	withAndWithoutCompositor(t, testAfterAChangeOfResolution)
}

func testAfterAChangeOfResolution(t *testing.T, d *screentest.Display) {
	o := openOn(t, d)
	paint(t, o, line(10, 150, 390, 150))
	d.Resize(320, 240)
	monitors := []whiteboard.Monitor{{Name: "all", Bounds: image.Rect(0, 0, 320, 240)}}
	p := whiteboard.NewHub("test")
	style := whiteboard.Style{Kind: whiteboard.Rectangle, Color: whiteboard.Red, Width: 8}
	_, _ = p.Draw(style, whiteboard.Place{Monitor: "all", Size: image.Pt(400, 300)}, []whiteboard.Point{whiteboard.At(10, 10), whiteboard.At(389, 289)})
	if _, err := o.Paint(320, 240, p.Marks(monitors)); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the rectangle is where it belongs on the smaller screen", func() bool {
		img := d.Pixels()
		return !slices.ContainsFunc([]image.Point{{8, 100}, {311, 100}, {160, 8}, {160, 231}}, func(at image.Point) bool { return !isRed(img.RGBAAt(at.X, at.Y)) })
	})
}

// TestTakingThePointer: what the pointer does while it is taken reaches only the overlay.
func TestTakingThePointer(t *testing.T) {
	withAndWithoutCompositor(t, testTakingThePointer)
}

func testTakingThePointer(t *testing.T, d *screentest.Display) {
	o := openOn(t, d)
	below := d.Run("xev", "-geometry", "300x200+50+50", "-event", "button")
	d.WaitWindow("^Event Tester$")
	var mu sync.Mutex
	var got []whiteboard.Input
	if err := o.Grab(0, func(in whiteboard.Input) { mu.Lock(); defer mu.Unlock(); got = append(got, in) }); err != nil {
		t.Fatal(err)
	}
	d.Xdotool("mousemove", "100", "100", "mousedown", "1", "mousemove", "150", "120", "mouseup", "1")
	screentest.WaitFor(t, "the button is released", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(got) > 0 && got[len(got)-1] == whiteboard.Input{X: 150, Y: 120, Button: 1}
	})
	if strings.Contains(below.Output(), "ButtonPress") {
		t.Error("the window below got the button")
	}
	o.Release()
	d.Xdotool("click", "1")
	screentest.WaitFor(t, "the window below has the pointer again", func() bool { return strings.Contains(below.Output(), "ButtonPress") })
}

func BenchmarkAPointOfAStroke(b *testing.B) {
	d := screentest.Start(b, 1920, 1080)
	o, err := Open(Options{Display: d.Name})
	if err != nil {
		b.Fatal(err)
	}
	defer o.Close()
	p := whiteboard.NewHub("test")
	place := whiteboard.Place{Monitor: "all", Size: image.Pt(1920, 1080)}
	monitors := []whiteboard.Monitor{{Name: "all", Bounds: image.Rect(0, 0, 1920, 1080)}}
	style := whiteboard.Style{Kind: whiteboard.Pen, Color: whiteboard.Red, Width: 4}
	id, _ := p.Begin(style, place, whiteboard.At(0, 0))
	i := 0
	for b.Loop() {
		if i++; i%600 == 0 {
			_ = p.Clear()
			id, _ = p.Begin(style, place, whiteboard.At(0, 0))
		}
		_ = p.Extend(id, whiteboard.At(3*i%1900, 500+20*(i%37)/10))
		if _, err := o.Paint(1920, 1080, p.Marks(monitors)); err != nil {
			b.Fatal(err)
		}
	}
}
