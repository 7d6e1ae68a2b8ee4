package input

import (
	"slices"
	"unicode"

	"handrail/screen"
)

// Windows' virtual keys (winuser.h). What is decided about them stands here, apart from the calls, so that it is tested on
// every system.

// ext marks the extended keys: those of the block between letters and number pad, and the right modifiers.
const ext = 0x8000

var virtualKeys = map[uint32]uint16{
	screen.KeyBackSpace: 0x08, screen.KeyTab: 0x09, screen.KeyReturn: 0x0d, screen.KeyPause: 0x13,
	screen.KeyScrollLock: 0x91, screen.KeyEscape: 0x1b, screen.KeyHome: 0x24 | ext, screen.KeyLeft: 0x25 | ext,
	screen.KeyUp: 0x26 | ext, screen.KeyRight: 0x27 | ext, screen.KeyDown: 0x28 | ext,
	screen.KeyPageUp: 0x21 | ext, screen.KeyPageDown: 0x22 | ext, screen.KeyEnd: 0x23 | ext,
	screen.KeyPrint: 0x2c | ext, screen.KeySysReq: 0x2c | ext, screen.KeyInsert: 0x2d | ext, screen.KeyMenu: 0x5d | ext,
	screen.KeyNumLock: 0x90 | ext, screen.KeyPadEnter: 0x0d | ext, screen.KeyPadMul: 0x6a, screen.KeyPadAdd: 0x6b,
	screen.KeyPadSub: 0x6d, screen.KeyPadDecimal: 0x6e, screen.KeyPadDiv: 0x6f | ext,
	screen.KeyShift: 0xa0, screen.KeyShiftRight: 0xa1, screen.KeyCtrl: 0xa2, screen.KeyCtrlRight: 0xa3 | ext,
	screen.KeyCapsLock: 0x14, screen.KeyAlt: 0xa4, screen.KeyAltRight: 0xa5 | ext, screen.KeyAltGr: 0xa5 | ext,
	screen.KeySuper: 0x5b | ext, screen.KeySuperRight: 0x5c | ext, screen.KeyDelete: 0x2e | ext, ' ': 0x20,
}

// Rows of keys that are numbered one after the other, those of letters and digits by their ASCII characters.
const (
	vkDigit, vkLetter, vkPad0, vkF1 = '0', 'A', 0x60, 0x70
	padKeys, functionKeys           = 10, 24
)

// virtualKey is the key that gives a keysym. scan tells the key of a character in a layout as VkKeyScanExW does, -1 for none.
//
// A Russian or Greek layout has no key for "c", but its keys keep their Latin numbers, and it is these that programs
// compare with their shortcuts. Outside a shortcut such a key would write another letter than the one that was meant.
func virtualKey(keysym uint32, shortcut bool, scan func(rune) int16) (vk uint16, extended, ok bool) {
	if v, ok := virtualKeys[keysym]; ok {
		return v &^ ext, v&ext != 0, true
	}
	switch {
	case keysym >= screen.KeyF1 && keysym < screen.KeyF1+functionKeys:
		return vkF1 + uint16(keysym-screen.KeyF1), false, true
	case keysym >= screen.KeyPad0 && keysym < screen.KeyPad0+padKeys:
		return vkPad0 + uint16(keysym-screen.KeyPad0), false, true
	}
	r := screen.RuneOfKeysym(keysym)
	if r == 0 || r > 0xffff {
		return 0, false, false
	}
	if found := scan(r); found != -1 {
		return uint16(found) & 0xff, false, true
	}
	if upper := unicode.ToUpper(r); shortcut && (upper >= 'A' && upper <= 'Z' || r >= '0' && r <= '9') {
		return uint16(upper), false, true
	}
	return 0, false, false
}

// changesShortcuts tells whether a key makes a shortcut of what is pressed with it.
func changesShortcuts(keysym uint32) bool {
	switch keysym {
	case screen.KeyCtrl, screen.KeyCtrlRight, screen.KeyAlt, screen.KeyAltRight, screen.KeySuper, screen.KeySuperRight:
		return true
	}
	return false
}

// namesOfVirtualKeys are the keysyms of virtual keys that have names.
var namesOfVirtualKeys = func() map[uint32]uint32 {
	names := map[uint32]uint32{}
	for keysym, vk := range virtualKeys {
		names[uint32(vk&^ext)] = keysym
	}
	// These are in the table twice. The right Alt key is Alt to whoever makes no difference between the sides.
	names[0xa5], names[0x2c], names[0x0d] = screen.KeyAltRight, screen.KeyPrint, screen.KeyReturn
	return names
}()

// keysymOfVirtualKey is what a key gives alone, 0 if that is not known. char tells the character of a key as MapVirtualKey does.
func keysymOfVirtualKey(vk uint32, extended bool, char func(vk uint32) uint32) uint32 {
	if keysym, ok := namesOfVirtualKeys[vk]; ok {
		if keysym == screen.KeyReturn && extended {
			return screen.KeyPadEnter
		}
		return keysym
	}
	switch {
	case vk >= vkDigit && vk <= vkDigit+9:
		return vk
	case vk >= vkLetter && vk <= vkLetter+25:
		return vk - 'A' + 'a'
	case vk >= vkPad0 && vk < vkPad0+padKeys:
		return screen.KeyPad0 + vk - vkPad0
	case vk >= vkF1 && vk < vkF1+functionKeys:
		return screen.KeyF1 + vk - vkF1
	}
	const dead = 1 << 31
	if r := unicode.ToLower(rune(char(vk) &^ dead)); r > ' ' && r <= 0xffff {
		return screen.KeysymOfRune(r)
	}
	return 0
}

// ownKeys are the keys that this computer's own keyboard holds down, as far as it was told. After Win+L, Ctrl+Alt+Del or a
// question of Windows' own, keys are let go on another desktop, of which nothing is heard here: they would stay part of every
// combination. So before each press, those that Windows says are up are released.
type ownKeys struct {
	down []ownKey
}

type ownKey struct {
	vk, keysym uint32
	lifted     bool // a program has released it, so what Windows says of it is not what the hand does
}

// injected notes what a program did with a key. Whoever controls this computer must not be able to take a key of the panic
// keys out of the person's hand.
func (o *ownKeys) injected(vk uint32, down bool) {
	for n := range o.down {
		if o.down[n].vk == vk {
			o.down[n].lifted = !down
		}
	}
}

// event takes what the keyboard did with a key and gives what is to be told of it.
func (o *ownKeys) event(vk, keysym uint32, down bool, isDown func(vk uint32) bool) []screen.LocalEvent {
	var told []screen.LocalEvent
	o.down = slices.DeleteFunc(o.down, func(k ownKey) bool {
		if k.vk == vk && k.keysym == keysym {
			return true
		}
		if !down || k.lifted || isDown(k.vk) {
			return false
		}
		told = append(told, screen.LocalEvent{Keysym: k.keysym})
		return true
	})
	if down && keysym != 0 {
		o.down = append(o.down, ownKey{vk: vk, keysym: keysym})
	}
	return append(told, screen.LocalEvent{Keysym: keysym, Down: down})
}
