package endtoend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
	"golang.org/x/text/unicode/norm"

	"handrail/internal/xext"
	"handrail/screen"
	"handrail/screen/screentest"
)

// hardware is the keyboard of a display: keys are pressed by where they are, as Linux numbers them.
type hardware struct {
	t       *testing.T
	display *screentest.Display
	conn    *xgb.Conn
	first   xproto.Keycode
	keysyms []xproto.Keysym
	per     int
}

const (
	evdev                                         = 8 // X's keycodes are higher than Linux's numbers by this
	atShift, atAltGr, atReturn, atCaps, atControl = 42, 100, 28, 58, 29
)

func plug(t *testing.T, d *screentest.Display) *hardware {
	t.Helper()
	conn, err := xext.Connect(d.Name)
	if err == nil {
		err = xext.Use(conn, xext.XTest)
	}
	if err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for {
			if event, xerr := conn.WaitForEvent(); event == nil && xerr == nil {
				return
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-gone })
	k := &hardware{t: t, display: d, conn: conn, first: xproto.Setup(conn).MinKeycode}
	k.read()
	return k
}

// layout gives the keyboard another layout.
func (k *hardware) layout(args ...string) {
	k.t.Helper()
	k.display.Do("setxkbmap", args...)
	k.read()
}

func (k *hardware) read() {
	k.t.Helper()
	setup := xproto.Setup(k.conn)
	reply, err := xproto.GetKeyboardMapping(k.conn, k.first, byte(setup.MaxKeycode-k.first+1)).Reply()
	if err != nil {
		k.t.Fatal(err)
	}
	k.keysyms, k.per = reply.Keysyms, int(reply.KeysymsPerKeycode)
}

// keysym is what a key gives: on level 0 plain, 1 with Shift, 2 with AltGr, 3 with both.
func (k *hardware) keysym(at, level int) uint32 {
	column := level
	if level >= 2 {
		column += 2 // two levels of a second group lie between in the protocol's older part
	}
	if column >= k.per {
		return 0
	}
	return uint32(k.keysyms[(at+evdev-int(k.first))*k.per+column])
}

// hasAltGr tells whether the key right of Space is AltGr in this layout.
func (k *hardware) hasAltGr() bool { return k.keysym(atAltGr, 0) == screen.KeyAltGr }

func (k *hardware) set(at int, down bool) {
	k.t.Helper()
	kind := byte(xproto.KeyPress)
	if !down {
		kind = xproto.KeyRelease
	}
	if err := xtest.FakeInputChecked(k.conn, kind, byte(at+evdev), 0, 0, 0, 0, 0).Check(); err != nil {
		k.t.Fatal(err)
	}
}

func (k *hardware) tap(at int) {
	k.set(at, true)
	k.set(at, false)
}

// stroke is a key with what is held while it is pressed.
type stroke struct{ at, level int }

func (k *hardware) strike(s stroke) {
	held := []int{}
	if s.level&1 != 0 {
		held = append(held, atShift)
	}
	if s.level&2 != 0 {
		held = append(held, atAltGr)
	}
	for _, at := range held {
		k.set(at, true)
	}
	k.tap(s.at)
	for _, at := range held {
		k.set(at, false)
	}
	time.Sleep(handsPause)
}

// handsPause is how long fingers need at least: GLFW takes two presses of one key within a millisecond for one.
const handsPause = 3 * time.Millisecond

// mainBlock are the keys that give characters.
func mainBlock() (keys []int) {
	for at := 2; at <= 13; at++ {
		keys = append(keys, at) // the row of digits
	}
	for at := 16; at <= 27; at++ {
		keys = append(keys, at)
	}
	for at := 30; at <= 41; at++ {
		keys = append(keys, at)
	}
	for at := 43; at <= 53; at++ {
		keys = append(keys, at)
	}
	return append(keys, 86, 57) // the key beside the left Shift, and Space
}

// accents are what dead keys put above or below a letter.
var accents = map[uint32]rune{
	0xfe50: 0x300, 0xfe51: 0x301, 0xfe52: 0x302, 0xfe53: 0x303, 0xfe54: 0x304, 0xfe55: 0x306, 0xfe56: 0x307, 0xfe57: 0x308,
	0xfe58: 0x30a, 0xfe59: 0x30b, 0xfe5a: 0x30c, 0xfe5b: 0x327, 0xfe5c: 0x328,
}

// sequence is what is typed on a layout with what comes of it: every character of every key, then every dead key with each
// letter that there is with its accent.
func (k *hardware) sequence() (strokes []stroke, want string) {
	levels := 2
	if k.hasAltGr() {
		levels = 4
	}
	var dead []stroke
	letters := map[rune]stroke{}
	for level := range levels {
		for _, at := range mainBlock() {
			keysym := k.keysym(at, level)
			if accents[keysym] != 0 {
				dead = append(dead, stroke{at, level})
				continue
			}
			c := screen.RuneOfKeysym(keysym)
			if c == 0 || !unicode.IsPrint(c) || keysym >= 0xfe00 && keysym <= 0xfeff || unicode.Is(unicode.Mn, c) {
				continue
			}
			strokes, want = append(strokes, stroke{at, level}), want+string(c)
			if _, known := letters[c]; !known && level < 2 {
				letters[c] = stroke{at, level}
			}
		}
	}
	for _, d := range dead {
		for _, base := range "aceinosuzAEU" {
			letter, ok := letters[base]
			composed := []rune(norm.NFC.String(string(base) + string(accents[k.keysym(d.at, d.level)])))
			if ok && len(composed) == 1 {
				strokes, want = append(strokes, d, letter), want+string(composed)
			}
		}
	}
	return strokes, want
}

// reading is a program on the customer's display that is typed into.
type reading interface {
	text() string // what it got, once Return has ended it
	stop()
}

// terminalReading is a line of a terminal.
type terminalReading struct {
	t        *testing.T
	file     string
	terminal *screentest.Process
}

func readInTerminal(t *testing.T, d *screentest.Display) reading {
	t.Helper()
	file := filepath.Join(t.TempDir(), "line")
	script := `IFS= read -r line; printf %s "$line" >"$1.new"; mv "$1.new" "$1"; sleep 1000`
	r := &terminalReading{t: t, file: file}
	r.terminal = d.Run("env", "LC_ALL=C.UTF-8", "xterm", "-u8", "-T", "reader", "-geometry", "100x30+0+0", "-e", "sh", "-c", script, "sh", file)
	d.Xdotool("windowfocus", "--sync", d.WaitWindow("^reader$"))
	return r
}

func (r *terminalReading) text() string {
	r.t.Helper()
	var line []byte
	screentest.WaitFor(r.t, "the terminal has a line", func() bool {
		var err error
		line, err = os.ReadFile(r.file)
		return err == nil
	})
	return string(line)
}

func (r *terminalReading) stop() { r.terminal.Stop() }

// entryReading is a field of GTK's.
type entryReading struct {
	t     *testing.T
	entry *screentest.Process
}

func readInEntry(t *testing.T, d *screentest.Display) reading {
	t.Helper()
	r := &entryReading{t: t}
	r.entry = d.Run("env", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "NO_AT_BRIDGE=1", "zenity", "--entry", "--title", "field")
	d.Xdotool("windowfocus", "--sync", d.WaitWindow("^field$"))
	return r
}

func (r *entryReading) text() string {
	r.t.Helper()
	<-r.entry.Ended()
	lines := strings.Split(strings.TrimRight(r.entry.Output(), "\n"), "\n")
	return lines[len(lines)-1] // what GTK complains about comes before
}

func (r *entryReading) stop() { r.entry.Stop() }
