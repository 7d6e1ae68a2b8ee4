package viewer

import (
	"runtime"

	"fyne.io/fyne/v2"

	"handrail/screen"
)

// PositionSink is a Sink that also takes keys by where they are, numbered as Linux does.
type PositionSink interface {
	Sink
	KeyAt(position uint16, down bool)
}

// SetByPosition chooses between the two ways to pass on the keyboard: what the keys here write (text, with
// shortcuts as keys), or which keys were pressed, whatever is written on them (for games, consoles, and layouts that
// only the other computer has). The viewer's own commands work in both.
func (p *Picture) SetByPosition(by bool) {
	p.keys.releaseAll()
	p.keys.byPosition = by
}

// ByPosition tells which way is in force.
func (p *Picture) ByPosition() bool { return p.keys.byPosition }

// position is a key's place as Linux numbers it, 0 where it is not known.
func position(e *fyne.KeyEvent) uint16 { return positionOf(runtime.GOOS, e.Physical.ScanCode) }

func positionOf(system string, scan int) uint16 {
	const offset, last = 8, 255
	switch {
	case system == "linux" && scan > offset && scan <= last:
		return uint16(scan - offset) // X's keycodes, also under XWayland
	case system == "windows":
		return screen.PositionOfWindows(scan)
	case system == "darwin":
		return screen.PositionOfMac(scan)
	}
	return 0
}

// downAt passes on a key by its place; false: it goes the other way.
func (k *keyboard) downAt(name fyne.KeyName, at uint16) bool {
	sink, ok := k.sink.(PositionSink)
	if !k.byPosition || !ok || at == 0 {
		return false
	}
	if _, modifier := modifiers[name]; !modifier && k.commandHeld() && k.command != nil && k.command(name) {
		k.releaseAll()
		k.dropped[name] = true
		return true
	}
	if !k.places[at] { // the other computer repeats by itself
		k.places[at] = true
		sink.KeyAt(at, true)
	}
	return true
}

// commandHeld tells whether Control and Alt are down by their places.
func (k *keyboard) commandHeld() bool {
	const leftCtrl, rightCtrl, leftAlt = 29, 97, 56
	return (k.places[leftCtrl] || k.places[rightCtrl]) && k.places[leftAlt]
}

func (k *keyboard) upAt(at uint16) bool {
	sink, ok := k.sink.(PositionSink)
	if !ok || !k.places[at] {
		return false
	}
	delete(k.places, at)
	sink.KeyAt(at, false)
	return true
}
