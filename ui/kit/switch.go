package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"handrail/ui/theme"
)

// Switch is on or off. Space and Return turn it.
type Switch struct {
	widget.DisableableWidget

	Name     string // for screen readers
	OnChange func(on bool)

	on      bool
	focused bool
}

// NewSwitch makes a switch.
func NewSwitch(name string, on bool) *Switch {
	s := &Switch{Name: name, on: on}
	s.ExtendBaseWidget(s)
	return s
}

// On tells how the switch stands.
func (s *Switch) On() bool { return s.on }

// SetOn turns the switch without telling OnChange.
func (s *Switch) SetOn(on bool) {
	if s.on != on {
		s.on = on
		s.Refresh()
	}
}

// Tapped turns the switch.
func (s *Switch) Tapped(*fyne.PointEvent) {
	if s.Disabled() {
		return
	}
	s.SetOn(!s.on)
	if s.OnChange != nil {
		s.OnChange(s.on)
	}
}

// Cursor is a hand.
func (s *Switch) Cursor() desktop.Cursor { return desktop.PointerCursor }

// FocusGained is for Fyne.
func (s *Switch) FocusGained() { s.focused = true; s.Refresh() }

// FocusLost is for Fyne.
func (s *Switch) FocusLost() { s.focused = false; s.Refresh() }

// TypedRune is for Fyne.
func (s *Switch) TypedRune(rune) {}

// TypedKey turns the switch by Space and Return.
func (s *Switch) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		s.Tapped(nil)
	}
}

// AccessibilityLabel is the switch's name.
func (s *Switch) AccessibilityLabel() string { return s.Name }

// AccessibilityRole is that of a button.
func (s *Switch) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

const (
	switchWidth  float32 = 42
	switchHeight float32 = 24
	switchKnob   float32 = 18
)

// CreateRenderer is for Fyne.
func (s *Switch) CreateRenderer() fyne.WidgetRenderer {
	s.ExtendBaseWidget(s)
	r := &switchRenderer{s: s, track: canvas.NewRectangle(color.Black), knob: canvas.NewCircle(color.White), ring: canvas.NewRectangle(color.Transparent)}
	r.Refresh()
	return r
}

type switchRenderer struct {
	s           *Switch
	track, ring *canvas.Rectangle
	knob        *canvas.Circle
}

func (r *switchRenderer) MinSize() fyne.Size { return fyne.NewSize(switchWidth, switchHeight) }

func (r *switchRenderer) Layout(size fyne.Size) {
	y := (size.Height - switchHeight) / 2
	r.track.Resize(r.MinSize())
	r.track.Move(fyne.NewPos(0, y))
	r.ring.Resize(r.MinSize().AddWidthHeight(6, 6))
	r.ring.Move(fyne.NewPos(-3, y-3))
	r.knob.Resize(fyne.NewSquareSize(switchKnob))
	gap := (switchHeight - switchKnob) / 2
	x := gap
	if r.s.on {
		x = switchWidth - switchKnob - gap
	}
	r.knob.Move(fyne.NewPos(x, y+gap))
}

func (r *switchRenderer) Refresh() {
	r.track.FillColor = theme.Color(theme.Grey)
	if r.s.on {
		r.track.FillColor = theme.Color(theme.Accent)
	}
	if r.s.Disabled() && !r.s.on {
		r.track.FillColor = theme.Color("disabledButton")
	} else if r.s.Disabled() {
		r.track.FillColor = theme.Color(theme.Grey)
	}
	r.track.CornerRadius, r.ring.CornerRadius = switchHeight/2, switchHeight/2+3
	r.knob.FillColor = color.White
	r.ring.StrokeColor, r.ring.StrokeWidth = color.Transparent, 2
	if r.s.focused {
		r.ring.StrokeColor = theme.Color(theme.AccentText)
	}
	r.Layout(r.s.Size())
	canvas.Refresh(r.s)
}

func (r *switchRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.track, r.ring, r.knob}
}
func (r *switchRenderer) Destroy() {}
