package operatorui

import (
	"handrail/screen"
	"handrail/ui/kit"
	"handrail/ui/text"
)

// sendable are keys that the operator's own computer would keep for itself, in the order of the menu; "" is a
// divider.
var sendable = []struct{ label, keys string }{
	{"Ctrl + Alt + Del", "ctrl+alt+delete"},
	{"Ctrl + Shift + Esc", "ctrl+shift+escape"},
	{"", ""},
	{"Alt + Tab", "alt+tab"},
	{"Alt + F4", "alt+f4"},
	{"Ctrl + Esc", "ctrl+escape"},
	{"", ""},
	{"Super (⊞, ⌘)", "super"},
	{"Super + D", "super+d"},
	{"Super + L", "super+l"},
	{"Super + R", "super+r"},
	{"", ""},
	{"Print Screen", "print"},
}

// showKeys shows the menu of keys to send.
func (v *viewerWindow) showKeys() {
	items := make([]kit.Item, len(sendable))
	for i, s := range sendable {
		items[i] = kit.Item{Label: text.Keys(s.label), Do: func() {
			v.send(s.keys)
			v.focusPicture()
		}}
	}
	items = append(items, kit.Item{Label: text.T("keys.position"), Mark: v.picture.ByPosition(), Do: func() {
		v.picture.SetByPosition(!v.picture.ByPosition())
		v.focusPicture()
	}})
	kit.ShowMenu(v.bar.keys, items...)
}

// send presses keys together and releases them in reverse.
func (v *viewerWindow) send(keys string) {
	keysyms, err := screen.ParseKeys(keys)
	if err != nil {
		panic("operatorui: " + err.Error()) // a test goes through the table
	}
	for _, k := range keysyms {
		v.queue.Key(k, true)
	}
	for i := len(keysyms) - 1; i >= 0; i-- {
		v.queue.Key(keysyms[i], false)
	}
}
