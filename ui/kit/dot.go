package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"handrail/ui/theme"
)

// Dot is a small round button: a colour or a width to choose. Space and Return press it.
type Dot struct {
	widget.BaseWidget

	Tip   string // what it is, also for screen readers
	OnTap func()

	color    color.Color // nil: that of letters
	diameter float32
	selected bool
	hovered  bool
	focused  bool
	tip      tooltip
}

// dotSide is the place that a dot takes.
const dotSide float32 = 26

// NewDot makes a dot of a colour (nil: that of letters) and a diameter.
func NewDot(c color.Color, diameter float32, tip string, tap func()) *Dot {
	d := &Dot{Tip: tip, OnTap: tap, color: c, diameter: min(diameter, dotSide-8)}
	d.ExtendBaseWidget(d)
	return d
}

// SetSelected marks the choice that is in force.
func (d *Dot) SetSelected(selected bool) {
	if d.selected != selected {
		d.selected = selected
		d.Refresh()
	}
}

// SetColor changes the colour.
func (d *Dot) SetColor(c color.Color) {
	if d.color != c {
		d.color = c
		d.Refresh()
	}
}

// Selected tells whether the dot is marked.
func (d *Dot) Selected() bool { return d.selected }

// Tapped presses the dot.
func (d *Dot) Tapped(*fyne.PointEvent) {
	d.tip.hide()
	if d.OnTap != nil {
		d.OnTap()
	}
}

// MouseIn is for Fyne.
func (d *Dot) MouseIn(*desktop.MouseEvent) {
	d.hovered = true
	d.Refresh()
	d.tip.showSoon(d, d.Tip)
}

// MouseMoved is for Fyne.
func (d *Dot) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is for Fyne.
func (d *Dot) MouseOut() {
	d.hovered = false
	d.tip.hide()
	d.Refresh()
}

// Cursor is a hand.
func (d *Dot) Cursor() desktop.Cursor { return desktop.PointerCursor }

// FocusGained is for Fyne.
func (d *Dot) FocusGained() { d.focused = true; d.Refresh() }

// FocusLost is for Fyne.
func (d *Dot) FocusLost() { d.focused = false; d.Refresh() }

// TypedRune is for Fyne.
func (d *Dot) TypedRune(rune) {}

// TypedKey presses the dot by Space and Return.
func (d *Dot) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		d.Tapped(nil)
	}
}

// TypedShortcut hands shortcuts on to the window.
func (d *Dot) TypedShortcut(s fyne.Shortcut) { toCanvas(d, s) }

// AccessibilityLabel is what a screen reader says.
func (d *Dot) AccessibilityLabel() string { return d.Tip }

// AccessibilityRole is that of a button.
func (d *Dot) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer is for Fyne.
func (d *Dot) CreateRenderer() fyne.WidgetRenderer {
	d.ExtendBaseWidget(d)
	r := &dotRenderer{dot: d, ring: canvas.NewCircle(color.Transparent), fill: canvas.NewCircle(color.Transparent)}
	r.Refresh()
	return r
}

type dotRenderer struct {
	dot        *Dot
	ring, fill *canvas.Circle
}

func (r *dotRenderer) Layout(size fyne.Size) {
	place := func(c *canvas.Circle, diameter float32) {
		c.Resize(fyne.NewSquareSize(diameter))
		c.Move(fyne.NewPos((size.Width-diameter)/2, (size.Height-diameter)/2))
	}
	place(r.ring, dotSide-2)
	place(r.fill, r.dot.diameter)
}

func (r *dotRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(dotSide) }

func (r *dotRenderer) Refresh() {
	d := r.dot
	r.fill.FillColor, r.fill.StrokeColor, r.fill.StrokeWidth = d.color, theme.Color(theme.Line), 1
	if d.color == nil {
		r.fill.FillColor, r.fill.StrokeWidth = theme.Color(theme.Ink), 0
	}
	r.ring.StrokeColor, r.ring.FillColor, r.ring.StrokeWidth = color.Transparent, color.Transparent, 2
	switch {
	case d.selected:
		r.ring.StrokeColor = theme.Color(theme.Accent)
	case d.focused:
		r.ring.StrokeColor = theme.Color(theme.AccentText)
	case d.hovered:
		r.ring.StrokeColor = theme.Color(theme.Line)
	}
	if d.focused && d.selected {
		r.ring.FillColor = theme.Color(theme.AccentSoft)
	}
	r.Layout(d.Size())
	canvas.Refresh(d)
}

func (r *dotRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.ring, r.fill} }
func (r *dotRenderer) Destroy()                     { r.dot.tip.hide() }
