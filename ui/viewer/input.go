package viewer

import (
	"image"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"handrail/screen"
	"handrail/ui/kit"
	"handrail/whiteboard"
)

var buttons = map[desktop.MouseButton]screen.Button{
	desktop.MouseButtonPrimary:   screen.ButtonLeft,
	desktop.MouseButtonSecondary: screen.ButtonRight,
	desktop.MouseButtonTertiary:  screen.ButtonMiddle,
}

// notch is what Fyne reports for one notch of a wheel.
const notch = 10

// topEdge is how near the top counts as being there, in Fyne's units.
const topEdge = 2

// Cursor hides nothing: where the pointer is here is where it will be there. It looks as it does there, if that is
// known; what draws has a cross.
func (p *Picture) Cursor() desktop.Cursor {
	if p.drawing() {
		return desktop.CrosshairCursor
	}
	if source, ok := p.source.(CursorSource); ok {
		if c := source.Cursor(); c != nil && visible(c) {
			return remoteCursor{c}
		}
	}
	return desktop.DefaultCursor
}

// CursorSource is what a Source may be as well when it knows what the remote pointer looks like.
type CursorSource interface {
	// Cursor is nil while that is not known, and the same until the next change.
	Cursor() *screen.Cursor
}

// remoteCursor is comparable: Fyne makes a new one only when it has changed.
type remoteCursor struct{ *screen.Cursor }

// Image is part of desktop.Cursor.
func (c remoteCursor) Image() (image.Image, int, int) { return c.Cursor.Image(), c.HotX, c.HotY }

// visible says whether there is anything to see: programs hide the pointer while somebody types, and whoever helps
// would lose theirs.
func visible(c *screen.Cursor) bool {
	for i := 3; i < len(c.Pixels); i += 4 {
		if c.Pixels[i] != 0 {
			return true
		}
	}
	return false
}

// drawing tells whether the layer has the pointer.
func (p *Picture) drawing() bool { return p.Layer != nil && p.Layer.Active() }

// draw gives the layer what the pointer did at a position in the window, and shows it in this frame: waiting for the layer
// to ask for that would take one more.
func (p *Picture) draw(absolute fyne.Position, button desktop.MouseButton, pressed bool) {
	p.hand(absolute, button, pressed)
	p.update()
}

func (p *Picture) hand(absolute fyne.Position, button desktop.MouseButton, pressed bool) {
	pixel, inside := p.remoteAt(absolute)
	if !inside && pressed || p.size.X == 0 {
		return
	}
	number := map[desktop.MouseButton]int{desktop.MouseButtonPrimary: 1, desktop.MouseButtonTertiary: 2, desktop.MouseButtonSecondary: 3}[button]
	p.Layer.Pointer(whiteboard.Input{X: pixel.X, Y: pixel.Y, Button: number, Pressed: pressed})
}

// Trace gives what draws each position of the pointer, also those that are too many for MouseMoved, which follows when all
// of a frame are there.
func (p *Picture) Trace(absolute fyne.Position) {
	if p.drawing() && len(p.held) == 0 {
		p.hand(absolute, 0, false)
	}
}

// MouseDown passes on a button, after the position.
func (p *Picture) MouseDown(e *desktop.MouseEvent) {
	p.takeFocus()
	if p.drawing() {
		p.draw(e.AbsolutePosition, e.Button, true)
		return
	}
	button, ok := buttons[e.Button]
	if !ok {
		return
	}
	pixel, inside := p.remoteAt(e.AbsolutePosition)
	if !inside {
		return
	}
	p.moveTo(pixel)
	p.keys.pressShift()
	p.held[e.Button] = button
	p.sink.Button(button, true)
}

// MouseUp ends what MouseDown began, also outside the picture.
func (p *Picture) MouseUp(e *desktop.MouseEvent) {
	button, ok := p.held[e.Button]
	if !ok {
		if p.drawing() {
			p.draw(e.AbsolutePosition, e.Button, false)
		}
		return
	}
	pixel, _ := p.remoteAt(e.AbsolutePosition)
	p.moveTo(pixel)
	delete(p.held, e.Button)
	p.sink.Button(button, false)
}

// ExtraButton passes on a button that Fyne does not know, where the pointer is.
func (p *Picture) ExtraButton(b screen.Button, down bool) {
	if !down {
		if p.extra[b] {
			delete(p.extra, b)
			p.sink.Button(b, false)
		}
		return
	}
	pixel, inside := p.remoteAt(p.pointer)
	if !inside || p.drawing() || !p.over {
		return
	}
	p.takeFocus()
	p.moveTo(pixel)
	p.keys.pressShift()
	p.extra[b] = true
	p.sink.Button(b, true)
}

// MouseIn is for Fyne.
func (p *Picture) MouseIn(e *desktop.MouseEvent) { p.MouseMoved(e) }

// MouseMoved passes on the position, and lets go of buttons whose release went elsewhere.
func (p *Picture) MouseMoved(e *desktop.MouseEvent) {
	p.top(e.Position.Y <= topEdge)
	p.pointer, p.over = e.AbsolutePosition, true
	if p.OnMove != nil {
		p.OnMove(e.Position, true)
	}
	for held, button := range p.held {
		if e.Button&held == 0 {
			delete(p.held, held)
			p.sink.Button(button, false)
		}
	}
	if p.drawing() && len(p.held) == 0 {
		p.draw(e.AbsolutePosition, 0, false)
		return
	}
	if pixel, inside := p.remoteAt(e.AbsolutePosition); inside || len(p.held) > 0 {
		p.moveTo(pixel)
	}
}

// MouseOut is for Fyne.
func (p *Picture) MouseOut() {
	p.over = false
	p.top(false)
	if p.OnMove != nil {
		p.OnMove(fyne.Position{}, false)
	}
}

// Moved passes on where the resting pointer now is, after the picture was moved below it.
func (p *Picture) Moved() {
	if pixel, inside := p.remoteAt(p.pointer); inside {
		p.moveTo(pixel)
	}
}

// Dragged passes on the position while a button is held; Fyne sends it also from outside.
func (p *Picture) Dragged(e *fyne.DragEvent) {
	if len(p.held) == 0 {
		if p.drawing() {
			p.draw(e.AbsolutePosition, 0, false)
		}
		return
	}
	pixel, _ := p.remoteAt(e.AbsolutePosition)
	p.moveTo(pixel)
}

// DragEnd is for Fyne; the button is released by MouseUp.
func (p *Picture) DragEnd() {}

// Scrolled passes on how far the wheel was turned; touch pads turn it by small parts of a notch.
func (p *Picture) Scrolled(e *fyne.ScrollEvent) {
	pixel, inside := p.remoteAt(e.AbsolutePosition)
	if !inside {
		return
	}
	if dx, dy := p.wheelX.turn(-e.Scrolled.DX), p.wheelY.turn(-e.Scrolled.DY); dx != 0 || dy != 0 {
		p.moveTo(pixel)
		p.keys.pressShift()
		p.sink.Scroll(dx, dy)
	}
}

// wheel makes Fyne's numbers into whole parts of a notch.
type wheel struct {
	rest float64 // of a part, that rounding left
	back bool    // the last turn was a negative one
}

// turn forgets the rest where the direction changes.
func (w *wheel) turn(by float32) int {
	if by == 0 {
		return 0
	}
	if back := by < 0; back != w.back {
		w.rest, w.back = 0, back
	}
	exact := w.rest + float64(by)*screen.Notch/notch
	parts := math.Round(exact)
	w.rest = exact - parts
	return int(parts)
}

func (p *Picture) moveTo(pixel image.Point) {
	if p.moved && pixel == p.last {
		return
	}
	p.last, p.moved = pixel, true
	p.sink.Move(pixel.X, pixel.Y)
}

func (p *Picture) top(near bool) {
	if near != p.nearTop {
		p.nearTop = near
		if p.OnTop != nil {
			p.OnTop(near)
		}
	}
}

func (p *Picture) takeFocus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(p); c != nil && c.Focused() != p {
		c.Focus(p)
	}
}

// FocusGained is for Fyne: keys go to the other computer from now on.
func (p *Picture) FocusGained() {
	p.keys.reset()
	p.focused = true
	if p.OnFocus != nil {
		p.OnFocus(true)
	}
}

// FocusLost lets go of everything that is held.
func (p *Picture) FocusLost() {
	clear(p.held)
	clear(p.extra)
	p.moved = false
	p.keys.releaseAll()
	p.focused = false
	if p.OnFocus != nil {
		p.OnFocus(false)
	}
}

// Focused tells whether keys go to the other computer.
func (p *Picture) Focused() bool { return p.focused }

// AcceptsTab keeps Tab from moving the focus: it belongs to the other computer.
func (p *Picture) AcceptsTab() bool { return true }

// KeyDown passes on a key.
func (p *Picture) KeyDown(e *fyne.KeyEvent) {
	at := position(e)
	if p.keys.downAt(e.Name, at) {
		return
	}
	p.keys.down(e.Name)
	if p.keys.padDown(at) {
		kit.Do(func() { p.keys.padMeant(e.Name, at) }) // once the digit has come, if one does
	}
}

// KeyUp passes on a key.
func (p *Picture) KeyUp(e *fyne.KeyEvent) {
	if !p.keys.upAt(position(e)) {
		p.keys.padMeant(e.Name, position(e))
		p.keys.up(e.Name)
	}
}

// TypedRune passes on text.
func (p *Picture) TypedRune(r rune) { p.keys.text(r) }

// TypedKey is for Fyne; see keyboard.typed.
func (p *Picture) TypedKey(e *fyne.KeyEvent) { p.keys.typed(e.Name) }

// TypedShortcut is for Fyne; see keyboard.shortcut.
func (p *Picture) TypedShortcut(s fyne.Shortcut) { p.keys.shortcut(s) }
