package endtoend

import (
	"fmt"
	"image"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"handrail/screen/input"
	"handrail/screen/screentest"
	"handrail/session"
)

// KeyboardsVariable names the file whose table of all layouts on both sides is written. Without it one pair is tried.
const KeyboardsVariable = "HANDRAIL_KEYBOARDS"

// keyboardLayouts are the layouts that are tried on both sides, as setxkbmap takes them.
var keyboardLayouts = []struct {
	name string
	args []string
}{
	{"us", []string{"us"}},
	{"gb", []string{"gb"}},
	{"de", []string{"de"}},
	{"fr", []string{"fr"}},
	{"si", []string{"si"}},
	{"no", []string{"no"}},
	{"kr", []string{"kr"}},
	{"us-intl", []string{"us", "-variant", "intl"}},
}

// beyondKeys is what no key has: it comes from input methods and lists of characters.
const beyondKeys = "😀👍你好"

// typing is an operator at the viewer of a customer whose keys arrive in programs.
type typing struct {
	t                    *testing.T
	operators, customers *screentest.Display
	own, theirs          *hardware
	viewer               string
	desk                 *desk
	session              string
	places               bool // keys go by position
}

func startTyping(t *testing.T) *typing {
	t.Helper()
	y := &typing{t: t, operators: screentest.Start(t, 1280, 900), customers: screentest.Start(t, 1000, 600)}
	y.operators.Openbox()
	relay := startRelay(t)
	y.desk = startWindow(t, y.operators, relay)
	s := y.desk.newSession()
	y.session = s.ID
	c := startClient(t, y.customers, "--relay", relay.url, "--code", s.Code, "--yes", "--events")
	c.await(session.Active)
	y.viewer = viewerOf(t, y.operators)
	y.operators.Xdotool("windowactivate", "--sync", y.viewer)
	screentest.WaitFor(t, "the picture is there", func() bool { return colours(shot(y.operators)) > 200 })
	endButton(t, y.customers) // without a window manager the bar takes the keyboard when it comes
	y.own, y.theirs = plug(t, y.operators), plug(t, y.customers)
	return y
}

// switchMode chooses the other way to send keys, in the list of keys.
func (y *typing) switchMode() {
	y.t.Helper()
	y.own.layout("us")
	before := y.settled()
	y.operators.Xdotool("key", "ctrl+alt+k")
	screentest.WaitFor(y.t, "the list of keys is open", func() bool { return differ(before, shot(y.operators)) > 20_000 })
	keep(y.t, y.operators, "keys-list")
	y.operators.Xdotool("key", "Up")
	y.operators.Xdotool("key", "Return")
	y.settled()
	keep(y.t, y.operators, "keys-chosen")
	y.places = !y.places
}

// settled waits until the operator's screen is at rest, and returns it.
func (y *typing) settled() *image.RGBA {
	y.t.Helper()
	now := shot(y.operators)
	screentest.WaitFor(y.t, "the operator's screen is at rest", func() bool {
		time.Sleep(300 * time.Millisecond)
		before := now
		now = shot(y.operators)
		return differ(before, now) < 2000
	})
	return now
}

// differ is how many bytes of two pictures of the same size differ.
func differ(a, b *image.RGBA) (n int) {
	for i := range min(len(a.Pix), len(b.Pix)) {
		if a.Pix[i] != b.Pix[i] {
			n++
		}
	}
	return n
}

// arrive types all there is on the operator's keyboard into a program and compares; it returns how many characters came.
func (y *typing) arrive(read func(*testing.T, *screentest.Display) reading) string {
	y.t.Helper()
	from := y.own
	if y.places {
		from = y.theirs // what the customer's layout makes of the places
	}
	strokes, want := from.sequence()
	r := read(y.t, y.customers)
	defer r.stop()
	for _, s := range strokes {
		y.own.strike(s)
	}
	if !y.places {
		list := y.writeBeyond()
		defer list.Close() // it takes its characters off the keyboard then: not before they have arrived
		want += beyondKeys
	}
	y.own.tap(atReturn)
	if got := r.text(); got != want {
		y.t.Errorf("typed %q\narrived %q", want, got)
		return "differs"
	}
	return fmt.Sprint(len([]rune(want)))
}

// writeBeyond types what no key has, as a list of characters on the operator's computer does, which it returns.
func (y *typing) writeBeyond() io.Closer {
	y.t.Helper()
	list, err := input.Open(input.Options{Display: y.operators.Name})
	if err != nil {
		y.t.Fatal(err)
	}
	if err := list.Type(beyondKeys); err != nil {
		list.Close()
		y.t.Fatal(err)
	}
	return list
}

// TestKeyboardsOfBothSides types every character of a layout, dead keys and AltGr included, on the operator's keyboard in the
// viewer, and looks what arrives in a terminal and in a field of GTK's on a customer's computer with a layout of its own; as
// text, and by position.
func TestKeyboardsOfBothSides(t *testing.T) {
	y := startTyping(t)
	path := os.Getenv(KeyboardsVariable)
	var rows []string
	for _, places := range []bool{false, true} {
		if places {
			y.switchMode()
		}
		for _, own := range keyboardLayouts {
			if path == "" && own.name != "de" {
				continue
			}
			cells := []string{own.name}
			for _, theirs := range keyboardLayouts {
				if path == "" && theirs.name != "us-intl" {
					continue
				}
				t.Run(fmt.Sprintf("%s to %s, by position %v", own.name, theirs.name, places), func(t *testing.T) {
					y.t, y.own.t, y.theirs.t = t, t, t
					y.own.layout(own.args...)
					y.theirs.layout(theirs.args...)
					terminal, entry := y.arrive(readInTerminal), y.arrive(readInEntry)
					cell := terminal
					if terminal != entry {
						cell = "terminal: " + terminal + ", GTK: " + entry
					}
					cells = append(cells, cell)
				})
				y.t, y.own.t, y.theirs.t = t, t, t
			}
			rows = append(rows, "| "+strings.Join(cells, " | ")+" |")
		}
		name := "text"
		if places {
			name = "positions"
		}
		if path != "" {
			screentest.WriteTable(t, path, name, append(tableHead(), rows...))
		}
		rows = rows[:0]
	}
}

// tableHead is the head of a table with the operator's layouts below each other and the customer's beside.
func tableHead() []string {
	head, rule := "| operator ↓ customer → |", "|---|"
	for _, l := range keyboardLayouts {
		head, rule = head+" "+l.name+" |", rule+"---|"
	}
	return []string{head, rule}
}
