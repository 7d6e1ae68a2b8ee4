package endtoend

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/control"
	"handrail/whiteboard"
)

func rgba(c whiteboard.Color) color.RGBA { return color.RGBA{c.R, c.G, c.B, 255} }

// drawing is a running session between an operator's window and a customer's program, each on a display.
type drawing struct {
	operators, customers *screentest.Display
	desk                 *desk
	client               *client
	id, viewer           string
}

func startDrawing(t *testing.T, customers *screentest.Display) *drawing {
	t.Helper()
	d := &drawing{operators: screentest.Start(t, 1280, 900), customers: customers}
	d.operators.Openbox()
	d.customers.Openbox()
	d.customers.Do("xsetroot", "-solid", fmt.Sprintf("#%02x%02x%02x", backdrop.R, backdrop.G, backdrop.B))
	relay := startRelay(t)
	d.desk = startWindow(t, d.operators, relay)
	s := d.desk.newSession()
	d.id = s.ID
	d.client = startClient(t, d.customers, "--relay", relay.url, "--code", s.Code, "--yes", "--events")
	d.client.await(session.Active)
	withoutFrame(d.customers)
	d.viewer = viewerOf(t, d.operators)
	return d
}

// minimise takes the customer's window out of the way.
func (d *drawing) minimise() {
	d.customers.Xdotool("windowminimize", d.customers.WaitWindow("^Handrail$"))
}

// drag presses, goes along positions, and releases.
func drag(display *screentest.Display, positions ...image.Point) {
	args := []string{}
	for i, p := range positions {
		args = append(args, "mousemove", strconv.Itoa(p.X), strconv.Itoa(p.Y), "sleep", "0.02")
		if i == 0 {
			args = append(args, "mousedown", "1", "sleep", "0.05")
		}
	}
	display.Xdotool(append(args, "mouseup", "1")...)
}

// from gives positions that are counted from a corner.
func from(corner image.Point, positions []image.Point) []image.Point {
	list := make([]image.Point, len(positions))
	for i, p := range positions {
		list[i] = corner.Add(p)
	}
	return list
}

// zigzag is a way over the desktop by small steps.
func zigzag() []image.Point {
	corners := []image.Point{{100, 100}, {400, 180}, {150, 260}, {450, 330}}
	list := corners[:1:1]
	for i := 1; i < len(corners); i++ {
		a, b := corners[i-1], corners[i]
		for step := 1; step <= 12; step++ {
			list = append(list, a.Add(b.Sub(a).Mul(step).Div(12)))
		}
	}
	return list
}

// away is how far a pixel is from a way.
func away(way []image.Point, x, y int) float64 {
	least := math.Inf(1)
	for i := 1; i < len(way); i++ {
		ax, ay := float64(way[i-1].X), float64(way[i-1].Y)
		dx, dy := float64(way[i].X)-ax, float64(way[i].Y)-ay
		t := 0.0
		if dx != 0 || dy != 0 {
			t = max(0, min(1, ((float64(x)-ax)*dx+(float64(y)-ay)*dy)/(dx*dx+dy*dy)))
		}
		least = min(least, math.Hypot(ax+t*dx-float64(x), ay+t*dy-float64(y)))
	}
	return least
}

// TestTheOperatorDraws draws in the viewer with a real pointer and looks at the customer's display.
func TestTheOperatorDraws(t *testing.T) {
	t.Run("plain", func(t *testing.T) { operatorDraws(t, screentest.Start(t, 800, 500)) })
	t.Run("composited", func(t *testing.T) {
		customers := screentest.Start(t, 800, 500)
		customers.Compositor(backdrop)
		operatorDraws(t, customers)
	})
}

func operatorDraws(t *testing.T, customers *screentest.Display) {
	d := startDrawing(t, customers)
	d.minimise()
	target := recordClicks(t, d.customers)
	d.operators.Xdotool("windowactivate", "--sync", d.viewer)
	d.operators.Xdotool("key", "ctrl+alt+1")
	alone := d.picture(t, image.Rectangle{})
	d.operators.Xdotool("key", "ctrl+alt+d")
	picture := d.picture(t, alone)
	way := zigzag()
	screentest.WaitFor(t, "the stroke has begun", func() bool { // as soon as the tools are ready
		if len(d.items()) == 0 {
			drag(d.operators, from(picture.Min, way)...)
		}
		return len(d.items()) > 0
	})
	alongTheWay(t, "the customer's display", d.customers, d.customersDesktop(), way)
	alongTheWay(t, "the viewer", d.operators, picture, way)

	onRed := way[len(way)/6] // over the window that writes down clicks
	d.customers.Xdotool("mousemove", strconv.Itoa(onRed.X), strconv.Itoa(onRed.Y), "click", "1")
	if got := nextClick(t, target); got != onRed {
		t.Errorf("clicked on the red pixel %v, the program below got %v", onRed, got)
	}
	d.operators.Xdotool("key", "ctrl+alt+z")
	screentest.WaitFor(t, "undo takes the stroke off the customer's display", func() bool {
		return find(shot(d.customers), rgba(whiteboard.Red)).Empty()
	})
	d.ownStroke(t, picture.Min)
}

// picture is where the viewer shows the customer's desktop in actual size, when that is no longer where it was.
func (d *drawing) picture(t *testing.T, was image.Rectangle) (picture image.Rectangle) {
	t.Helper()
	screentest.WaitFor(t, "the picture is in place", func() bool {
		for range 6 { // it has come to rest
			before := picture
			picture = find(shot(d.operators), backdrop)
			if picture != before {
				return false
			}
			time.Sleep(50 * time.Millisecond)
		}
		return picture != was && picture.Size() == image.Pt(d.customers.Width, d.customers.Height)
	})
	return picture
}

func (d *drawing) customersDesktop() image.Rectangle {
	return image.Rect(0, 0, d.customers.Width, d.customers.Height)
}

// alongTheWay waits until a part of a display has red on the whole way and nowhere else; a stroke is 4 pixels wide.
func alongTheWay(t *testing.T, what string, display *screentest.Display, part image.Rectangle, way []image.Point) {
	t.Helper()
	wrong := ""
	defer func() { // WaitFor ends the test
		if wrong != "" {
			t.Errorf("%s: %s", what, wrong)
		}
	}()
	screentest.WaitFor(t, "the stroke is where it was drawn: "+what, func() bool {
		wrong = strays(shot(display), part, way)
		return wrong == ""
	})
}

// mostlyRed tells whether at least half of a pixel is red: with a compositor edges are smooth.
func mostlyRed(c color.RGBA) bool {
	apart := func(a, b uint8) int { return max(int(a), int(b)) - min(int(a), int(b)) }
	from := func(o color.RGBA) int { return apart(c.R, o.R) + apart(c.G, o.G) + apart(c.B, o.B) }
	red := from(rgba(whiteboard.Red))
	return red < from(backdrop) && red < from(color.RGBA{255, 255, 255, 255}) // the desktop, and the window on it
}

// strays tells of a pixel that should be red and is not, or the other way round.
func strays(screen *image.RGBA, part image.Rectangle, way []image.Point) string {
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			c := screen.RGBAAt(x, y)
			distance := away(way, x-part.Min.X, y-part.Min.Y)
			if c == rgba(whiteboard.Red) && distance > 3.5 || !mostlyRed(c) && distance < 1 {
				return fmt.Sprintf("pixel %d,%d is %v and %.1f away from what was drawn", x, y, c, distance)
			}
		}
	}
	return ""
}

func (d *drawing) items() []control.Item {
	return decode[[]control.Item](d.desk.t, d.desk.ctl("board", d.id))
}

// TestScriptsDraw goes through ctl draw and ctl board, and strokes that go by themselves.
func TestScriptsDraw(t *testing.T) {
	d := startDrawing(t, screentest.Start(t, 800, 500))
	d.minimise()
	red, green := rgba(whiteboard.Red), rgba(whiteboard.Green)
	d.desk.ctl("draw", d.id, "--color", "red", "--width", "4", "100", "100", "300", "100", "300", "200")
	screentest.WaitFor(t, "the line is there", func() bool { return shot(d.customers).RGBAAt(200, 100) == red })
	d.desk.ctl("draw", d.id, "--kind", "eraser", "--width", "20", "200", "80", "200", "120")
	screentest.WaitFor(t, "the eraser has split it", func() bool {
		screen := shot(d.customers)
		return screen.RGBAAt(200, 100) == backdrop && screen.RGBAAt(150, 100) == red && screen.RGBAAt(260, 100) == red
	})
	for i, seconds := range []int{5, 10} {
		y := 300 + 40*i
		began := time.Now()
		d.desk.ctl("draw", d.id, "--kind", "pen", "--color", "green", "--seconds", strconv.Itoa(seconds), "100", strconv.Itoa(y), "300", strconv.Itoa(y))
		screentest.WaitFor(t, "the stroke is there", func() bool { return shot(d.customers).RGBAAt(200, y) == green })
		screentest.WaitFor(t, "the stroke is gone", func() bool { return shot(d.customers).RGBAAt(200, y) == backdrop })
		if took := time.Since(began); took < time.Duration(seconds)*time.Second {
			t.Errorf("the stroke of %d s went after %v", seconds, took)
		}
	}
	file := filepath.Join(t.TempDir(), "drawn.png")
	d.desk.ctl("board", d.id, "--save", file)
	if c := readPNG(t, file).RGBAAt(150, 100); c != red {
		t.Errorf("the saved picture has %v", c)
	}
	if items := d.items(); len(items) != 1 || items[0].Kind != "line" || items[0].Author != name {
		t.Errorf("on the board are %+v", items)
	}
	if _, err := d.desk.tryCtl("draw", d.id, "--color", "reddish", "1", "1"); err == nil || !strings.Contains(err.Error(), "reddish") {
		t.Errorf("a colour that does not exist: %v", err)
	}
	d.desk.ctl("draw", d.id, "100", "400", "500", "400")
	screentest.WaitFor(t, "the last line is there", func() bool { return shot(d.customers).RGBAAt(300, 400) == red })
	d.desk.ctl("session", "end", d.id)
	screentest.WaitFor(t, "nothing red is left when the session has ended", func() bool { return find(shot(d.customers), red).Empty() })
}

// TestTheCustomerDraws draws over the customer's own screen, with the tools of the customer's window.
func TestTheCustomerDraws(t *testing.T) {
	d := startDrawing(t, screentest.Start(t, 1200, 800))
	target := recordClicks(t, d.customers)
	window := d.customers.WaitWindow("^Handrail$")
	d.customers.Xdotool("windowactivate", "--sync", window)
	blue := rgba(whiteboard.Blue)
	open := func() bool {
		return d.customers.Command("xdotool", "search", "--onlyvisible", "--name", "^Draw on the screen$").Run() == nil
	}
	screentest.WaitFor(t, "the tools are open", func() bool {
		d.pressDraw()
		return open()
	})
	bar := barOf{t, d.customers, d.customers}
	bar.press(drawButton)
	screentest.WaitFor(t, "the bar's pencil puts the tools away", func() bool { return !open() })
	bar.press(drawButton)
	tools := d.customers.WaitWindow("^Draw on the screen$")
	d.customers.Xdotool("windowmove", tools, "760", "120")
	d.customers.Xdotool("windowminimize", window)
	d.customers.WaitWindow("^Handrail takes the pointer$")
	screentest.WaitFor(t, "the stroke is on the customer's display", func() bool {
		if len(d.items()) == 0 {
			drag(d.customers, zigzag()...)
		}
		return find(shot(d.customers), blue).Dx() > 350
	})
	screentest.WaitFor(t, "the operator's picture has it", func() bool { return find(d.desk.snapshot(d.id), blue).Dx() > 350 })
	if holder := d.desk.show(d.id).Holder; holder != session.HolderCustomer {
		t.Errorf("while the customer draws %q has control", holder)
	}
	d.desk.ctl("draw", d.id, "--width", "8", "700", "300", "1190", "300")
	screentest.WaitFor(t, "what is drawn lies below the tools", func() bool {
		screen, red := shot(d.customers), rgba(whiteboard.Red)
		return screen.RGBAAt(720, 300) == red && screen.RGBAAt(850, 300) != red
	})
	keep(t, d.customers, "customer-draws")
	keep(t, d.operators, "customer-draws-operator")
	for len(target.lines) > 0 {
		if line := <-target.lines; strings.Contains(line, "ButtonPress") {
			t.Errorf("the program below got the button: %s", line)
		}
	}
	d.customers.Xdotool("mousemove", "--window", tools, "60", "28", "click", "1") // the first tool, which draws nothing
	screentest.WaitFor(t, "clicks reach the program below again", func() bool {
		d.customers.Xdotool("mousemove", "120", "120", "click", "1")
		return len(target.lines) > 0
	})
}

// drawButton is where the pencil is on the bar: right of the red button's middle, in pixels.
const drawButton = -(69 + 8 + 18)

// pressDraw presses the left one of the two buttons above the large red one of the customer's window.
func (d *drawing) pressDraw() {
	if pressAboveEnd(d.customers, 0.25) {
		time.Sleep(500 * time.Millisecond) // a second click would close what the first one opens
	}
}

// pressAboveEnd presses a button above the large red one of the customer's window, so far from left to right; false: it is not
// there yet.
func pressAboveEnd(customers *screentest.Display, at float64) bool {
	screen := shot(customers)
	below := screen.SubImage(image.Rect(0, 200, screen.Rect.Dx(), screen.Rect.Dy())).(*image.RGBA)
	red := image.Rectangle{}
	for y := below.Rect.Min.Y; y < below.Rect.Max.Y; y++ {
		for x := below.Rect.Min.X; x < below.Rect.Max.X; x++ {
			if below.RGBAAt(x, y) == (color.RGBA{0xC4, 0x26, 0x2E, 255}) {
				red = red.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if red.Empty() {
		return false
	}
	click(customers, image.Pt(red.Min.X+int(float64(red.Dx())*at), red.Min.Y-30))
	return true
}

// TestEmojiAreTheSame writes emoji, and compares what both see of them, pixel by pixel.
func TestEmojiAreTheSame(t *testing.T) {
	d := startDrawing(t, screentest.Start(t, 800, 500))
	d.minimise()
	d.operators.Xdotool("windowactivate", "--sync", d.viewer)
	d.operators.Xdotool("key", "ctrl+alt+1")
	picture := d.picture(t, image.Rectangle{})
	d.desk.ctl("draw", d.id, "--kind", "text", "--width", "60", "--text", "👍 Anna ❤️ 👨‍👩‍👧", "100", "100")
	skin, heart := color.RGBA{0xFF, 0xDD, 0x67, 255}, color.RGBA{0xFF, 0x5A, 0x79, 255}
	screentest.WaitFor(t, "the emoji are on the customer's display, in their colours", func() bool {
		screen := shot(d.customers)
		return !find(screen, skin).Empty() && !find(screen, heart).Empty() && !find(screen, rgba(whiteboard.Red)).Empty()
	})
	screentest.WaitFor(t, "both see the same", func() bool {
		there, here := shot(d.customers), shot(d.operators)
		for y := 90; y < 200; y++ {
			for x := 90; x < 700; x++ {
				if there.RGBAAt(x, y) != here.RGBAAt(picture.Min.X+x, picture.Min.Y+y) {
					return false
				}
			}
		}
		return true
	})
	keep(t, d.customers, "emoji")
	keep(t, d.operators, "emoji-operator")
}
