package viewer

import (
	"fyne.io/fyne/v2"

	"handrail/screen"
)

// padKeys are the keys of the number pad by their places, with what they are while Num Lock is off. Fyne calls them by
// their digits in both cases; only the digit that follows, or does not, tells.
var padKeys = map[uint16]uint32{
	71: screen.KeyHome, 72: screen.KeyUp, 73: screen.KeyPageUp, 75: screen.KeyLeft, 77: screen.KeyRight,
	79: screen.KeyEnd, 80: screen.KeyDown, 81: screen.KeyPageDown, 82: screen.KeyInsert, 83: screen.KeyDelete,
}

// padDown notes that a key of the number pad went down; true: it is not known yet what it means.
func (k *keyboard) padDown(at uint16) bool {
	if _, ok := padKeys[at]; !ok || k.keysOnly() {
		return false
	}
	k.pad = at
	return true
}

// padMeant presses what the key means without Num Lock, if no digit has come of it.
func (k *keyboard) padMeant(name fyne.KeyName, at uint16) {
	if k.pad != at || at == 0 {
		return
	}
	k.pad = 0
	k.pressShift()
	k.press(name, padKeys[at])
}
