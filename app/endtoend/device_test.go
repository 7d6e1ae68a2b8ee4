package endtoend

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"handrail/screen/screentest"
)

// events are what a window on the customer's display gets of keys and buttons, in the words of xev.
type events struct {
	*running
	t *testing.T
}

func watchEvents(t *testing.T, customers *screentest.Display) *events {
	t.Helper()
	e := &events{t: t, running: start(t, customers.Env(), tool(t, "stdbuf"), "-oL", "xev", "-name", "target", "-geometry", "700x400+100+100")}
	customers.Xdotool("windowfocus", "--sync", customers.WaitWindow("^target$"))
	return e
}

var (
	xevKey    = regexp.MustCompile(`keysym 0x[0-9a-f]+, (\w+)\)`)
	xevButton = regexp.MustCompile(`button (\d+),`)
)

// await collects keys and buttons ("+Alt_L", "-Tab", "+8") until those come that are wanted, in this order, perhaps with
// others in between.
func (e *events) await(wanted string) {
	e.t.Helper()
	var got []string
	left, kind := strings.Fields(wanted), ""
	for limit := time.After(screentest.Limit); len(left) > 0; {
		select {
		case line, open := <-e.lines:
			if !open {
				e.t.Fatal("the window has gone")
			}
			if name, _, ok := strings.Cut(line, " event"); ok && !strings.HasPrefix(line, " ") {
				kind = name
			}
			found := xevKey.FindStringSubmatch(line)
			if found == nil && strings.HasPrefix(kind, "Button") {
				found = xevButton.FindStringSubmatch(line)
			}
			if found == nil {
				continue
			}
			what := map[bool]string{true: "+", false: "-"}[strings.HasSuffix(kind, "Press")] + found[1]
			if got = append(got, what); what == left[0] {
				left = left[1:]
			}
		case <-limit:
			e.t.Fatalf("wanted %s; there were %v", wanted, got)
		}
	}
}

// TestHandsReachTheCustomer uses everything that an operator's keyboard and mouse have on the viewer's window: shortcuts that the
// operator's own window manager has for itself, in full screen; the locks; a key that repeats; the number pad; the wheel, dragging,
// and all buttons of the mouse.
func TestHandsReachTheCustomer(t *testing.T) {
	y := startTyping(t)
	e := watchEvents(t, y.customers)
	y.theirs.layout("us")
	y.own.layout("us")
	middle := func() { y.operators.Xdotool("mousemove", "640", "460") }

	middle()
	y.operators.Xdotool("click", "8", "click", "9", "click", "2", "click", "3")
	e.await("+8 -8 +9 -9 +2 -2 +3 -3")
	y.operators.Xdotool("click", "4", "click", "4", "click", "5", "click", "6", "click", "7")
	e.await("+4 -4 +4 -4 +5 -5 +6 -6 +7 -7")
	y.operators.Xdotool("mousedown", "1", "mousemove", "600", "440", "mousemove", "560", "430", "mouseup", "1")
	e.await("+1 -1")

	y.operators.Xdotool("windowactivate", "--sync", y.viewer)
	screentest.WaitFor(t, "the viewer has the keyboard", func() bool { return activeWindow(y.operators) == y.viewer })
	const padEnd, padNumLock = 79, 69
	y.own.tap(padEnd)
	e.await("+End -End")
	y.own.tap(padNumLock)
	y.own.tap(padEnd)
	e.await("+1 -1")
	y.own.tap(padNumLock)

	y.own.set(105, true) // the left arrow, held
	e.await("+Left -Left +Left")
	y.own.set(105, false)
	e.await("-Left")

	// Openbox switches windows by Alt+Tab: the viewer hears of Alt, but not that it is let go. Nothing stays held there.
	y.operators.Xdotool("keydown", "alt")
	e.await("+Alt_L")
	y.operators.Xdotool("key", "Tab")
	y.operators.Xdotool("keyup", "alt")
	e.await("-Alt_L")
	y.operators.Xdotool("windowactivate", "--sync", y.viewer)
	y.operators.Xdotool("key", "a")
	e.await("+a -a")

	// Openbox has these for itself, until the viewer is in full screen.
	y.operators.Xdotool("key", "ctrl+alt+f")
	screentest.WaitFor(t, "the viewer is in full screen", func() bool {
		return strings.Contains(y.operators.Do("xprop", "-id", y.viewer, "_NET_WM_STATE"), "FULLSCREEN")
	})
	time.Sleep(500 * time.Millisecond) // a window manager's own time
	y.operators.Xdotool("key", "alt+Tab")
	e.await("+Alt_L +Tab -Tab")
	y.operators.Xdotool("key", "super+d")
	e.await("+Super_L +d -d")
	y.operators.Xdotool("key", "ctrl+alt+f")
	screentest.WaitFor(t, "the viewer is in a window", func() bool {
		return !strings.Contains(y.operators.Do("xprop", "-id", y.viewer, "_NET_WM_STATE"), "FULLSCREEN")
	})
}

// TestCapsLockDoesNotDouble types with Caps Lock on, on one side or on both: what arrives is what was written.
func TestCapsLockDoesNotDouble(t *testing.T) {
	y := startTyping(t)
	y.theirs.layout("us")
	y.own.layout("us")
	for _, c := range []struct {
		name        string
		own, theirs bool
		want        string
	}{
		{"the operator's", true, false, "ABCdef"}, {"the customer's", false, true, "abcDEF"}, {"both", true, true, "ABCdef"},
	} {
		if c.own {
			y.own.tap(atCaps)
		}
		if c.theirs {
			y.theirs.tap(atCaps)
		}
		r := readInTerminal(t, y.customers)
		for _, at := range []int{30, 48, 46} { // a b c
			y.own.strike(stroke{at, 0})
		}
		for _, at := range []int{32, 18, 33} { // d e f with Shift
			y.own.strike(stroke{at, 1})
		}
		y.own.tap(atReturn)
		if got := r.text(); got != c.want {
			t.Errorf("%s Caps Lock: %q instead of %q", c.name, got, c.want)
		}
		r.stop()
		if lit := strings.Contains(y.customers.Do("xset", "q"), "Caps Lock:   on"); lit != c.theirs {
			t.Errorf("%s Caps Lock: the customer's is on: %v", c.name, lit)
		}
		if c.own {
			y.own.tap(atCaps)
		}
		if c.theirs {
			y.theirs.tap(atCaps)
		}
	}
}
