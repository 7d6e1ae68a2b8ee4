package input

import (
	"time"
	"unicode/utf16"

	"handrail/screen"
)

// Events of macOS (CGEventTypes.h in CoreGraphics). What is decided about them stands here, apart from the calls, so that it
// is tested on every system.

// Types of events.
const (
	macLeftDown, macLeftUp, macLeftDragged    = 1, 2, 6
	macRightDown, macRightUp, macRightDragged = 3, 4, 7
	macOtherDown, macOtherUp, macOtherDragged = 25, 26, 27
	macMoved                                  = 5
	macKeyDown, macKeyUp, macFlagsChanged     = 10, 11, 12

	// An event tap gets these two when macOS has switched it off.
	macTapTimedOut, macTapOff = 0xfffffffe, 0xffffffff
)

// macButtons are macOS' numbers of buttons.
var macButtons = map[screen.Button]uint32{
	screen.ButtonLeft: 0, screen.ButtonRight: 1, screen.ButtonMiddle: 2, screen.ButtonBack: 3, screen.ButtonForward: 4,
}

// macButtonType is the type of the event that presses or releases a button.
func macButtonType(button uint32, down bool) uint32 {
	types := [3][2]uint32{{macLeftUp, macLeftDown}, {macRightUp, macRightDown}, {macOtherUp, macOtherDown}}[min(button, 2)]
	if down {
		return types[1]
	}
	return types[0]
}

// macPresses tells whether an event is a button's going down.
func macPresses(kind uint32) bool {
	return kind == macLeftDown || kind == macRightDown || kind == macOtherDown
}

// macTapEnds tells whether macOS says by this that it has switched an event tap off, which a tap that is to live on takes back.
func macTapEnds(kind uint32) bool { return kind == macTapTimedOut || kind == macTapOff }

// macMouse knows which buttons are down and which click of a double or triple one this is: programs on macOS believe what the
// events say of both.
type macMouse struct {
	down []uint32 // the first one pressed leads

	// of the last press
	button uint32
	x, y   float64
	at     time.Time
	clicks int64
}

// As macOS has it unless its owner says otherwise.
const (
	macDoubleClick = 500 * time.Millisecond
	macSamePlace   = 4 // points in each direction
)

// movement is the type of a movement, and the button that it belongs to.
func (m *macMouse) movement() (kind, button uint32) {
	if len(m.down) == 0 {
		return macMoved, 0
	}
	button = m.down[0]
	return [3]uint32{macLeftDragged, macRightDragged, macOtherDragged}[min(button, 2)], button
}

// press notes that a button goes down and says how many times it has, one soon after the other.
func (m *macMouse) press(button uint32, x, y float64, now time.Time) int64 {
	near := max(x-m.x, m.x-x) <= macSamePlace && max(y-m.y, m.y-y) <= macSamePlace
	if m.clicks == 0 || m.button != button || !near || now.Sub(m.at) > macDoubleClick {
		m.clicks = 0
	}
	m.clicks++
	m.button, m.x, m.y, m.at = button, x, y, now
	m.down = append(without(m.down, button), button)
	return m.clicks
}

// release notes that a button goes up and says which click that ends.
func (m *macMouse) release(button uint32) int64 {
	m.down = without(m.down, button)
	if button != m.button {
		return 1
	}
	return max(m.clicks, 1)
}

func without[T comparable](list []T, one T) []T {
	kept := list[:0]
	for _, o := range list {
		if o != one {
			kept = append(kept, o)
		}
	}
	return kept
}

// macUnits is a character as an event carries it.
func macUnits(r rune) []uint16 { return utf16.AppendRune(nil, r) }

// What events say of modifiers: one bit for each kind, and one for each key of it (IOLLEvent.h).
const (
	macShift, macControl, macAlternate, macCommand = 1 << 17, 1 << 18, 1 << 19, 1 << 20

	macModifiers = macShift | macControl | macAlternate | macCommand | 0x207f
)

var macModifierKeys = map[uint16]uint64{
	0x38: macShift | 0x02, 0x3c: macShift | 0x04, 0x3b: macControl | 0x01, 0x3e: macControl | 0x2000,
	0x3a: macAlternate | 0x20, 0x3d: macAlternate | 0x40, 0x37: macCommand | 0x08, 0x36: macCommand | 0x10,
}

// macHeld are the modifiers that the operator holds.
type macHeld []uint16

// note takes a key that is pressed or released.
func (h *macHeld) note(key uint16, down bool) {
	if _, modifier := macModifierKeys[key]; !modifier {
		return
	}
	*h = without(*h, key)
	if down {
		*h = append(*h, key)
	}
}

// flags are an event's flags with the operator's modifiers, and only these. The others stay, such as the mark of the arrows.
func (h macHeld) flags(flags uint64) uint64 {
	flags &^= macModifiers
	for _, key := range h {
		flags |= macModifierKeys[key]
	}
	return flags
}

// shortcut tells whether these modifiers make a shortcut of what is pressed with them.
func (h macHeld) shortcut() bool { return h.flags(0)&(macControl|macAlternate|macCommand) != 0 }

// macModifierEvents are what the modifiers of this computer's own keyboard did between two states of an event's flags.
func macModifierEvents(before, now uint64) []screen.LocalEvent {
	var events []screen.LocalEvent
	for _, m := range []struct {
		bit    uint64
		keysym uint32
	}{{macShift, screen.KeyShift}, {macControl, screen.KeyCtrl}, {macAlternate, screen.KeyAlt}, {macCommand, screen.KeySuper}} {
		if (before^now)&m.bit != 0 {
			events = append(events, screen.LocalEvent{Keysym: m.keysym, Down: now&m.bit != 0})
		}
	}
	return events
}

// macKeys are macOS' numbers of keys that give no character (Events.h in Carbon), by their keysyms.
var macKeys = map[uint32]uint16{
	screen.KeyBackSpace: 0x33, screen.KeyTab: 0x30, screen.KeyReturn: 0x24, screen.KeyEscape: 0x35, ' ': 0x31,
	screen.KeyHome: 0x73, screen.KeyLeft: 0x7b, screen.KeyUp: 0x7e, screen.KeyRight: 0x7c, screen.KeyDown: 0x7d,
	screen.KeyPageUp: 0x74, screen.KeyPageDown: 0x79, screen.KeyEnd: 0x77, screen.KeyDelete: 0x75,
	screen.KeyInsert: 0x72, screen.KeyMenu: 0x6e, screen.KeyNumLock: 0x47, screen.KeyCapsLock: 0x39,
	screen.KeyShift: 0x38, screen.KeyShiftRight: 0x3c, screen.KeyCtrl: 0x3b, screen.KeyCtrlRight: 0x3e,
	screen.KeyAlt: 0x3a, screen.KeyAltRight: 0x3d, screen.KeyAltGr: 0x3d, screen.KeySuper: 0x37, screen.KeySuperRight: 0x36,
	screen.KeyPadEnter: 0x4c, screen.KeyPadMul: 0x43, screen.KeyPadAdd: 0x45, screen.KeyPadSub: 0x4e,
	screen.KeyPadDecimal: 0x41, screen.KeyPadDiv: 0x4b,
	screen.KeyPad0: 0x52, screen.KeyPad0 + 1: 0x53, screen.KeyPad0 + 2: 0x54, screen.KeyPad0 + 3: 0x55, screen.KeyPad0 + 4: 0x56,
	screen.KeyPad0 + 5: 0x57, screen.KeyPad0 + 6: 0x58, screen.KeyPad0 + 7: 0x59, screen.KeyPad0 + 8: 0x5b, screen.KeyPad0 + 9: 0x5c,
	screen.KeyF1: 0x7a, screen.KeyF1 + 1: 0x78, screen.KeyF1 + 2: 0x63, screen.KeyF1 + 3: 0x76, screen.KeyF1 + 4: 0x60,
	screen.KeyF1 + 5: 0x61, screen.KeyF1 + 6: 0x62, screen.KeyF1 + 7: 0x64, screen.KeyF1 + 8: 0x65, screen.KeyF1 + 9: 0x6d,
	screen.KeyF1 + 10: 0x67, screen.KeyF1 + 11: 0x6f, screen.KeyF1 + 12: 0x69, screen.KeyF1 + 13: 0x6b, screen.KeyF1 + 14: 0x71,
	screen.KeyF1 + 15: 0x6a, screen.KeyF1 + 16: 0x40, screen.KeyF1 + 17: 0x4f, screen.KeyF1 + 18: 0x50, screen.KeyF1 + 19: 0x5a,
}

// macCharacters are the keys of a US keyboard, which all others have in the same places.
var macCharacters = func() map[rune]uint16 {
	keys := map[rune]uint16{}
	for first, row := range map[uint16]string{2: "1234567890-=", 16: "qwertyuiop[]", 30: "asdfghjkl;'`", 43: `\zxcvbnm,./`} {
		for n, c := range row {
			keys[c], _ = screen.MacKey(first + uint16(n))
		}
	}
	return keys
}()

// macNames are the keysyms of keys, letters and digits as on a US keyboard.
var macNames = func() map[uint16]uint32 {
	names := map[uint16]uint32{}
	for keysym, key := range macKeys {
		names[key] = keysym
	}
	names[0x3d] = screen.KeyAltRight // it is also AltGr
	for c, key := range macCharacters {
		names[key] = screen.KeysymOfRune(c)
	}
	return names
}()

// macKeyFor is the key that gives a keysym. char tells what a key gives alone in the layout of now, 0 for nothing. Where
// the layout has no key for a letter or a digit, a shortcut takes the key that has it on a US keyboard, as macOS does.
func macKeyFor(keysym uint32, shortcut bool, char func(key uint16) rune) (uint16, bool) {
	if key, ok := macKeys[keysym]; ok {
		return key, true
	}
	r := screen.RuneOfKeysym(keysym)
	if r >= 'A' && r <= 'Z' {
		r += 'a' - 'A'
	}
	if r == 0 {
		return 0, false
	}
	const keys = 128
	likely, typed := macCharacters[r]
	if typed && char(likely) == r {
		return likely, true
	}
	for key := range uint16(keys) {
		if !macPadKeys[key] && char(key) == r {
			return key, true
		}
	}
	return likely, shortcut && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
}

// macPadKeys are keys of the number pad, which have characters of other keys.
var macPadKeys = func() map[uint16]bool {
	keys := map[uint16]bool{}
	for keysym, key := range macKeys {
		if keysym >= screen.KeyPadEnter && keysym < screen.KeyPad0+padKeys {
			keys[key] = true
		}
	}
	return keys
}()
