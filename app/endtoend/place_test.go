package endtoend

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"handrail/screen/screentest"
	"handrail/session"
)

// lies is where a window's content lies on a display: x, y, width and height.
func lies(display *screentest.Display, window string) (g [4]int) {
	out := display.Xdotool("getwindowgeometry", "--shell", window)
	for i, name := range []string{"X", "Y", "WIDTH", "HEIGHT"} {
		if m := regexp.MustCompile(`(?m)^` + name + `=(-?\d+)$`).FindStringSubmatch(out); m != nil {
			g[i], _ = strconv.Atoi(m[1])
		}
	}
	return g
}

// becomes waits until a window lies somewhere.
func becomes(t *testing.T, display *screentest.Display, window string, what string, want func([4]int) bool) [4]int {
	t.Helper()
	var last [4]int
	defer func() {
		if t.Failed() {
			t.Logf("%s: the window lies at %v", what, last)
		}
	}()
	screentest.WaitFor(t, what, func() bool { last = lies(display, window); return want(last) })
	return last
}

// shut closes a window as its button would, and waits until it is gone.
func shut(t *testing.T, display *screentest.Display, window, title string) {
	t.Helper()
	display.Xdotool("windowactivate", "--sync", window)
	display.Xdotool("key", "alt+F4")
	screentest.WaitFor(t, "the window is closed", func() bool {
		_, err := tryRun(display.Env(), tool(t, "xdotool"), "search", "--onlyvisible", "--name", title)
		return err != nil
	})
}

// TestAViewerOpensWhereItWas moves a viewer, closes it, and finds it there again: also in the next program, and on a smaller
// display where it can be reached.
func TestAViewerOpensWhereItWas(t *testing.T) {
	operators := screentest.Start(t, 1600, 1000)
	operators.Openbox()
	customers := screentest.Start(t, 800, 500)
	relay := startRelay(t)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	title := "^" + regexp.QuoteMeta(host) + " – Handrail$"

	begin := func() (*desk, *client) {
		desk := startWindow(t, operators, relay)
		s := desk.newSession()
		c := startClient(t, customers, "--relay", relay.url, "--code", s.Code, "--yes", "--events")
		c.await(session.Active)
		return desk, c
	}
	_, c := begin()
	viewer := viewerOf(t, operators)
	operators.Xdotool("windowsize", "--sync", viewer, "700", "520")
	operators.Xdotool("windowmove", viewer, "431", "217")
	left := becomes(t, operators, viewer, "the viewer is moved", func(g [4]int) bool { return g[0] >= 431 && g[1] >= 217 && g[2] == 700 })
	for range 2 { // the second time shows that it does not wander
		shut(t, operators, viewer, title)
		operators.Xdotool("windowactivate", "--sync", operators.WaitWindow("^"+name+" – Handrail$"))
		operators.Xdotool("key", "ctrl+Next", "ctrl+o") // the session, and its viewer
		viewer = viewerOf(t, operators)
		becomes(t, operators, viewer, "the viewer is where it was", func(g [4]int) bool { return g == left })
	}
	shut(t, operators, viewer, title)
	main := operators.WaitWindow("^" + name + " – Handrail$")
	c.end()
	shut(t, operators, main, "^"+name+" – Handrail$")

	_, c = begin()
	viewer = viewerOf(t, operators)
	becomes(t, operators, viewer, "the viewer is where it was in the program before", func(g [4]int) bool { return g == left })
	operators.Xdotool("windowmove", viewer, "1100", "600")
	becomes(t, operators, viewer, "the viewer is moved", func(g [4]int) bool { return g[0] >= 1100 })
	shut(t, operators, viewer, title)
	operators.Resize(1024, 768)
	operators.Xdotool("windowactivate", "--sync", operators.WaitWindow("^"+name+" – Handrail$"))
	operators.Xdotool("key", "ctrl+Next", "ctrl+o") // the session, and its viewer
	viewer = viewerOf(t, operators)
	becomes(t, operators, viewer, "the viewer can be reached on the smaller display", func(g [4]int) bool {
		return g[0] >= 0 && g[0]+g[2] <= 1024+20 && g[1] >= 0 && g[1] < 768-30
	})
	c.end()
}

// TestTheProgramStartsWithTheComputer finds the entry that desktops look for, and starts what it says: the window begins
// minimised. How desktops read such an entry is tried in package autostart.
func TestTheProgramStartsWithTheComputer(t *testing.T) {
	operators := screentest.Start(t, 1280, 900)
	operators.Openbox()
	relay := startRelay(t)
	config := t.TempDir()
	settings := filepath.Join(config, "handrail", "settings.toml")
	if err := os.MkdirAll(filepath.Dir(settings), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(settings, []byte("autostart = true\nbackground = true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	entry := filepath.Join(config, "autostart", "handrail.desktop")
	startWindow(t, operators, relay, "XDG_CONFIG_HOME="+config)
	text, err := os.ReadFile(entry)
	if want := fmt.Sprintf("Exec=%q --background\n", program(t, "handrail")); err != nil || !strings.Contains(string(text), want) {
		t.Errorf("the entry is %q, %v", text, err)
	}

	others := screentest.Start(t, 1280, 900)
	others.Openbox()
	start(t, append(others.Env(), "XDG_CONFIG_HOME="+t.TempDir(), "LANG=C.UTF-8"), program(t, "handrail"), "--background")
	screentest.WaitFor(t, "the program's window is minimised", func() bool {
		id, err := tryRun(others.Env(), tool(t, "xdotool"), "search", "--name", "^Handrail$")
		if err != nil {
			return false
		}
		state, err := tryRun(others.Env(), tool(t, "xprop"), "-id", strings.Fields(id)[0], "WM_STATE")
		return err == nil && strings.Contains(state, "Iconic")
	})
}

// TestALowScreenHasRoom opens everything that the customer has during a session on a screen of 1366 × 768 at 150 %: nothing is
// behind the bar or beyond the screen.
func TestALowScreenHasRoom(t *testing.T) {
	const high, title = 768, 24
	customers := screentest.Start(t, 1366, high)
	customers.Openbox()
	relay := startRelay(t)
	desk := startHeadless(t, relay)
	t.Setenv("FYNE_SCALE", "1.5")
	c := startClient(t, customers, "--relay", relay.url, "--code", desk.newSession().Code, "--yes", "--events")
	c.await(session.Active)
	bar := customers.WaitWindow("^" + name + " – Handrail$")
	fits := func(g [4]int) bool { // xdotool counts the title, which is at most so high, twice
		b := lies(customers, bar)
		return b[3] > 0 && g[1] >= b[1]+b[3] && g[1]+g[3] <= high+title
	}
	becomes(t, customers, customers.WaitWindow("^Handrail$"), "the window is below the bar", fits)
	b := lies(customers, bar)
	click(customers, image.Pt(b[0]+b[2]-105, b[1]+39)) // the pencil
	becomes(t, customers, customers.WaitWindow("^Draw on the screen$"), "the tools are below the bar", fits)
	c.end()
}

// TestAMonitorsWindowOpensWhereItWas gives the customer's second monitor a window of its own, moves that, and finds it there
// again when the viewer opens the next time.
func TestAMonitorsWindowOpensWhereItWas(t *testing.T) {
	operators := screentest.Start(t, 1600, 1000)
	operators.Openbox()
	customers := screentest.Start(t, 800, 400)
	customers.Do("xrandr", "--setmonitor", "left", "400/100x400/100+0+0", "screen")
	customers.Do("xrandr", "--setmonitor", "right", "400/100x400/100+400+0", "none")
	relay := startRelay(t)
	desk := startWindow(t, operators, relay)
	c := startClient(t, customers, "--relay", relay.url, "--code", desk.newSession().Code, "--yes", "--events")
	c.await(session.Active)
	viewer := viewerOf(t, operators)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	second := "^" + regexp.QuoteMeta(host) + " – Monitor 2"
	screentest.WaitFor(t, "the second monitor has a window", func() bool { // as soon as the viewer takes keys
		operators.Xdotool("windowactivate", "--sync", viewer)
		operators.Xdotool("key", "Escape", "ctrl+alt+m")
		operators.Xdotool("key", "Down", "Down", "Down", "Down", "Down", "Return") // all, two monitors, and two windows
		_, err := tryRun(operators.Env(), tool(t, "xdotool"), "search", "--onlyvisible", "--name", second)
		return err == nil
	})
	other := operators.WaitWindow(second)
	operators.Xdotool("windowsize", "--sync", other, "500", "420")
	operators.Xdotool("windowmove", other, "731", "317")
	left := becomes(t, operators, other, "the monitor's window is moved", func(g [4]int) bool { return g[0] >= 731 && g[1] >= 317 && g[2] == 500 })
	shut(t, operators, viewer, "^"+regexp.QuoteMeta(host)+" – ") // with the viewer goes the other one
	operators.Xdotool("windowactivate", "--sync", operators.WaitWindow("^"+name+" – Handrail$"))
	operators.Xdotool("key", "ctrl+Next", "ctrl+o") // the session, and its viewer
	becomes(t, operators, operators.WaitWindow(second), "the monitor's window is where it was", func(g [4]int) bool { return g == left })
	c.end()
}
