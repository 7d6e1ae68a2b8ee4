package input

import (
	"slices"
	"testing"

	"handrail/screen"
)

// noChar is a keyboard whose keys give no characters.
func noChar(uint32) uint32 { return 0 }

func TestNamesOfVirtualKeys(t *testing.T) {
	german := func(vk uint32) uint32 {
		return map[uint32]uint32{0xbd: '-', 0xc0: 'Ö', 0xdc: 1<<31 | '^', 'Y': 'Y'}[vk]
	}
	for _, c := range []struct {
		vk       uint32
		extended bool
		want     uint32
	}{
		{'A', false, 'a'},
		{'Z', false, 'z'},
		{'0', false, '0'},
		{'9', false, '9'},
		{0x7b, false, screen.KeyF1 + 11},
		{0x87, false, screen.KeyF1 + 23},
		{0x69, false, screen.KeyPad0 + 9},
		{0x1b, false, screen.KeyEscape},
		{0xa4, false, screen.KeyAlt},
		{0xa5, true, screen.KeyAltRight},
		{0x2c, true, screen.KeyPrint},
		{0x0d, false, screen.KeyReturn},
		{0x0d, true, screen.KeyPadEnter},
		{0x20, false, ' '},
		{0xbd, false, '-'},
		{0xc0, false, 0xf6},
		{0xdc, false, '^'},
		{0xe7, false, 0},
	} {
		if got := keysymOfVirtualKey(c.vk, c.extended, german); got != c.want {
			t.Errorf("the key %#x is %#x, not %#x", c.vk, got, c.want)
		}
	}
}

func TestVirtualKeys(t *testing.T) {
	none := func(rune) int16 { return -1 } // a Russian layout
	german := func(r rune) int16 {
		if r == 'z' {
			return 'Y'
		}
		return 0x100 | 'X' // with Shift
	}
	for _, c := range []struct {
		keysym   uint32
		shortcut bool
		scan     func(rune) int16
		vk       uint16
		ok       bool
	}{
		{'c', true, none, 'C', true},
		{'C', true, none, 'C', true},
		{'7', true, none, '7', true},
		{'c', false, none, 0, false},
		{';', true, none, 0, false},
		{screen.KeysymOfRune('č'), true, none, 0, false},
		{screen.KeysymOfRune('😀'), true, german, 0, false},
		{'z', true, german, 'Y', true},
		{'x', false, german, 'X', true},
		{screen.KeyF1 + 11, false, none, 0x7b, true},
		{screen.KeyPad0 + 7, false, none, 0x67, true},
		{screen.KeyCtrl, true, none, 0xa2, true},
		{screen.KeyDelete, true, none, 0x2e, true},
	} {
		vk, _, ok := virtualKey(c.keysym, c.shortcut, c.scan)
		if vk != c.vk || ok != c.ok {
			t.Errorf("%#x (in a shortcut: %v) is the key %#x, %v", c.keysym, c.shortcut, vk, ok)
		}
	}
}

func TestShortcuts(t *testing.T) {
	for keysym, want := range map[uint32]bool{
		screen.KeyCtrl: true, screen.KeyCtrlRight: true, screen.KeyAlt: true, screen.KeySuper: true, screen.KeySuperRight: true,
		screen.KeyShift: false, screen.KeyAltGr: false, screen.KeyCapsLock: false, 'c': false,
	} {
		if changesShortcuts(keysym) != want {
			t.Errorf("%#x makes a shortcut: %v", keysym, !want)
		}
	}
}

// desk is a keyboard of Windows: what is down there, and what is told of it.
type desk struct {
	own  ownKeys
	down map[uint32]bool
	told []screen.LocalEvent
}

func (d *desk) press(vk uint32, down bool) {
	d.told = append(d.told, d.own.event(vk, keysymOfVirtualKey(vk, false, noChar), down, func(vk uint32) bool { return d.down[vk] })...)
	d.down[vk] = down
}

func (d *desk) inject(vk uint32, down bool) {
	d.own.injected(vk, down)
	d.down[vk] = down
}

func TestKeysThatWereReleasedElsewhere(t *testing.T) {
	const win, ctrl, l, f12 = 0x5b, 0xa2, 'L', 0x7b
	d := &desk{down: map[uint32]bool{}}
	d.press(win, true)
	d.press(l, true)
	clear(d.down) // let go while the computer is locked
	d.press(f12, true)
	d.press(f12, true) // repeated
	d.press(f12, false)
	d.press(l, false) // nobody waits for it, but it does no harm
	want := []screen.LocalEvent{
		{Keysym: screen.KeySuper, Down: true},
		{Keysym: 'l', Down: true},
		{Keysym: screen.KeySuper},
		{Keysym: 'l'},
		{Keysym: screen.KeyF1 + 11, Down: true},
		{Keysym: screen.KeyF1 + 11, Down: true},
		{Keysym: screen.KeyF1 + 11},
		{Keysym: 'l'},
	}
	if !slices.Equal(d.told, want) {
		t.Errorf("told %v\nnot  %v", d.told, want)
	}
	if len(d.own.down) != 0 {
		t.Errorf("still down: %v", d.own.down)
	}

	// What the operator holds is released when the person presses a key, and may be the same key.
	d.told = nil
	d.inject(ctrl, true)
	d.press(ctrl, true)
	d.inject(ctrl, false)
	d.press(f12, true)
	want = []screen.LocalEvent{{Keysym: screen.KeyCtrl, Down: true}, {Keysym: screen.KeyF1 + 11, Down: true}}
	if !slices.Equal(d.told, want) {
		t.Errorf("the operator took a key out of the person's hand: %v", d.told)
	}
}
