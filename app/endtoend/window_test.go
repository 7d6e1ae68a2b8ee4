package endtoend

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/draw"

	"handrail/screen/screentest"
	"handrail/session"
)

// backdrop is the colour of the customer's desktop in these tests; no window has it.
var backdrop = color.RGBA{0xd0, 0x10, 0xd0, 255}

// startWindow starts the operator's program with its window on a display and signs in by typing.
func startWindow(t testing.TB, display *screentest.Display, r *relay, env ...string) *desk {
	t.Helper()
	d := &desk{t: t, socket: filepath.Join(t.TempDir(), "s")}
	d.running = start(t, append(append(display.Env(), "LANG=C.UTF-8"), env...), program(t, "handrail"), "--relay", r.url, "--user", user, "--socket", d.socket)
	d.awaitSocket()
	window := display.WaitWindow("^Handrail$")
	display.Xdotool("windowactivate", "--sync", window)
	// The window takes keys as soon as it has drawn its first picture; typing before that is lost.
	screentest.WaitFor(t, "the sign-in form is drawn", func() bool { return colours(shot(display)) > 100 })
	display.Xdotool("type", password)
	display.Xdotool("key", "Return")
	display.WaitWindow("^" + name + " – Handrail$")
	return d
}

func shot(display *screentest.Display) *image.RGBA {
	picture, err := screentest.Pixels(display.Name)
	if err != nil {
		return image.NewRGBA(image.Rectangle{})
	}
	return picture
}

// colours is how many colours a picture has.
func colours(picture *image.RGBA) int {
	seen := map[[3]byte]bool{}
	for i := 0; i+3 < len(picture.Pix); i += 4 {
		seen[[3]byte(picture.Pix[i:])] = true
	}
	return len(seen)
}

// find is the smallest rectangle that has all pixels of a colour.
func find(picture *image.RGBA, c color.RGBA) (found image.Rectangle) {
	for y := range picture.Rect.Dy() {
		for x := range picture.Rect.Dx() {
			if picture.RGBAAt(x, y) == c {
				found = found.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return found
}

// newSessionButton finds the widest button in the accent's colour: the one that starts a session.
func newSessionButton(t *testing.T, picture *image.RGBA) image.Point {
	t.Helper()
	best, at := 0, image.Point{}
	for y := range picture.Rect.Dy() {
		for x := 0; x < picture.Rect.Dx(); {
			end := x + 1
			first := picture.RGBAAt(x, y)
			for end < picture.Rect.Dx() && picture.RGBAAt(end, y) == first {
				end++
			}
			if isTeal(first) && end-x > best {
				best, at = end-x, image.Pt((x+end)/2, y+4)
			}
			x = end
		}
	}
	if best < 100 {
		t.Fatal("there is no button to start a session")
	}
	return at
}

func isTeal(c color.RGBA) bool { return c.G > 90 && c.B > 85 && int(c.R)+60 < int(c.G) }

// click clicks like a person: the pointer moves, then the button goes down and up.
func click(display *screentest.Display, p image.Point) {
	display.Xdotool("mousemove", fmt.Sprint(p.X), fmt.Sprint(p.Y), "click", "1")
}

// shows tells whether an OCR program finds all these numbers on a picture. It is made for the letters of a page and takes the
// large digits of a code for something else now and then, but not at all of these sizes.
func shows(t *testing.T, picture image.Image, numbers ...string) bool {
	t.Helper()
	for _, percent := range []int{75, 50, 60, 100, 66, 85, 45, 120} {
		size := picture.Bounds().Size().Mul(percent).Div(100)
		scaled := image.NewRGBA(image.Rectangle{Max: size})
		draw.CatmullRom.Scale(scaled, scaled.Rect, picture, picture.Bounds(), draw.Src, nil)
		digits := readDigits(t, scaled)
		if !slices.ContainsFunc(numbers, func(number string) bool { return !strings.Contains(digits, number) }) {
			return true
		}
	}
	return false
}

// readDigits is the digits that an OCR program finds on a picture, one after another.
func readDigits(t *testing.T, picture image.Image) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "picture.png")
	out, err := os.Create(file)
	if err == nil {
		err = png.Encode(out, picture)
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`[^0-9]`).ReplaceAllString(read(t, file), "")
}

// read is what an OCR program reads on the picture in a file.
func read(t *testing.T, file string) string {
	t.Helper()
	// One thread: several wait for each other busily when a machine has something else to do.
	return run(t, append(os.Environ(), "OMP_THREAD_LIMIT=1"), tool(t, "tesseract"), file, "-", "--psm", "11")
}

// TestTheOperatorsWindow drives the window with mouse and keyboard: sign in, +, the code, and a customer's
// desktop on which a click lands where it was seen.
func TestTheOperatorsWindow(t *testing.T) {
	operators := screentest.Start(t, 1280, 900)
	operators.Openbox()
	customers := screentest.Start(t, 800, 500)
	customers.Openbox()
	customers.Do("xsetroot", "-solid", fmt.Sprintf("#%02x%02x%02x", backdrop.R, backdrop.G, backdrop.B))
	relay := startRelay(t)
	desk := startWindow(t, operators, relay)

	screentest.WaitFor(t, "the sessions are drawn", func() bool { return colours(shot(operators)) > 100 })
	click(operators, newSessionButton(t, shot(operators)))
	var code string
	screentest.WaitFor(t, "there is a session", func() bool {
		sessions := strings.TrimSpace(desk.ctl("session", "list"))
		if sessions == "" {
			return false
		}
		code = decode[struct{ Code string }](t, sessions).Code
		return true
	})
	screentest.WaitFor(t, "the code can be read on the window", func() bool {
		return shows(t, shot(operators), code)
	})
	operators.Xdotool("key", "ctrl+shift+c")
	screentest.WaitFor(t, "the code can be pasted", func() bool {
		copied, err := tryRun(operators.Env(), tool(t, "xclip"), "-selection", "clipboard", "-o")
		parsed, parseErr := session.ParseCode(copied)
		return err == nil && parseErr == nil && parsed.Digits() == code
	})

	c := startClient(t, customers, "--relay", relay.url, "--code", code, "--yes", "--events")
	c.await(session.Active)
	customers.Xdotool("windowminimize", customers.WaitWindow("^Handrail$")) // it would hide corners of the desktop
	withoutFrame(customers)
	pointed := recordClicks(t, customers)
	viewer := viewerOf(t, operators)
	for _, view := range []struct{ name, keys string }{{"fit", "ctrl+alt+0"}, {"actual size", "ctrl+alt+1"}} {
		operators.Xdotool("windowactivate", "--sync", viewer)
		operators.Xdotool("key", view.keys)
		t.Run(view.name, func(t *testing.T) { clickAround(t, operators, customers, pointed, view.name == "actual size") })
	}
}

// withoutFrame takes the frame around what is shared away, which would hide the edges of the desktop.
func withoutFrame(customers *screentest.Display) {
	customers.WaitWindow("^Handrail frame$")
	for _, id := range strings.Fields(customers.Xdotool("search", "--name", "^Handrail frame$")) {
		customers.Xdotool("windowunmap", id)
	}
}

// viewerOf waits for the viewer's window and returns its id.
func viewerOf(t *testing.T, operators *screentest.Display) string {
	t.Helper()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	return operators.WaitWindow("^" + regexp.QuoteMeta(host) + " – Handrail$")
}

func tool(t testing.TB, name string) string {
	t.Helper()
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Fatalf("%s is not installed", name)
	return ""
}
