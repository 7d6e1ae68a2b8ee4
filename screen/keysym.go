package screen

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Keysyms of keys that give no character, as in the X Window System's keysymdef.h. Those of characters come
// from KeysymOfRune.
const (
	KeyBackSpace  uint32 = 0xff08
	KeyTab        uint32 = 0xff09
	KeyReturn     uint32 = 0xff0d
	KeyPause      uint32 = 0xff13
	KeyScrollLock uint32 = 0xff14
	KeySysReq     uint32 = 0xff15
	KeyEscape     uint32 = 0xff1b
	KeyHome       uint32 = 0xff50
	KeyLeft       uint32 = 0xff51
	KeyUp         uint32 = 0xff52
	KeyRight      uint32 = 0xff53
	KeyDown       uint32 = 0xff54
	KeyPageUp     uint32 = 0xff55
	KeyPageDown   uint32 = 0xff56
	KeyEnd        uint32 = 0xff57
	KeyPrint      uint32 = 0xff61
	KeyInsert     uint32 = 0xff63
	KeyMenu       uint32 = 0xff67
	KeyNumLock    uint32 = 0xff7f
	KeyPadEnter   uint32 = 0xff8d
	KeyPadMul     uint32 = 0xffaa
	KeyPadAdd     uint32 = 0xffab
	KeyPadSub     uint32 = 0xffad
	KeyPadDecimal uint32 = 0xffae
	KeyPadDiv     uint32 = 0xffaf
	KeyPad0       uint32 = 0xffb0 // and so on to KeyPad0 + 9
	KeyF1         uint32 = 0xffbe // and so on to KeyF1 + 23
	KeyShift      uint32 = 0xffe1
	KeyShiftRight uint32 = 0xffe2
	KeyCtrl       uint32 = 0xffe3
	KeyCtrlRight  uint32 = 0xffe4
	KeyCapsLock   uint32 = 0xffe5
	KeyAlt        uint32 = 0xffe9
	KeyAltRight   uint32 = 0xffea
	KeySuper      uint32 = 0xffeb
	KeySuperRight uint32 = 0xffec
	KeyAltGr      uint32 = 0xfe03
	KeyDelete     uint32 = 0xffff
)

// namedKeys are the names that ParseKeys knows, besides f1 to f24 and kp0 to kp9.
var namedKeys = map[string]uint32{
	"ctrl": KeyCtrl, "control": KeyCtrl, "rctrl": KeyCtrlRight, "shift": KeyShift, "rshift": KeyShiftRight,
	"alt": KeyAlt, "option": KeyAlt, "ralt": KeyAltRight, "altgr": KeyAltGr,
	"super": KeySuper, "win": KeySuper, "cmd": KeySuper, "meta": KeySuper, "rsuper": KeySuperRight,
	"enter": KeyReturn, "return": KeyReturn, "tab": KeyTab, "esc": KeyEscape, "escape": KeyEscape,
	"space": ' ', "plus": '+', "backspace": KeyBackSpace, "delete": KeyDelete, "del": KeyDelete,
	"insert": KeyInsert, "ins": KeyInsert, "home": KeyHome, "end": KeyEnd,
	"pageup": KeyPageUp, "pgup": KeyPageUp, "pagedown": KeyPageDown, "pgdn": KeyPageDown,
	"up": KeyUp, "down": KeyDown, "left": KeyLeft, "right": KeyRight,
	"print": KeyPrint, "printscreen": KeyPrint, "sysrq": KeySysReq, "pause": KeyPause, "menu": KeyMenu,
	"capslock": KeyCapsLock, "numlock": KeyNumLock, "scrolllock": KeyScrollLock,
	"kpenter": KeyPadEnter, "kpadd": KeyPadAdd, "kpsub": KeyPadSub, "kpmul": KeyPadMul, "kpdiv": KeyPadDiv,
	"kpdecimal": KeyPadDecimal,
}

// KeysymOfRune is the keysym of a character: Latin-1 has its own numbers, the rest Unicode's above 0x01000000.
// Line feed and carriage return are the Return key; tab, backspace, escape and delete are the keys of these names.
func KeysymOfRune(r rune) uint32 {
	switch r {
	case '\n', '\r':
		return KeyReturn
	case '\t':
		return KeyTab
	case '\b':
		return KeyBackSpace
	case 0x1b:
		return KeyEscape
	case 0x7f:
		return KeyDelete
	}
	if r >= 0x20 && r <= 0xff {
		return uint32(r)
	}
	return 0x01000000 | uint32(r)
}

// RuneOfKeysym is the character that a keysym gives, 0 for keys that give none (Return and Tab among them). It
// also knows the keysyms older than Unicode.
func RuneOfKeysym(keysym uint32) rune {
	switch {
	case keysym >= 0x20 && keysym <= 0x7e, keysym >= 0xa0 && keysym <= 0xff:
		return rune(keysym)
	case keysym >= 0x01000020 && keysym <= 0x0110ffff:
		return rune(keysym &^ 0x01000000)
	}
	i := sort.Search(len(legacyKeysyms), func(i int) bool { return uint32(legacyKeysyms[i].keysym) >= keysym })
	if i < len(legacyKeysyms) && uint32(legacyKeysyms[i].keysym) == keysym {
		return rune(legacyKeysyms[i].char)
	}
	return 0
}

// ParseKeys reads keys that are held together, such as "ctrl+shift+t", "alt+f4" or "ctrl++", and gives their
// keysyms in the order of pressing. A single character stands for its key. The error is a sentence for a person.
func ParseKeys(keys string) ([]uint32, error) {
	if keys == "" {
		return nil, fmt.Errorf("no key is given; say for instance ctrl+shift+t")
	}
	var keysyms []uint32
	for rest := keys; ; {
		// The first + after a key separates, a + in the place of a key is the + key.
		name := rest
		if i := strings.IndexByte(rest[1:], '+'); i >= 0 {
			name = rest[:i+1]
		}
		keysym, ok := parseKey(name)
		if !ok {
			return nil, fmt.Errorf("%q in %q is not a key; keys are single characters and names like "+
				"ctrl, shift, alt, super, enter, tab, esc, f5, pageup or left", name, keys)
		}
		keysyms = append(keysyms, keysym)
		rest = rest[len(name):]
		if rest == "" {
			return keysyms, nil
		}
		if rest = rest[1:]; rest == "" {
			return nil, fmt.Errorf("a key is missing after the last + in %q", keys)
		}
	}
}

func parseKey(name string) (uint32, bool) {
	if r, n := utf8.DecodeRuneInString(name); n == len(name) {
		return KeysymOfRune(r), r > 0x20 && r != utf8.RuneError
	}
	name = strings.ToLower(name)
	if keysym, ok := namedKeys[name]; ok {
		return keysym, true
	}
	if number, ok := strings.CutPrefix(name, "f"); ok {
		n, err := strconv.Atoi(number)
		return KeyF1 + uint32(n-1), err == nil && n >= 1 && n <= 24
	}
	if number, ok := strings.CutPrefix(name, "kp"); ok {
		n, err := strconv.Atoi(number)
		return KeyPad0 + uint32(n), err == nil && n >= 0 && n <= 9
	}
	return 0, false
}
