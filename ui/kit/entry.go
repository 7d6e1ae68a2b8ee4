package kit

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/ui/theme"
)

// Entry is a field for text that leaves the window's shortcuts working.
type Entry struct {
	widget.Entry
	escape func() // what Escape does; may be nil

	OnLeft func() // the keyboard has gone elsewhere; may be nil
}

// NewEntry makes a field; placeholder is shown while it is empty.
func NewEntry(placeholder string) *Entry {
	e := &Entry{}
	e.PlaceHolder = placeholder
	e.ExtendBaseWidget(e)
	return e
}

// NewPassword makes a field that does not show what is typed.
func NewPassword(placeholder string) *Entry {
	e := NewEntry(placeholder)
	e.Password = true
	return e
}

// NewSearch makes a field with a looking glass. Escape empties it.
func NewSearch(placeholder string) *Entry {
	e := NewEntry(placeholder)
	e.Icon = assets.Icon("search", theme.Color(theme.Muted), menuIcon*pixelScale(e))
	e.escape = func() { e.SetText("") }
	return e
}

// FocusLost is for Fyne.
func (e *Entry) FocusLost() {
	e.Entry.FocusLost()
	if e.OnLeft != nil {
		e.OnLeft()
	}
}

// TypedKey is for Fyne.
func (e *Entry) TypedKey(k *fyne.KeyEvent) {
	if toWindow(e, k) {
		return
	}
	if k.Name == fyne.KeyEscape && e.escape != nil {
		e.escape()
		return
	}
	e.Entry.TypedKey(k)
}

// ToEnd puts the cursor behind the text.
func (e *Entry) ToEnd() {
	e.CursorColumn = utf8.RuneCountInString(e.Text)
	e.Refresh()
}

// Regroup changes how the text is spaced, and leaves the cursor behind the sign that it was behind. It is for OnChanged.
func (e *Entry) Regroup(group func(string) string) {
	now := group(e.Text)
	if now == e.Text {
		return
	}
	signs, column := 0, 0
	for i, r := range []rune(e.Text) {
		if i < e.CursorColumn && r != ' ' {
			signs++
		}
	}
	for _, r := range now {
		if signs == 0 {
			break
		}
		column++
		if r != ' ' {
			signs--
		}
	}
	e.SetText(now)
	e.CursorColumn = column
	e.Refresh()
}

// TypedShortcut gives the field its own shortcuts and the window all others.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	e.Entry.TypedShortcut(s)
	if _, ok := s.(*desktop.CustomShortcut); ok {
		toCanvas(e, s)
	}
}

// toCanvas hands a shortcut on to the window that shows o.
func toCanvas(o fyne.CanvasObject, s fyne.Shortcut) {
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	if handler, ok := c.(fyne.Shortcutable); ok {
		handler.TypedShortcut(s)
	}
}

// toWindow hands the keys on that mean the same everywhere in a window, which Fyne gives only to what has the
// keyboard: F1 and F10. It tells whether k is one.
func toWindow(o fyne.CanvasObject, k *fyne.KeyEvent) bool {
	if k.Name != fyne.KeyF1 && k.Name != fyne.KeyF10 {
		return false
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(k)
	}
	return true
}

// Focus moves the keyboard to an object of a window, also to one that has not been drawn yet.
func Focus(w fyne.Window, o fyne.Focusable) { w.Canvas().Focus(o) }

// Field puts a label above a field.
func Field(label string, field fyne.CanvasObject) *fyne.Container {
	name := NewText(label)
	name.Bold = true
	return Column(6, name, field)
}
