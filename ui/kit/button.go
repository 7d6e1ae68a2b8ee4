package kit

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"handrail/ui/theme"
)

// Kind is how much a button asks for attention.
type Kind int

// The kinds of button.
const (
	Secondary Kind = iota // outlined
	Primary               // filled with the accent: at most one on a page
	Danger                // filled with red: ends something
	Quiet                 // no outline: tool bars
	QuietRed              // outlined, red letters: a way out that should not be the first
)

// Button is a button with a label, an icon or both. Space and Return press it. One without a label must
// have a Tip.
type Button struct {
	widget.DisableableWidget

	Kind  Kind
	Tip   string // shown when the pointer rests on it
	Tall  bool   // for the one thing to do on a page
	Low   bool   // for tool bars
	Small bool   // an icon within a line of text
	Left  bool   // the label is at the left: lists of pages
	After bool   // the icon comes after the label: what opens a menu
	Above bool   // the icon is above a small label: tool bars
	OnTap func()

	OnMore   func() // what a right click or a long press does; may be nil
	OnEscape func() // what Escape does while the button has the keyboard; may be nil

	label    string
	others   []string // labels that it may have at other times
	icon     string
	compact  bool // only the icon is shown
	selected bool
	marked   bool // there is something new behind it
	hovered  bool
	pressed  bool
	focused  bool
	tip      tooltip
	long     *time.Timer // runs while the button is held
	was      bool        // the press was a long one, and is over
}

// NewButton makes a button; icon may be "".
func NewButton(kind Kind, label, icon string, tap func()) *Button {
	b := &Button{Kind: kind, label: label, icon: icon, OnTap: tap}
	b.ExtendBaseWidget(b)
	return b
}

// Big makes the button tall and gives it back.
func (b *Button) Big() *Button {
	b.Tall = true
	return b
}

// WithTip sets the tip and gives the button back.
func (b *Button) WithTip(tip string) *Button {
	b.Tip = tip
	return b
}

// Label is the text on the button.
func (b *Button) Label() string { return b.label }

// SetLabel changes the text on the button.
func (b *Button) SetLabel(label string) {
	if b.label != label {
		b.label = label
		b.Refresh()
	}
}

// Reserve keeps the room for labels that the button may have at other times, so that it and its neighbours stay where they are.
func (b *Button) Reserve(labels ...string) {
	b.others = labels
	b.Refresh()
}

// SetIcon changes the icon.
func (b *Button) SetIcon(icon string) {
	if b.icon != icon {
		b.icon = icon
		b.Refresh()
	}
}

// SetCompact shows only the icon; the label becomes the tip.
func (b *Button) SetCompact(compact bool) {
	if b.compact != compact {
		b.compact = compact
		b.Refresh()
	}
}

// SetSelected marks the choice that is in force.
func (b *Button) SetSelected(selected bool) {
	if b.selected != selected {
		b.selected = selected
		b.Refresh()
	}
}

// SetMark shows with a dot that there is something new behind the button.
func (b *Button) SetMark(marked bool) {
	if b.marked != marked {
		b.marked = marked
		b.Refresh()
	}
}

// Marked tells whether there is something new.
func (b *Button) Marked() bool { return b.marked }

// Selected tells whether the button is marked.
func (b *Button) Selected() bool { return b.selected }

// Tapped presses the button.
func (b *Button) Tapped(*fyne.PointEvent) {
	b.tip.hide()
	if b.was {
		b.was = false
		return
	}
	if !b.Disabled() && b.OnTap != nil {
		b.OnTap()
	}
}

// TappedSecondary is a right click.
func (b *Button) TappedSecondary(*fyne.PointEvent) {
	b.tip.hide()
	if !b.Disabled() && b.OnMore != nil {
		b.OnMore()
	}
}

// longPress is how long a button is held until that means more than a click.
const longPress = 600 * time.Millisecond

// MouseDown and MouseUp show that the button is pressed.
func (b *Button) MouseDown(e *desktop.MouseEvent) {
	b.pressed, b.was = true, false
	b.Refresh()
	if b.OnMore == nil || e == nil || e.Button != desktop.MouseButtonPrimary {
		return
	}
	b.long = time.AfterFunc(longPress, func() {
		Do(func() {
			if b.pressed {
				b.was = true
				b.TappedSecondary(nil)
			}
		})
	})
}

// MouseUp ends what MouseDown began.
func (b *Button) MouseUp(*desktop.MouseEvent) {
	b.pressed = false
	if b.long != nil {
		b.long.Stop()
	}
	b.Refresh()
}

// MouseIn is for Fyne.
func (b *Button) MouseIn(*desktop.MouseEvent) {
	b.hovered = true
	b.Refresh()
	if text := b.tipText(); text != "" {
		b.tip.showSoon(b, text)
	}
}

// MouseMoved is for Fyne.
func (b *Button) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is for Fyne.
func (b *Button) MouseOut() {
	b.hovered, b.pressed = false, false
	b.tip.hide()
	b.Refresh()
}

func (b *Button) tipText() string {
	switch {
	case b.compact && b.Tip == "":
		return b.label
	case !b.compact && b.Tip == b.label:
		return "" // it is on the button
	}
	return b.Tip
}

// Cursor is a hand on a button that can be pressed.
func (b *Button) Cursor() desktop.Cursor {
	if b.Disabled() {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// FocusGained is for Fyne.
func (b *Button) FocusGained() { b.focused = true; b.Refresh() }

// FocusLost is for Fyne.
func (b *Button) FocusLost() { b.focused = false; b.Refresh() }

// TypedRune is for Fyne.
func (b *Button) TypedRune(rune) {}

// TypedKey presses the button by Space and Return.
func (b *Button) TypedKey(e *fyne.KeyEvent) {
	if toWindow(b, e) {
		return
	}
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		b.Tapped(nil)
	case fyne.KeyEscape:
		if b.OnEscape != nil {
			b.OnEscape()
		}
	}
}

// TypedShortcut hands shortcuts on to the window.
func (b *Button) TypedShortcut(s fyne.Shortcut) { toCanvas(b, s) }

// AccessibilityLabel is what a screen reader says.
func (b *Button) AccessibilityLabel() string {
	if b.label != "" {
		return b.label
	}
	return b.Tip
}

// AccessibilityRole is that of a button.
func (b *Button) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer is for Fyne.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	b.ExtendBaseWidget(b)
	r := &buttonRenderer{
		button: b,
		ring:   canvas.NewRectangle(color.Transparent), back: canvas.NewRectangle(color.Transparent),
		over: canvas.NewRectangle(color.Transparent), mark: canvas.NewCircle(color.Transparent), label: canvas.NewText("", color.Black), icon: NewIcon("x", iconSide, theme.Ink),
	}
	r.Refresh()
	return r
}

const (
	buttonHeight     float32 = 40
	buttonTallHeight float32 = 52
	buttonQuiet      float32 = 36
	buttonSmall      float32 = 24
	iconSide         float32 = 18
	iconGap          float32 = 8
	markSide         float32 = 10
	aboveHeight      float32 = 46
	aboveWidth       float32 = 56
	aboveIcon        float32 = 20
)

type buttonRenderer struct {
	button           *Button
	ring, back, over *canvas.Rectangle
	label            *canvas.Text
	icon             *Icon
	mark             *canvas.Circle
}

func (r *buttonRenderer) text() string {
	if r.button.compact && r.button.icon != "" {
		return ""
	}
	return r.button.label
}

// stacked tells whether the label is below the icon.
func (r *buttonRenderer) stacked() bool {
	return r.button.Above && r.button.icon != "" && r.text() != ""
}

func (r *buttonRenderer) height() float32 {
	switch {
	case r.stacked():
		return aboveHeight
	case r.button.Tall:
		return buttonTallHeight
	case r.button.Small:
		return buttonSmall
	case r.button.Kind == Quiet || r.button.Low:
		return buttonQuiet
	}
	return buttonHeight
}

func (r *buttonRenderer) contentWidth() float32 {
	width := float32(0)
	if r.button.icon != "" {
		width += iconSide
	}
	if r.text() != "" {
		width += r.label.MinSize().Width
		if r.button.icon != "" {
			width += iconGap
		}
	}
	return width
}

func (r *buttonRenderer) MinSize() fyne.Size {
	if r.stacked() {
		return fyne.NewSize(max(aboveWidth, r.label.MinSize().Width+theme.Unit), r.height())
	}
	side := 2 * theme.Unit
	if r.button.Low {
		side = 12
	}
	if r.text() == "" || r.button.Kind == Quiet {
		side = (min(buttonQuiet, r.height()) - iconSide) / 2
	}
	return fyne.NewSize(r.contentWidth()+r.reserved()+2*side, r.height())
}

// reserved is how much wider than the present label the widest is that the button may have.
func (r *buttonRenderer) reserved() float32 {
	if r.text() == "" {
		return 0
	}
	now := r.label.MinSize().Width
	widest := now
	for _, label := range r.button.others {
		widest = max(widest, fyne.MeasureText(label, r.label.TextSize, r.label.TextStyle).Width)
	}
	return widest - now
}

func (r *buttonRenderer) Layout(size fyne.Size) {
	r.back.Resize(size)
	r.over.Resize(size)
	const out = 2
	r.ring.Move(fyne.NewPos(-out, -out))
	r.ring.Resize(size.AddWidthHeight(2*out, 2*out))
	r.mark.Resize(fyne.NewSquareSize(markSide))
	if r.stacked() {
		r.layoutStacked(size)
	} else {
		r.layoutRow(size)
	}
	r.mark.Move(r.icon.Position().AddXY(r.icon.Size().Width-markSide/2, -markSide/2+1))
}

func (r *buttonRenderer) layoutStacked(size fyne.Size) {
	text := r.label.MinSize()
	top := (size.Height - aboveIcon - text.Height) / 2
	r.icon.Resize(fyne.NewSquareSize(aboveIcon))
	r.icon.Move(fyne.NewPos((size.Width-aboveIcon)/2, top))
	r.label.Resize(text)
	r.label.Move(fyne.NewPos((size.Width-text.Width)/2, top+aboveIcon))
}

func (r *buttonRenderer) layoutRow(size fyne.Size) {
	x := (size.Width - r.contentWidth()) / 2
	if r.button.Left {
		x = 12
	}
	text := r.label.MinSize()
	if r.button.icon != "" {
		r.icon.Resize(fyne.NewSquareSize(iconSide))
		if r.button.After {
			r.icon.Move(fyne.NewPos(x+text.Width+iconGap, (size.Height-iconSide)/2))
		} else {
			r.icon.Move(fyne.NewPos(x, (size.Height-iconSide)/2))
			x += iconSide + iconGap
		}
	}
	r.label.Resize(text)
	r.label.Move(fyne.NewPos(x, (size.Height-text.Height)/2))
}

// style is the button's colours: surface, border, letters.
func (b *Button) style() (fill, border, ink fyne.ThemeColorName) {
	switch {
	case b.Disabled() && b.Kind == Quiet:
		return "", "", "disabled"
	case b.Disabled():
		return "disabledButton", "", "disabled"
	case b.selected:
		return theme.AccentSoft, "", theme.AccentText
	}
	switch b.Kind {
	case Primary:
		return theme.Accent, "", theme.OnAccent
	case Danger:
		return theme.Red, "", theme.OnRed
	case Quiet:
		return "", "", theme.Ink
	case QuietRed:
		return "button", theme.InputBorder, theme.RedText
	}
	return "button", theme.InputBorder, theme.Ink
}

func (r *buttonRenderer) Refresh() {
	b := r.button
	fill, border, ink := b.style()
	r.back.FillColor = colorOrNone(fill)
	outline(r.back, fill, border)
	r.over.FillColor = color.Transparent
	switch {
	case b.Disabled():
	case b.pressed:
		r.over.FillColor = theme.Color("pressed")
	case b.hovered:
		r.over.FillColor = theme.Color("hover")
	}
	r.ring.StrokeColor = color.Transparent
	if b.focused {
		r.ring.StrokeColor = theme.Color(theme.AccentText)
	}
	r.ring.StrokeWidth = 2
	radius := theme.RadiusInput
	if b.Tall {
		radius = 10
	}
	r.back.CornerRadius, r.over.CornerRadius, r.ring.CornerRadius = radius, radius, radius+2
	r.label.Text, r.label.Color, r.label.TextSize, r.label.TextStyle.Bold = r.text(), theme.Color(ink), theme.Letters(theme.Body), true
	switch {
	case b.Tall:
		r.label.TextSize = theme.Letters(theme.Large)
	case r.stacked():
		r.label.TextSize, r.label.TextStyle.Bold = theme.Letters(theme.Caption), false
	}
	if b.icon != "" {
		r.icon.Set(b.icon, ink)
		r.icon.Refresh()
		r.icon.Show()
	} else {
		r.icon.Hide()
	}
	r.mark.Hidden = !b.marked || b.icon == ""
	r.mark.FillColor, r.mark.StrokeColor, r.mark.StrokeWidth = theme.Color(theme.Accent), theme.Color(theme.Card), 1.5
	r.Layout(b.Size())
	canvas.Refresh(b)
}

func (r *buttonRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.over, r.ring, r.icon, r.label, r.mark}
}
func (r *buttonRenderer) Destroy() { r.button.tip.hide() }
