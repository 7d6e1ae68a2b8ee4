package viewer

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"handrail/screen"
)

// Sink takes what an operator's hands do. Positions are pixels of the remote desktop. Calls must not block.
type Sink interface {
	Move(x, y int)
	Button(b screen.Button, down bool)
	Scroll(dx, dy int) // parts of a notch: screen.Notch
	Key(keysym uint32, down bool)
	Type(text string)
	ReleaseAll()
}

// Command is something that the viewer does itself when its keys are pressed.
type Command int

// keyboard turns the keys of this computer into those of the other one. What gives text goes as text, as
// this computer's layout makes it; everything else goes as keys, pressed and released as they are here.
//
// Control, Alt and Super are passed on at once, and while one is held the other keys go as keys. Shift and
// the right Alt key usually only make text: they are passed on when something other than text follows (lazy),
// so that nothing is typed with a modifier twice.
type keyboard struct {
	sink    Sink
	command func(fyne.KeyName) bool // runs the viewer's own command on Ctrl+Alt+key, if it is one

	held    map[fyne.KeyName]uint32 // passed on as pressed
	lazy    map[fyne.KeyName]bool   // Shift keys that are held here but not passed on; true: used for text
	altGr   bool                    // the right Alt key is held and not passed on
	dropped map[fyne.KeyName]bool   // pressed for a command: their release is not passed on
	unnamed bool                    // the last key that went down has no name here
	waiting fyne.KeyName            // went down while altGr: TypedKey or TypedShortcut tells what it means

	pad uint16 // a key of the number pad that went down and has not given a digit: TypedRune comes next or not at all

	byPosition bool            // keys go by their places; see SetByPosition
	places     map[uint16]bool // passed on as pressed
}

func newKeyboard(sink Sink, command func(fyne.KeyName) bool) *keyboard {
	k := &keyboard{sink: sink, command: command}
	k.reset()
	return k
}

func (k *keyboard) reset() {
	k.held, k.lazy, k.dropped = map[fyne.KeyName]uint32{}, map[fyne.KeyName]bool{}, map[fyne.KeyName]bool{}
	k.places = map[uint16]bool{}
	k.altGr, k.unnamed, k.waiting, k.pad = false, false, "", 0
}

// releaseAll lets go of everything.
func (k *keyboard) releaseAll() {
	k.reset()
	k.sink.ReleaseAll()
}

func (k *keyboard) holds(names ...fyne.KeyName) bool {
	for _, name := range names {
		if _, ok := k.held[name]; ok {
			return true
		}
	}
	return false
}

func (k *keyboard) control() bool { return k.holds(desktop.KeyControlLeft, desktop.KeyControlRight) }
func (k *keyboard) alt() bool     { return k.holds(desktop.KeyAltLeft, desktop.KeyAltRight) }

// keysOnly tells whether keys go as keys because a modifier is held that makes no text.
func (k *keyboard) keysOnly() bool {
	return k.control() || k.alt() || k.holds(desktop.KeySuperLeft, desktop.KeySuperRight)
}

// down is a key that was pressed here.
func (k *keyboard) down(name fyne.KeyName) {
	k.unnamed = name == fyne.KeyUnknown
	switch {
	case k.unnamed:
		return
	case name == desktop.KeyShiftLeft || name == desktop.KeyShiftRight:
		k.shiftDown(name)
		return
	case name == desktop.KeyAltRight:
		k.altGr = true
		return
	}
	if sym, ok := modifiers[name]; ok {
		k.press(name, sym)
		return
	}
	if k.control() && (k.alt() || k.altGr) && k.command != nil && k.command(name) {
		k.releaseAll()
		k.dropped[name] = true
		return
	}
	sym, ok := silent[name]
	if !ok && k.keysOnly() {
		sym = printing(name)
	}
	switch {
	case sym == 0: // comes as text, or means nothing
	case k.altGr && !k.keysOnly():
		k.waiting = name
	default:
		k.pressShift()
		k.press(name, sym)
	}
}

// shiftDown keeps Shift back while only text is being written.
func (k *keyboard) shiftDown(name fyne.KeyName) {
	if k.keysOnly() {
		k.press(name, modifiers[name])
		return
	}
	k.lazy[name] = false
}

// pressShift passes on the Shift keys that were kept back.
func (k *keyboard) pressShift() {
	for name := range k.lazy {
		k.press(name, modifiers[name])
	}
	clear(k.lazy)
}

// holdShift takes Shift back from the other side, before text, which has its capitals already.
func (k *keyboard) holdShift() {
	for _, name := range []fyne.KeyName{desktop.KeyShiftLeft, desktop.KeyShiftRight} {
		if sym, ok := k.held[name]; ok {
			k.sink.Key(sym, false)
			delete(k.held, name)
			k.lazy[name] = true
		}
	}
	for name := range k.lazy {
		k.lazy[name] = true
	}
}

func (k *keyboard) press(name fyne.KeyName, sym uint32) {
	k.held[name] = sym
	k.sink.Key(sym, true)
}

func (k *keyboard) tap(sym uint32) {
	k.sink.Key(sym, true)
	k.sink.Key(sym, false)
}

// up is a key that was released here.
func (k *keyboard) up(name fyne.KeyName) {
	if k.dropped[name] {
		delete(k.dropped, name)
		return
	}
	if name == desktop.KeyAltRight {
		k.altGr = false
	}
	if used, ok := k.lazy[name]; ok {
		delete(k.lazy, name)
		if !used {
			k.tap(modifiers[name]) // pressed for its own sake
		}
		return
	}
	if sym, ok := k.held[name]; ok {
		delete(k.held, name)
		k.sink.Key(sym, false)
	}
}

// text is a character that the keys here have made.
func (k *keyboard) text(r rune) {
	if k.byPosition && len(k.places) > 0 {
		return // the key has gone already
	}
	k.waiting, k.pad = "", 0
	k.holdShift()
	k.sink.Type(string(r))
}

// typed is a key that has not become a shortcut; it matters only for one that was waiting.
func (k *keyboard) typed(name fyne.KeyName) {
	if len(k.places) > 0 {
		return
	}
	if k.waiting == name && name != "" {
		k.waiting = ""
		k.tap(silent[name])
	}
}

// shortcut is what Fyne makes of keys with modifiers. The keys themselves have been passed on already, but
// for two: those with the right Alt key where it is an Alt key, and letters of layouts that have no name for
// them, as in Cyrillic.
func (k *keyboard) shortcut(s fyne.Shortcut) {
	if len(k.places) > 0 {
		return
	}
	name, modifier := shortcutKey(s)
	sym, ok := silent[name]
	if !ok {
		sym = printing(name)
	}
	switch {
	case sym == 0:
	case k.altGr && modifier&fyne.KeyModifierAlt != 0 && modifier&fyne.KeyModifierControl == 0:
		k.waiting = ""
		k.pressShift()
		k.sink.Key(screen.KeyAltRight, true)
		k.tap(sym)
		k.sink.Key(screen.KeyAltRight, false)
	case k.unnamed && k.keysOnly():
		k.tap(sym)
	}
}

func shortcutKey(s fyne.Shortcut) (fyne.KeyName, fyne.KeyModifier) {
	switch s := s.(type) {
	case *desktop.CustomShortcut:
		return s.KeyName, s.Modifier
	case *fyne.ShortcutCopy:
		return fyne.KeyC, fyne.KeyModifierShortcutDefault
	case *fyne.ShortcutPaste:
		return fyne.KeyV, fyne.KeyModifierShortcutDefault
	case *fyne.ShortcutCut:
		return fyne.KeyX, fyne.KeyModifierShortcutDefault
	case *fyne.ShortcutSelectAll:
		return fyne.KeyA, fyne.KeyModifierShortcutDefault
	case *fyne.ShortcutUndo:
		return fyne.KeyZ, fyne.KeyModifierShortcutDefault
	case *fyne.ShortcutRedo:
		return fyne.KeyY, fyne.KeyModifierShortcutDefault
	}
	return "", 0
}
