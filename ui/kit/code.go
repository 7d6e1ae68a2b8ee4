package kit

import (
	"math"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"handrail/ui/theme"
)

// Code shows a code so large that it can be read out: its groups apart, every digit equally wide, as large
// as the place allows.
type Code struct {
	widget.BaseWidget

	Left bool    // it stands at the left of a place that is wider, instead of in the middle
	Most float32 // size of the digits, at most; 0: codeMost

	groups []string
}

// NewCode makes a display of a code whose groups are separated by spaces.
func NewCode(code string) *Code {
	c := &Code{groups: strings.Fields(code)}
	c.ExtendBaseWidget(c)
	return c
}

// AccessibilityLabel is the code, digit by digit.
func (c *Code) AccessibilityLabel() string {
	return strings.Join(strings.Split(strings.Join(c.groups, ""), ""), " ")
}

// AccessibilityRole is that of a text.
func (c *Code) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// Proportions of the display in parts of the digits' size.
const (
	codeCell   = 0.66 // width of a digit
	codePad    = 0.26 // left and right of a group
	codeGap    = 0.28 // between groups
	codeHeight = 1.60
	codeLeast  = 26 // size of the digits
	codeMost   = 56
)

// CreateRenderer is for Fyne.
func (c *Code) CreateRenderer() fyne.WidgetRenderer {
	c.ExtendBaseWidget(c)
	r := &codeRenderer{code: c}
	for _, group := range c.groups {
		r.backs = append(r.backs, canvas.NewRectangle(theme.Color(theme.AccentSoft)))
		for _, digit := range group {
			text := canvas.NewText(string(digit), theme.Color(theme.Ink))
			text.TextStyle.Bold = true
			text.Alignment = fyne.TextAlignCenter
			r.digits = append(r.digits, text)
		}
	}
	r.Refresh()
	return r
}

type codeRenderer struct {
	code   *Code
	backs  []*canvas.Rectangle
	digits []*canvas.Text
}

// parts is the display's width in parts of the digits' size.
func (r *codeRenderer) parts() float32 {
	groups := float32(len(r.code.groups))
	return float32(len(r.digits))*codeCell + groups*2*codePad + (groups-1)*codeGap
}

func (r *codeRenderer) MinSize() fyne.Size {
	height := r.most()
	if width := r.code.Size().Width; width > 0 {
		height = r.digitSize(width)
	}
	return fyne.NewSize(r.parts()*codeLeast, height*codeHeight)
}

func (r *codeRenderer) digitSize(width float32) float32 {
	return float32(math.Floor(float64(min(r.most(), max(codeLeast, width/r.parts())))))
}

func (r *codeRenderer) most() float32 {
	if r.code.Most > 0 {
		return r.code.Most
	}
	return codeMost
}

func (r *codeRenderer) Layout(size fyne.Size) {
	digit := r.digitSize(size.Width)
	x, n := (size.Width-digit*r.parts())/2, 0
	if r.code.Left {
		x = 0
	}
	height := digit * codeHeight
	for i, group := range r.code.groups {
		width := digit * (codeCell*float32(len(group)) + 2*codePad)
		r.backs[i].CornerRadius = digit * 0.24
		r.backs[i].Move(fyne.NewPos(x, 0))
		r.backs[i].Resize(fyne.NewSize(width, height))
		for j := range group {
			text := r.digits[n]
			text.TextSize = digit
			h := text.MinSize().Height
			text.Resize(fyne.NewSize(digit*codeCell, h))
			text.Move(fyne.NewPos(x+digit*(codePad+codeCell*float32(j)), (height-h)/2))
			n++
		}
		x += width + digit*codeGap
	}
}

func (r *codeRenderer) Refresh() {
	for _, b := range r.backs {
		b.FillColor = theme.Color(theme.AccentSoft)
		outline(b, theme.AccentSoft, "")
	}
	for _, d := range r.digits {
		d.Color = theme.Color(theme.Ink)
	}
	r.Layout(r.code.Size())
	canvas.Refresh(r.code)
}

func (r *codeRenderer) Objects() []fyne.CanvasObject {
	var objects []fyne.CanvasObject
	for _, b := range r.backs {
		objects = append(objects, b)
	}
	for _, d := range r.digits {
		objects = append(objects, d)
	}
	return objects
}
func (r *codeRenderer) Destroy() {}
