package input

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jezek/xgb/xproto"

	"handrail/screen"
	"handrail/screen/screentest"
)

// KeyboardsVariable names the file that the table of all layouts is written to. Without it only some are tried.
const KeyboardsVariable = "HANDRAIL_KEYBOARDS"

// layouts are the keyboard layouts of the customer's computer that are tried, as setxkbmap takes them.
var layouts = []struct {
	name string
	args []string
	own  string // characters that people with this layout type
	some bool   // also tried without KeyboardsVariable
}{
	{"us", []string{"us"}, "", false},
	{"gb", []string{"gb"}, "£¬¦", false},
	{"de", []string{"de"}, "äöüÄÖÜß€§°µ", true},
	{"fr", []string{"fr"}, "éèçàùâêôûëïœæ€²µ§", false},
	{"si", []string{"si"}, "čšžČŠŽćđĆĐ€", false},
	{"no", []string{"no"}, "æøåÆØÅ€¤", false},
	{"kr", []string{"kr"}, "한국어 안녕하세요", false},
	{"us-intl", []string{"us", "-variant", "intl"}, "áéíóúñçÁÉÍÓÚÑÇäëïöü¿¡", true},
}

// beyond is what no layout has.
const beyond = "你好 Ελληνικά Привет → ∑ ẞ 😀👍"

// TestKeyboards types everything printable into a terminal and into a GTK entry, as text and by position, for each
// layout of the customer's computer.
func TestKeyboards(t *testing.T) {
	path := os.Getenv(KeyboardsVariable)
	rows := []string{}
	for _, layout := range layouts {
		if path == "" && !layout.some {
			continue
		}
		t.Run(layout.name, func(t *testing.T) {
			d := screentest.Start(t, 1000, 600)
			d.Do("setxkbmap", layout.args...)
			text := ascii() + layout.own + beyond
			terminal := typedInTerminal(t, d, text)
			entry := typedInEntry(t, d, text)
			keys, left := typedByPosition(t, d)
			rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s | %s |", layout.name,
				verdictOf(t, "terminal", text, terminal), verdictOf(t, "entry", text, entry), keys, left))
		})
	}
	if path != "" && !t.Failed() {
		screentest.WriteTable(t, path, "characters", append([]string{
			"| customer's layout | text in xterm | text in GTK | by position in xterm | dead keys, left out |", "|---|---|---|---|---|",
		}, rows...))
	}
}

func verdictOf(t *testing.T, where, want, got string) string {
	t.Helper()
	if got != want {
		t.Errorf("%s: typed %q\narrived %q", where, want, got)
		return "differs"
	}
	return fmt.Sprintf("all %d", len([]rune(want)))
}

func typedInTerminal(t *testing.T, d *screentest.Display, text string) string {
	t.Helper()
	i := openOn(t, d)
	r := startReader(t, d)
	if err := i.Type(text + "\n"); err != nil {
		t.Fatal(err)
	}
	line := r.line()
	_ = i.Close()
	r.terminal.Stop()
	return line
}

// typedInEntry is what a field of GTK's has after the text was typed into it.
func typedInEntry(t *testing.T, d *screentest.Display, text string) string {
	t.Helper()
	i := openOn(t, d)
	entry := d.Run("env", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "NO_AT_BRIDGE=1", "zenity", "--entry", "--title", "field")
	d.Xdotool("windowfocus", "--sync", d.WaitWindow("^field$"))
	if err := i.Type(text + "\n"); err != nil {
		t.Fatal(err)
	}
	<-entry.Ended()
	_ = i.Close()
	lines := strings.Split(strings.TrimRight(entry.Output(), "\n"), "\n")
	return lines[len(lines)-1] // what GTK complains about comes before
}

// typedByPosition presses every key of the main block, plain and with Shift, and compares with what the layout has
// there. Dead keys make nothing alone; they are counted as left.
func typedByPosition(t *testing.T, d *screentest.Display) (keys, left string) {
	t.Helper()
	i := openOn(t, d)
	r := startReader(t, d)
	const shift, enter, offset = 42, 28, 8
	press := func(at uint16, down bool) {
		if err := i.KeyAt(at, down); err != nil {
			t.Fatal(err)
		}
	}
	want, dead := "", 0
	for level := range 2 {
		for at := uint16(2); at <= 53; at++ {
			if at == 14 || at == 15 || at == enter || at == 29 || at == shift { // Backspace, Tab, Return, Control, Shift
				continue
			}
			keysym := uint32(i.keymap.level(xproto.Keycode(at+offset), level))
			char := screen.RuneOfKeysym(keysym)
			if char == 0 || keysym >= 0xfe50 && keysym <= 0xfe8f {
				dead++
				continue
			}
			if level == 1 {
				press(shift, true)
			}
			press(at, true)
			press(at, false)
			if level == 1 {
				press(shift, false)
			}
			want += string(char)
		}
	}
	press(enter, true)
	press(enter, false)
	if got := r.line(); got != want {
		t.Errorf("by position: want %q\ngot %q", want, got)
	}
	if err := i.ReleaseAll(); err != nil || len(i.held) > 0 {
		t.Errorf("%v is held: %v", i.held, err)
	}
	return fmt.Sprintf("all %d", len([]rune(want))), fmt.Sprint(dead)
}
