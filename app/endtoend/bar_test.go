package endtoend

import (
	"fmt"
	"image"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"

	"handrail/screen/screentest"
	"handrail/session"
)

var geometry = regexp.MustCompile(`Position: (-?\d+),(-?\d+).*\n.*Geometry: (\d+)x(\d+)`)

// place is where the bar's window is.
func (b barOf) place() image.Rectangle {
	b.t.Helper()
	id := strings.Fields(b.screen.Xdotool("search", "--name", "^"+name+" – Handrail$"))[0]
	found := geometry.FindStringSubmatch(b.screen.Xdotool("getwindowgeometry", id))
	if found == nil {
		b.t.Fatal("the bar has no place")
	}
	number := func(i int) int { n, _ := strconv.Atoi(found[i]); return n }
	return image.Rect(number(1), number(2), number(1)+number(3), number(2)+number(4))
}

// drag takes the bar by its grip and moves it sideways, as a hand does.
func (b barOf) drag(by int) {
	b.t.Helper()
	at := b.place()
	x, y := at.Min.X+16, at.Min.Y+at.Dy()/2
	b.person.Xdotool("mousemove", fmt.Sprint(x), fmt.Sprint(y), "mousedown", "1")
	for i := 1; i <= 10; i++ {
		time.Sleep(20 * time.Millisecond)
		b.person.Xdotool("mousemove", fmt.Sprint(min(max(x+by*i/10, 0), b.screen.Width-1)), fmt.Sprint(y+i))
	}
	b.person.Xdotool("mouseup", "1")
}

// cover puts a window above all others that no window manager has a hand in, as menus and screen savers do.
func cover(t *testing.T, d *screentest.Display) {
	t.Helper()
	keys := plug(t, d)
	window, err := xproto.NewWindowId(keys.conn)
	if err != nil {
		t.Fatal(err)
	}
	root := xproto.Setup(keys.conn).DefaultScreen(keys.conn).Root
	xproto.CreateWindow(keys.conn, 0, window, root, 0, 0, uint16(d.Width), 200, 0, xproto.WindowClassInputOutput, 0,
		xproto.CwBackPixel|xproto.CwOverrideRedirect, []uint32{0x404040, 1})
	if err := xproto.MapWindowChecked(keys.conn, window).Check(); err != nil {
		t.Fatal(err)
	}
	xproto.ConfigureWindow(keys.conn, window, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove})
}

// TestTheBarStays moves the bar along the edge, covers it with full-screen windows, and rests on its buttons.
func TestTheBarStays(t *testing.T) {
	person, customers := screentest.StartNested(t, 1280, 800)
	customers.Openbox()
	relay := startRelay(t)
	desk := startHeadless(t, relay)
	s := desk.newSession()
	c := startClient(t, customers, "--relay", relay.url, "--code", s.Code, "--yes", "--events")
	c.await(session.Active)
	bar := barOf{t, person, customers}
	endButton(t, customers)
	before := bar.place()
	if middle := before.Min.X + before.Dx()/2; before.Min.Y != 0 || middle < 630 || middle > 650 {
		t.Errorf("the bar begins at %v", before)
	}
	bar.drag(100)
	moved := 0
	defer func() { t.Logf("100 pixels of the hand moved the bar by %d", moved) }()
	screentest.WaitFor(t, "the bar follows the hand", func() bool {
		moved = bar.place().Min.X - before.Min.X
		return moved > 90 && moved < 110
	})
	bar.drag(-2000)
	screentest.WaitFor(t, "the bar is at the left", func() bool { return bar.place().Min == image.Point{} })
	bar.drag(2000)
	var right image.Rectangle
	defer func() { t.Logf("at the right it is at %v", right) }()
	screentest.WaitFor(t, "the bar is at the right", func() bool {
		right = bar.place()
		return right.Max.X >= customers.Width && right.Max.X <= customers.Width+1 && right.Min.Y == 0
	})
	keep(t, customers, "bar-right")

	full := customers.Run("xterm", "-fullscreen", "-T", "full", "-e", "sleep", "1000")
	id := customers.WaitWindow("^full$")
	screentest.WaitFor(t, "a window is in full screen", func() bool {
		return strings.Contains(customers.Do("xprop", "-id", id, "_NET_WM_STATE"), "FULLSCREEN")
	})
	customers.Xdotool("windowraise", id)
	endButton(t, customers)
	keep(t, customers, "bar-above-full-screen")
	full.Stop()
	cover(t, customers)
	endButton(t, customers)

	at := endButton(t, customers)
	person.Xdotool("mousemove", fmt.Sprint(at.Min.X-stopButton+60), fmt.Sprint(at.Min.Y+at.Dy()/2))
	time.Sleep(time.Second)
	keep(t, customers, "bar-rest")
	person.Xdotool("mousemove", fmt.Sprint(at.Max.X+26), fmt.Sprint(at.Min.Y+at.Dy()/2))
	time.Sleep(time.Second)
	keep(t, customers, "bar-tip")
	bar.press(0)
	c.await(session.Ended)
}

// TestTheBarFollowsTheResolution has the operator make the customer's screen smaller than the bar, and large again: all of the bar
// and of the frame are on it.
func TestTheBarFollowsTheResolution(t *testing.T) {
	customers := screentest.Start(t, 1920, 1080)
	customers.Resize(800, 600) // makes the display know it
	customers.Resize(1920, 1080)
	customers.Openbox()
	relay := startRelay(t)
	desk := startHeadless(t, relay)
	s := desk.newSession()
	c := startClient(t, customers, "--relay", relay.url, "--code", s.Code, "--yes", "--events")
	c.await(session.Active)
	bar := barOf{t, nil, customers}
	endButton(t, customers)
	for i, size := range []image.Point{{1920, 1080}, {800, 600}, {1920, 1080}} {
		if i > 0 {
			desk.ctl("set", s.ID, fmt.Sprintf("resolution=%dx%d", size.X, size.Y))
			awaitSize(t, customers, size.X, size.Y)
		}
		var at image.Rectangle
		end := image.Rectangle{}
		defer func() {
			if t.Failed() {
				t.Logf("on %v the bar is at %v and its red button at %v", size, at, end)
			}
		}()
		screentest.WaitFor(t, "the bar is in the middle", func() bool {
			at = bar.place()
			middle := at.Min.X + at.Max.X
			return at.Min.X >= 0 && at.Max.X <= size.X && at.Min.Y == 0 && middle >= size.X-2 && middle <= size.X+2
		})
		if end = endButton(t, customers); end.Max.X > at.Max.X || end.Min.X < at.Min.X {
			t.Errorf("the red button is at %v, and the bar at %v", end, at)
		}
		screentest.WaitFor(t, "the frame is along all edges", func() bool {
			picture := shot(customers)
			for _, p := range []image.Point{{1, size.Y / 2}, {size.X - 2, size.Y / 2}, {2, size.Y - 2}, {size.X / 2, size.Y - 2}, {size.X - 2, size.Y - 2}} {
				if !isTeal(picture.RGBAAt(p.X, p.Y)) {
					return false
				}
			}
			return true
		})
		const title, border = 24, 2 // of the window manager's, which xdotool counts twice
		screentest.WaitFor(t, "the customer's window is on the screen", func() bool {
			g := lies(customers, customers.WaitWindow("^Handrail$"))
			return g[0] >= 0 && g[1] > 0 && g[0]+g[2] <= size.X+border && g[1]+g[3] <= size.Y+title
		})
		keep(t, customers, fmt.Sprintf("bar-on-%d-%d", size.X, i))
	}
	desk.ctl("session", "end", s.ID)
	c.awaitEnd(t)
}

// TestTheBarLeavesTheKeyboard looks at who has the keyboard from before the bar comes until it is there: whoever types goes on.
func TestTheBarLeavesTheKeyboard(t *testing.T) {
	customers := screentest.Start(t, 1280, 800)
	customers.Openbox()
	relay := startRelay(t)
	desk := startHeadless(t, relay)
	s := desk.newSession()
	spy := customers.Run("xprop", "-spy", "-root", "_NET_ACTIVE_WINDOW")
	c := startClient(t, customers, "--relay", relay.url, "--code", s.Code, "--yes", "--events")
	c.await(session.Active)
	endButton(t, customers)
	hex := func(id string) string {
		n, err := strconv.Atoi(id)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%#x\n", n)
	}
	bar := hex(customers.WaitWindow("^" + name + " – Handrail$"))
	customers.Run("xterm", "-T", "last", "-e", "sleep", "1000") // it gets the keyboard after whatever got it before
	last := hex(customers.WaitWindow("^last$"))
	screentest.WaitFor(t, "the keyboard goes to the terminal", func() bool { return strings.Contains(spy.Output(), last) })
	if got := spy.Output(); strings.Contains(got, bar) {
		t.Errorf("the bar %s has had the keyboard:\n%s", bar, got)
	}
}
