package viewer

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"handrail/screen"
)

// modifiers are the keys that are held to change others.
var modifiers = map[fyne.KeyName]uint32{
	desktop.KeyShiftLeft:    screen.KeyShift,
	desktop.KeyShiftRight:   screen.KeyShiftRight,
	desktop.KeyControlLeft:  screen.KeyCtrl,
	desktop.KeyControlRight: screen.KeyCtrlRight,
	desktop.KeyAltLeft:      screen.KeyAlt,
	desktop.KeyAltRight:     screen.KeyAltRight,
	desktop.KeySuperLeft:    screen.KeySuper,
	desktop.KeySuperRight:   screen.KeySuperRight,
}

// silent are the keys that give no text.
var silent = map[fyne.KeyName]uint32{
	fyne.KeyEscape: screen.KeyEscape, fyne.KeyReturn: screen.KeyReturn, fyne.KeyEnter: screen.KeyPadEnter,
	fyne.KeyTab: screen.KeyTab, fyne.KeyBackspace: screen.KeyBackSpace, fyne.KeyInsert: screen.KeyInsert,
	fyne.KeyDelete: screen.KeyDelete, fyne.KeyHome: screen.KeyHome, fyne.KeyEnd: screen.KeyEnd,
	fyne.KeyPageUp: screen.KeyPageUp, fyne.KeyPageDown: screen.KeyPageDown,
	fyne.KeyLeft: screen.KeyLeft, fyne.KeyRight: screen.KeyRight, fyne.KeyUp: screen.KeyUp, fyne.KeyDown: screen.KeyDown,
	desktop.KeyPrintScreen: screen.KeyPrint, desktop.KeyMenu: screen.KeyMenu,
	fyne.KeyF1: screen.KeyF1, fyne.KeyF2: screen.KeyF1 + 1, fyne.KeyF3: screen.KeyF1 + 2, fyne.KeyF4: screen.KeyF1 + 3,
	fyne.KeyF5: screen.KeyF1 + 4, fyne.KeyF6: screen.KeyF1 + 5, fyne.KeyF7: screen.KeyF1 + 6, fyne.KeyF8: screen.KeyF1 + 7,
	fyne.KeyF9: screen.KeyF1 + 8, fyne.KeyF10: screen.KeyF1 + 9, fyne.KeyF11: screen.KeyF1 + 10, fyne.KeyF12: screen.KeyF1 + 11,
}

// printing is the keysym of a key that gives text, as it is without Shift, or 0.
func printing(name fyne.KeyName) uint32 {
	if name == fyne.KeySpace {
		return ' '
	}
	if len(name) != 1 || name[0] <= ' ' || name[0] > '~' {
		return 0
	}
	c := name[0]
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return uint32(c)
}
