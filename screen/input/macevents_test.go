package input

import (
	"slices"
	"testing"
	"time"

	"handrail/screen"
)

func TestMacMovementsAreDragsWhileAButtonIsDown(t *testing.T) {
	var m macMouse
	now := time.Now()
	expect := func(kind, button uint32) {
		t.Helper()
		if k, b := m.movement(); k != kind || b != button {
			t.Errorf("a movement has the type %d and the button %d, not %d and %d", k, b, kind, button)
		}
	}
	expect(macMoved, 0)
	for b, kind := range map[screen.Button]uint32{
		screen.ButtonLeft: macLeftDragged, screen.ButtonRight: macRightDragged, screen.ButtonMiddle: macOtherDragged,
		screen.ButtonBack: macOtherDragged, screen.ButtonForward: macOtherDragged,
	} {
		m.press(macButtons[b], 1, 1, now)
		expect(kind, macButtons[b])
		m.release(macButtons[b])
		expect(macMoved, 0)
	}
	m.press(1, 1, 1, now)
	m.press(0, 1, 1, now)
	expect(macRightDragged, 1)
	m.release(1)
	expect(macLeftDragged, 0)
	m.release(0)
	m.release(0)
	expect(macMoved, 0)

	for _, c := range []struct {
		button uint32
		down   bool
		want   uint32
	}{{0, true, 1}, {0, false, 2}, {1, true, 3}, {1, false, 4}, {2, true, 25}, {2, false, 26}, {4, true, 25}, {4, false, 26}} {
		if got := macButtonType(c.button, c.down); got != c.want || macPresses(got) != c.down {
			t.Errorf("button %d (%v) has the type %d", c.button, c.down, got)
		}
	}
}

func TestMacTapEnds(t *testing.T) {
	for _, kind := range []int32{-1, -2} { // as a 32-bit number without a sign
		if !macTapEnds(uint32(kind)) {
			t.Errorf("the type %d does not end a tap", kind)
		}
	}
	for _, kind := range []uint32{0, macKeyDown, macFlagsChanged, macMoved} {
		if macTapEnds(kind) {
			t.Errorf("the type %d ends a tap", kind)
		}
	}
}

func TestMacClicksAreCounted(t *testing.T) {
	var m macMouse
	now := time.Now()
	for n, c := range []struct {
		button uint32
		x, y   float64
		after  time.Duration
		want   int64
	}{
		{0, 100, 100, 0, 1},
		{0, 101, 99, 300 * time.Millisecond, 2},
		{0, 104, 98, 500 * time.Millisecond, 3}, // a triple click
		{0, 104, 98, 501 * time.Millisecond, 1}, // too late
		{0, 109, 98, 100 * time.Millisecond, 1}, // elsewhere
		{0, 109, 98, 100 * time.Millisecond, 2},
		{1, 109, 98, 100 * time.Millisecond, 1}, // another button
		{0, 109, 98, 100 * time.Millisecond, 1},
	} {
		now = now.Add(c.after)
		down := m.press(c.button, c.x, c.y, now)
		up := m.release(c.button)
		if down != c.want || up != c.want {
			t.Errorf("press %d is click %d, its release click %d, not %d", n, down, up, c.want)
		}
	}
	if clicks := new(macMouse).press(0, 0, 0, time.Time{}); clicks != 1 {
		t.Errorf("the first press of all is click %d", clicks)
	}
}

func TestMacUnits(t *testing.T) {
	for r, want := range map[rune][]uint16{'a': {'a'}, 'č': {0x10d}, '한': {0xd55c}, '😀': {0xd83d, 0xde00}} {
		if got := macUnits(r); !slices.Equal(got, want) {
			t.Errorf("%c is %x", r, got)
		}
	}
}

func TestMacModifiers(t *testing.T) {
	const left, right, command, arrow = 0x38, 0x3c, 0x37, 1<<21 | 1<<23
	var h macHeld
	expect := func(want uint64, shortcut bool) {
		t.Helper()
		// Whatever the person holds does not count.
		if got := h.flags(arrow | macControl | 0x2001); got != want|arrow || h.shortcut() != shortcut {
			t.Errorf("the flags are %#x, a shortcut: %v", got, h.shortcut())
		}
	}
	expect(0, false)
	h.note(0, true) // the letter A
	h.note(left, true)
	h.note(right, true)
	h.note(right, true)
	expect(macShift|6, false)
	h.note(left, false)
	expect(macShift|4, false)
	h.note(command, true)
	expect(macShift|4|macCommand|8, true)
	h.note(right, false)
	h.note(command, false)
	expect(0, false)

	got := macModifierEvents(macShift|macCommand, macShift|macControl|1<<16)
	want := []screen.LocalEvent{{Keysym: screen.KeyCtrl, Down: true}, {Keysym: screen.KeySuper}}
	if !slices.Equal(got, want) {
		t.Errorf("the modifiers did %v", got)
	}
}

// TestMacKeys compares keys by their keysyms with those by their places, and looks for what hot keys are made of.
func TestMacKeys(t *testing.T) {
	for keysym, position := range map[uint32]uint16{
		screen.KeyEscape: 1, screen.KeyBackSpace: 14, screen.KeyTab: 15, screen.KeyReturn: 28, screen.KeyCtrl: 29, screen.KeyShift: 42,
		screen.KeyShiftRight: 54, screen.KeyPadMul: 55, screen.KeyAlt: 56, ' ': 57, screen.KeyCapsLock: 58, screen.KeyF1: 59,
		screen.KeyF1 + 9: 68, screen.KeyNumLock: 69, screen.KeyPad0 + 7: 71, screen.KeyPadSub: 74, screen.KeyPad0: 82,
		screen.KeyPadDecimal: 83, screen.KeyF1 + 10: 87, screen.KeyF1 + 11: 88, screen.KeyPadEnter: 96, screen.KeyCtrlRight: 97,
		screen.KeyPadDiv: 98, screen.KeyAltRight: 100, screen.KeyHome: 102, screen.KeyUp: 103, screen.KeyPageUp: 104,
		screen.KeyLeft: 105, screen.KeyRight: 106, screen.KeyEnd: 107, screen.KeyDown: 108, screen.KeyPageDown: 109,
		screen.KeyInsert: 110, screen.KeyDelete: 111, screen.KeySuper: 125, screen.KeySuperRight: 126, screen.KeyMenu: 127,
	} {
		want, _ := screen.MacKey(position)
		got, ok := macKeyFor(keysym, false, func(uint16) rune { return 0 })
		if !ok || got != want {
			t.Errorf("the key for %#x is %#x, not %#x", keysym, got, want)
		}
		if macNames[want] != keysym {
			t.Errorf("the key %#x is called %#x", want, macNames[want])
		}
	}
	for c, key := range map[rune]uint16{ // kVK_ANSI_…
		'a': 0x00, 's': 0x01, 'd': 0x02, 'f': 0x03, 'h': 0x04, 'g': 0x05, 'z': 0x06, 'x': 0x07, 'c': 0x08, 'v': 0x09, 'b': 0x0b, 'q': 0x0c,
		'w': 0x0d, 'e': 0x0e, 'r': 0x0f, 'y': 0x10, 't': 0x11, '1': 0x12, '2': 0x13, '3': 0x14, '4': 0x15, '6': 0x16, '5': 0x17, '=': 0x18,
		'9': 0x19, '7': 0x1a, '-': 0x1b, '8': 0x1c, '0': 0x1d, ']': 0x1e, 'o': 0x1f, 'u': 0x20, '[': 0x21, 'i': 0x22, 'p': 0x23, 'l': 0x25,
		'j': 0x26, '\'': 0x27, 'k': 0x28, ';': 0x29, '\\': 0x2a, ',': 0x2b, '/': 0x2c, 'n': 0x2d, 'm': 0x2e, '.': 0x2f, '`': 0x32,
	} {
		if got := macNames[key]; got != uint32(c) {
			t.Errorf("the key of %c is called %#x", c, got)
		}
	}
}

func TestMacKeysFollowTheLayout(t *testing.T) {
	us := func(key uint16) rune {
		for c, k := range macCharacters {
			if k == key {
				return c
			}
		}
		return map[uint16]rune{0x53: '1', 0x18: '='}[key] // the number pad has a 1 too
	}
	french := func(key uint16) rune {
		switch key {
		case 0x00:
			return 'q'
		case 0x0c:
			return 'a'
		case 0x12:
			return '&'
		case 0x13:
			return 'é'
		}
		return map[uint16]rune{0x53: '1'}[key]
	}
	russian := func(key uint16) rune { return 'а' + rune(key) }
	for _, c := range []struct {
		keysym   uint32
		shortcut bool
		char     func(uint16) rune
		key      uint16
		ok       bool
	}{
		{'a', true, us, 0x00, true},
		{'A', true, us, 0x00, true},
		{'1', true, us, 0x12, true},
		{'a', true, french, 0x0c, true},
		{'q', false, french, 0x00, true},
		{0xe9, true, french, 0x13, true},
		{'1', true, french, 0x12, true},
		{'1', false, french, 0, false},
		{'c', true, russian, 0x08, true},
		{'c', false, russian, 0, false},
		{';', true, russian, 0, false},
		{screen.KeysymOfRune('в'), true, russian, 0x02, true},
		{screen.KeysymOfRune('😀'), true, us, 0, false},
	} {
		key, ok := macKeyFor(c.keysym, c.shortcut, c.char)
		if ok != c.ok || ok && key != c.key {
			t.Errorf("the key for %#x (in a shortcut: %v) is %#x, %v", c.keysym, c.shortcut, key, ok)
		}
	}
}
