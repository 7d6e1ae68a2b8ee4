package operatorui

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"handrail/ui/kit"
)

// topBar is where the toolbar is: above the picture, or hidden. While it is hidden, as in full screen, a small
// black bar at the top edge brings it back over the picture for as long as it is used, and pins it.
//
//	      setHidden(true), full screen
//	pinned ──────────────────────────▶ hidden ◀────────────┐
//	   ▲                                 │ pointer at top   │ a while away
//	   └──── pin ◀──── over the picture ◀┘ ─────────────────┘
type topBar struct {
	toolbar fyne.CanvasObject
	pinned  *fyne.Container // above the picture
	over    *fyne.Container // over the picture
	handle  *handle

	hidden bool // as the operator chose
	full   bool
	peeks  int // counts, so that an older timer does not hide a newer one
}

// peekFor is how long the toolbar stays over the picture after the pointer has left the top.
const peekFor = 3 * time.Second

func newTopBar(toolbar fyne.CanvasObject, tip string) *topBar {
	t := &topBar{toolbar: toolbar, pinned: container.NewStack(toolbar)}
	t.handle = newHandle(t.peek)
	t.handle.name = tip
	t.over = kit.Column(0, kit.Middle(t.handle), kit.Spring())
	t.over.Hide()
	return t
}

// away tells whether the toolbar is not above the picture.
func (t *topBar) away() bool { return t.hidden || t.full }

// place puts the toolbar where it belongs; peeking shows it over the picture.
func (t *topBar) place(peeking bool) {
	above, over := []fyne.CanvasObject{t.toolbar}, []fyne.CanvasObject{}
	switch {
	case t.away() && peeking:
		above, over = nil, []fyne.CanvasObject{t.toolbar, kit.Spring()}
	case t.away():
		above, over = nil, []fyne.CanvasObject{kit.Middle(t.handle), kit.Spring()}
	}
	t.pinned.Objects, t.over.Objects = above, over
	setVisible(t.pinned, above != nil)
	setVisible(t.over, len(over) > 0)
	t.pinned.Refresh()
	t.over.Refresh()
}

// peek shows the toolbar over the picture for a while.
func (t *topBar) peek() {
	if !t.away() {
		return
	}
	t.peeks++
	this := t.peeks
	t.place(true)
	time.AfterFunc(peekFor, func() {
		kit.Do(func() {
			if this == t.peeks && t.away() {
				t.place(false)
			}
		})
	})
}

// handle is the small black bar.
type handle struct {
	widget.BaseWidget
	name string
	open func()
}

func newHandle(open func()) *handle {
	h := &handle{open: open}
	h.ExtendBaseWidget(h)
	return h
}

// CreateRenderer is for Fyne.
func (h *handle) CreateRenderer() fyne.WidgetRenderer {
	h.ExtendBaseWidget(h)
	back := canvas.NewRectangle(color.NRGBA{A: 0xd0})
	back.StrokeColor, back.StrokeWidth = color.NRGBA{R: 0xff, G: 0xff, B: 0xff, A: 0x50}, 1 // seen on black as well
	back.BottomLeftCornerRadius, back.BottomRightCornerRadius = 6, 6
	grip := canvas.NewRectangle(color.NRGBA{R: 0xff, G: 0xff, B: 0xff, A: 0xc0})
	grip.CornerRadius = 1
	return widget.NewSimpleRenderer(container.NewStack(kit.Sized(112, 12, back), kit.Pad(5, 40, 5, 40, grip)))
}

// Tapped brings the toolbar back.
func (h *handle) Tapped(*fyne.PointEvent) { h.open() }

// MouseIn brings it back too.
func (h *handle) MouseIn(*desktop.MouseEvent) { h.open() }

// MouseMoved is for Fyne.
func (h *handle) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is for Fyne.
func (h *handle) MouseOut() {}

// Cursor is a hand.
func (h *handle) Cursor() desktop.Cursor { return desktop.PointerCursor }

// AccessibilityLabel is what a screen reader says.
func (h *handle) AccessibilityLabel() string { return h.name }

// AccessibilityRole is that of a button.
func (h *handle) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }
