package viewer

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// placeSink writes down what it is told.
type placeSink struct {
	nobody
	events []string
}

func (s *placeSink) KeyAt(at uint16, down bool) { s.events = append(s.events, fmt.Sprint(at, down)) }
func (s *placeSink) Type(text string)           { s.events = append(s.events, text) }
func (s *placeSink) ReleaseAll()                { s.events = append(s.events, "release") }

func TestKeysByPosition(t *testing.T) {
	sink := &placeSink{}
	commands := 0
	k := newKeyboard(sink, func(name fyne.KeyName) bool { commands++; return name == fyne.KeyF })
	k.byPosition = true
	press := func(name fyne.KeyName, at uint16) {
		if !k.downAt(name, at) {
			t.Errorf("%s does not go by its place", name)
		}
	}
	press(fyne.KeyY, 44)
	k.text('z') // what Fyne makes of it here
	press(fyne.KeyY, 44)
	k.upAt(44)
	press(desktop.KeyControlLeft, 29)
	press(desktop.KeyAltLeft, 56)
	press(fyne.KeyF, 33)
	want := []string{"44 true", "44 false", "29 true", "56 true", "release"}
	if !slices.Equal(sink.events, want) || commands != 1 {
		t.Errorf("%q, %d commands", sink.events, commands)
	}
	if k.downAt(fyne.KeyA, 0) {
		t.Error("a key without a place went by it")
	}
}

func TestPositions(t *testing.T) {
	for _, test := range []struct {
		system string
		scan   int
		want   uint16
	}{{"linux", 38, 30}, {"linux", 0, 0}, {"windows", 0x1e, 30}, {"windows", 0x14b, 105}, {"windows", 0x1ff, 0}, {"darwin", 5, 34}, {"darwin", 0x7f, 0}} {
		if got := positionOf(test.system, test.scan); got != test.want {
			t.Errorf("%s %#x is %d instead of %d", test.system, test.scan, got, test.want)
		}
	}
}
