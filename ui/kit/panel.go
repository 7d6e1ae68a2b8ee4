package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/ui/theme"
)

// Panel is a rounded surface with something on it.
type Panel struct {
	widget.BaseWidget

	Fill   fyne.ThemeColorName // "" is none
	Border fyne.ThemeColorName // "" is none
	Radius float32

	content fyne.CanvasObject
}

// NewPanel makes a surface of a colour.
func NewPanel(fill fyne.ThemeColorName, radius float32, content fyne.CanvasObject) *Panel {
	p := &Panel{Fill: fill, Radius: radius, content: content}
	p.ExtendBaseWidget(p)
	return p
}

// Card makes the usual surface: rounded, bordered, with room around the content.
func Card(content fyne.CanvasObject) *Panel {
	p := NewPanel(theme.Card, theme.RadiusCard, PadAll(3*theme.Unit, content))
	p.Border = theme.Line
	return p
}

// Note makes a tinted surface for one remark.
func Note(fill fyne.ThemeColorName, content fyne.CanvasObject) *Panel {
	return NewPanel(fill, theme.RadiusInput, Pad(10, 14, 10, 14, content))
}

// SetFill changes the colour.
func (p *Panel) SetFill(fill fyne.ThemeColorName) {
	if p.Fill != fill {
		p.Fill = fill
		p.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer {
	p.ExtendBaseWidget(p)
	r := &panelRenderer{panel: p, back: canvas.NewRectangle(color.Transparent)}
	r.Refresh()
	return r
}

type panelRenderer struct {
	panel *Panel
	back  *canvas.Rectangle
}

func (r *panelRenderer) Layout(size fyne.Size) {
	r.back.Resize(size)
	r.panel.content.Move(fyne.Position{})
	r.panel.content.Resize(size)
}

func (r *panelRenderer) MinSize() fyne.Size { return r.panel.content.MinSize() }

func (r *panelRenderer) Refresh() {
	r.back.FillColor = colorOrNone(r.panel.Fill)
	outline(r.back, r.panel.Fill, r.panel.Border)
	r.back.CornerRadius = r.panel.Radius
	r.back.Refresh()
	canvas.Refresh(r.panel)
}

func (r *panelRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.panel.content}
}
func (r *panelRenderer) Destroy() {}

// outline gives a surface its border, or one that only high contrast has.
func outline(r *canvas.Rectangle, fill, border fyne.ThemeColorName) {
	if border == "" && theme.Tinted(fill) {
		border = theme.Edge
	}
	r.StrokeColor, r.StrokeWidth = colorOrNone(border), 0
	if _, _, _, alpha := r.StrokeColor.RGBA(); alpha > 0 {
		r.StrokeWidth = 1
	}
}

func colorOrNone(name fyne.ThemeColorName) color.Color {
	if name == "" {
		return color.Transparent
	}
	return theme.Color(name)
}

// Mark is Handrail's mark in a size.
func Mark(size float32) fyne.CanvasObject {
	image := canvas.NewImageFromResource(assets.Mark())
	image.FillMode = canvas.ImageFillContain
	image.SetMinSize(fyne.NewSquareSize(size))
	return image
}

// Rule is a thin line between two parts.
func Rule() fyne.CanvasObject {
	return NewPanel(theme.Line, 0, Sized(1, 1, canvas.NewRectangle(color.Transparent)))
}
