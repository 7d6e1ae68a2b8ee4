package sessiontest

import (
	"fmt"
	"image"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/screen"
	"handrail/screen/capture"
	"handrail/screen/input"
	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
)

// steered is a session whose customer has a real display, and an X client on it that sees what programs there see.
type steered struct {
	operator *operator.Session
	customer *customer.Session
	display  *screentest.Display
	conn     *xgb.Conn
	root     xproto.Window
}

func startSteered(t testing.TB, width, height int, prepare func(*screentest.Display)) *steered {
	t.Helper()
	p := &steered{display: screentest.Start(t, width, height)}
	var err error
	if p.conn, err = xgb.NewConnDisplay(p.display.Name); err != nil {
		t.Fatal(err)
	}
	p.root = xproto.Setup(p.conn).DefaultScreen(p.conn).Root
	prepare(p.display)
	relay := StartRelay(t, false)
	config := NewComputer(1, 1).Config()
	config.OpenScreen = func() (screen.Capturer, error) { return capture.Open(capture.Options{Display: p.display.Name}) }
	config.OpenInput = func() (screen.Injector, error) { return input.Open(input.Options{Display: p.display.Name}) }
	p.operator = NewSession(t, relay.SignIn(t))
	p.customer, err = customer.Join(Within(t), config, relay.URL, p.operator.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.customer.Close)
	if err := p.customer.Start(p.customer.Requested()); err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &p.operator.Status, session.Active)
	return p
}

// at is where the customer's pointer is.
func (p *steered) at(t testing.TB) image.Point {
	t.Helper()
	reply, err := xproto.QueryPointer(p.conn, p.root).Reply()
	if err != nil {
		t.Fatal(err)
	}
	return image.Pt(int(reply.RootX), int(reply.RootY))
}

// goes moves the pointer and waits until it is where it belongs.
func (p *steered) goes(t *testing.T, x, y int, want image.Point) {
	t.Helper()
	if err := p.operator.Move(x, y); err != nil {
		t.Fatal(err)
	}
	var got image.Point
	defer func() {
		if t.Failed() {
			t.Logf("at %v instead of %v", got, want)
		}
	}()
	screentest.WaitFor(t, fmt.Sprintf("the pointer is at %v", want), func() bool { got = p.at(t); return got == want })
}

// TestThePointerIsExactOnEachMonitor goes to the corners, edges and insides of two monitors of different sizes, as the session
// describes them to the operator, and then to where no desktop is.
func TestThePointerIsExactOnEachMonitor(t *testing.T) {
	p := startSteered(t, 1200, 500, func(d *screentest.Display) {
		d.Do("xrandr", "--setmonitor", "left", "700/200x500/100+0+0", "screen")
		d.Do("xrandr", "--setmonitor", "right", "500/200x400/100+700+37", "none")
	})
	defer p.conn.Close()
	var monitors []screen.Monitor
	screentest.WaitFor(t, "the operator knows both monitors", func() bool {
		monitors = p.operator.Info().Desktop.Monitors
		return len(monitors) == 2
	})
	for _, m := range monitors {
		right, bottom := m.Bounds.Dx()-1, m.Bounds.Dy()-1
		for _, in := range []image.Point{
			{}, {right, 0}, {0, bottom}, {right, bottom}, {right / 2, 0}, {0, bottom / 2}, {1, 1}, {123, 45}, {322, 267},
		} {
			at := m.Bounds.Min.Add(in)
			p.goes(t, at.X, at.Y, at)
		}
	}
	for _, c := range []struct{ x, y, wantX, wantY int }{
		{-1, 100, 0, 100},
		{100, -1, 100, 0},
		{1200, 200, 1199, 200},
		{200, 500, 200, 499},
		{1<<15 - 1, 10, 1199, 10},
		{1 << 15, 20, 1199, 20},
		{40000, 40000, 1199, 499},
		{30, 1<<16 - 1, 30, 499},
		{1<<16 + 5, 40, 1199, 40},
		{math.MinInt, math.MinInt, 0, 0},
		{math.MaxInt, math.MaxInt, 1199, 499},
		{600, 250, 600, 250},
	} {
		p.goes(t, c.x, c.y, image.Pt(c.wantX, c.wantY))
	}
	if state, reason := p.customer.State(); state != session.Active {
		t.Errorf("the session is %s (%s)", state, reason)
	}
}

const (
	dragMoves = 500
	dragFrom  = 20 // the first position; each move goes one pixel further
)

// BenchmarkDragging drags a window on the customer's display with a held button, 500 movements at 125 a second, and measures how
// long each takes from the operator's program to the program there, and until the operator's picture has the window in its place.
func BenchmarkDragging(b *testing.B) {
	p := startSteered(b, 800, 600, func(*screentest.Display) {})
	defer p.conn.Close()
	window, _ := xproto.NewWindowId(p.conn)
	if err := xproto.CreateWindowChecked(p.conn, 24, window, p.root, 0, 200, 150, 100, 0, xproto.WindowClassInputOutput, 0,
		xproto.CwBackPixel|xproto.CwOverrideRedirect|xproto.CwEventMask, []uint32{
			0xff0000, 1,
			xproto.EventMaskButtonPress | xproto.EventMaskButtonRelease | xproto.EventMaskButton1Motion,
		}).Check(); err != nil {
		b.Fatal(err)
	}
	xproto.MapWindow(p.conn, window)
	for b.Loop() {
		d := &dragged{steered: p, window: window, program: make(chan time.Time, dragMoves), ended: make(chan struct{})}
		xproto.ConfigureWindow(p.conn, window, xproto.ConfigWindowX, []uint32{dragFrom - 10})
		program, picture := d.drag(b)
		report(b, program, picture)
	}
}

type dragged struct {
	*steered
	window  xproto.Window
	program chan time.Time // when each movement reached the program
	ended   chan struct{}  // closed when the button was released there
}

// follow is a program that moves its window with the pointer.
func (d *dragged) follow() {
	defer close(d.ended)
	for {
		event, xerr := d.conn.WaitForEvent()
		switch e := event.(type) {
		case xproto.MotionNotifyEvent:
			d.program <- time.Now()
			xproto.ConfigureWindow(d.conn, d.window, xproto.ConfigWindowX, []uint32{uint32(e.RootX - 10)})
		case xproto.ButtonReleaseEvent:
			return
		case nil:
			if xerr == nil {
				return
			}
		}
	}
}

// seen is how far the operator's picture has the window.
func (d *dragged) seen() (x int) {
	d.operator.Picture().View(func(fb *screen.Framebuffer) {
		for x = 0; fb != nil && x < fb.Width && fb.RGBA().RGBAAt(x, 250).R < 128; x++ {
			continue
		}
	})
	return x + 10
}

// drag returns how long each movement took to the program and to the picture.
func (d *dragged) drag(b *testing.B) (program, picture []time.Duration) {
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	screentest.WaitFor(b, "the window is seen", func() bool { return d.seen() == dragFrom })
	go d.follow()
	must(d.operator.Move(dragFrom, 250))
	must(d.operator.Button(screen.ButtonLeft, true))
	sent := make([]time.Time, 0, dragMoves)
	updates := make(chan struct{}, 1)
	stop := d.operator.Picture().OnUpdate(func([]image.Rectangle) {
		select {
		case updates <- struct{}{}:
		default:
		}
	})
	defer stop()
	look := func() {
		for last := d.seen(); len(picture) < min(last-dragFrom, len(sent)); {
			picture = append(picture, time.Since(sent[len(picture)]))
		}
	}
	tick := time.NewTicker(8 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(screentest.Limit); len(picture) < dragMoves; {
		select {
		case <-tick.C:
			if n := len(sent); n < dragMoves {
				sent = append(sent, time.Now())
				must(d.operator.Move(dragFrom+1+n, 250))
			}
		case <-updates:
			look()
		case <-limit:
			b.Fatalf("the picture has %d of %d movements", len(picture), dragMoves)
		}
	}
	must(d.operator.Button(screen.ButtonLeft, false))
	<-d.ended
	if len(d.program) != dragMoves {
		b.Fatalf("%d of %d movements arrived", len(d.program), dragMoves)
	}
	for _, at := range sent {
		program = append(program, (<-d.program).Sub(at))
	}
	return program, picture
}

func report(b *testing.B, program, picture []time.Duration) {
	for name, times := range map[string][]time.Duration{"program": program, "picture": picture} {
		slices.Sort(times)
		for _, percent := range []int{50, 95, 100} {
			at := times[max(len(times)*percent/100-1, 0)]
			b.ReportMetric(float64(at)/1e6, fmt.Sprintf("%s-p%d-ms", name, percent))
		}
	}
}
