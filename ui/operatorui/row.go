package operatorui

import (
	"net/url"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"handrail/session"
	"handrail/session/operator"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// sessionRow is one session in the list. The arrow keys go to the rows beside it.
type sessionRow struct {
	widget.BaseWidget
	tap  func()
	move func(by int)

	items func() []kit.Item // of its menu
	more  *kit.Button

	dot               *canvas.Circle
	title, sub, right *kit.Text
	panel             *kit.Panel

	selected, hovered, focused bool
}

func newSessionRow(tap func(), move func(int)) *sessionRow {
	r := &sessionRow{
		tap: tap, move: move, dot: canvas.NewCircle(theme.Color(theme.Grey)),
		title: kit.NewText(""), sub: kit.NewText("").Sized(theme.Caption).In(theme.Muted),
		right: kit.NewText("").Sized(theme.Caption).In(theme.Muted),
	}
	r.title.Bold = true
	r.more = kit.NewButton(kit.Quiet, "", "ellipsis-vertical", r.showMenu).WithTip(text.T("menu"))
	r.panel = kit.NewPanel("", theme.RadiusInput, kit.Pad(6, 4, 6, 12,
		kit.Row(12, kit.Sized(10, 10, r.dot), kit.Fill(kit.Column(1, r.title, r.sub)), kit.Row(2, r.right, r.more))))
	r.ExtendBaseWidget(r)
	return r
}

// update shows the session as it stands.
func (r *sessionRow) update(s Session, selected bool, unread int) {
	info := s.Info()
	r.title.SetText(rowTitle(s, info))
	sub := stateName(info)
	if label := s.Label(); label.Topic != "" {
		sub += " · " + label.Topic
	}
	if unread > 0 {
		sub = text.N("row.unread", unread)
	}
	r.sub.SetText(sub)
	r.right.SetText(rowTime(info))
	if c := theme.Color(stateColor(info.State)); r.dot.FillColor != c {
		r.dot.FillColor = c
		r.dot.Refresh()
	}
	r.setSelected(selected)
}

func rowTitle(s Session, info operator.Info) string {
	if name := s.Label().Customer; name != "" {
		return name
	}
	if info.Customer.Name != "" {
		return info.Customer.Name
	}
	if info.Offered {
		return s.Code().ID()
	}
	return s.Code().String()
}

func rowTime(info operator.Info) string {
	switch {
	case info.State == session.Waiting:
		return text.Minutes(info.Expires.Sub(now()) + 30*time.Second)
	case info.Started.IsZero():
		return ""
	case info.State == session.Ended:
		return text.Minutes(info.Ended.Sub(info.Started))
	}
	return text.Minutes(now().Sub(info.Started))
}

// stateName is a session's state in a word or two.
func stateName(info operator.Info) string { return text.T("state." + string(info.State)) }

func stateColor(s session.State) fyne.ThemeColorName {
	switch s {
	case session.Waiting, session.Reconnecting:
		return theme.Amber
	case session.Joining, session.Active:
		return theme.Accent
	}
	return theme.Grey
}

func (r *sessionRow) setSelected(selected bool) {
	r.selected = selected
	r.paint()
}

func (r *sessionRow) paint() {
	fill, border := fyne.ThemeColorName(""), fyne.ThemeColorName("")
	switch {
	case r.selected:
		fill = theme.AccentSoft
	case r.hovered:
		fill = theme.GreySoft
	}
	if r.focused {
		border = theme.AccentText
	}
	if fill != r.panel.Fill || border != r.panel.Border {
		r.panel.Fill, r.panel.Border = fill, border
		r.panel.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (r *sessionRow) CreateRenderer() fyne.WidgetRenderer {
	r.ExtendBaseWidget(r)
	return widget.NewSimpleRenderer(r.panel)
}

// showMenu shows what can be done with the session.
func (r *sessionRow) showMenu() {
	if r.items != nil {
		kit.ShowMenu(r.more, r.items()...)
	}
}

// TappedSecondary shows the menu too.
func (r *sessionRow) TappedSecondary(*fyne.PointEvent) { r.showMenu() }

// Tapped selects the session.
func (r *sessionRow) Tapped(*fyne.PointEvent) { r.tap() }

// Cursor is a hand.
func (r *sessionRow) Cursor() desktop.Cursor { return desktop.PointerCursor }

// MouseIn is for Fyne.
func (r *sessionRow) MouseIn(*desktop.MouseEvent) { r.hovered = true; r.paint() }

// MouseMoved is for Fyne.
func (r *sessionRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is for Fyne.
func (r *sessionRow) MouseOut() { r.hovered = false; r.paint() }

// FocusGained is for Fyne.
func (r *sessionRow) FocusGained() { r.focused = true; r.paint() }

// FocusLost is for Fyne.
func (r *sessionRow) FocusLost() { r.focused = false; r.paint() }

// TypedRune is for Fyne.
func (r *sessionRow) TypedRune(rune) {}

// TypedKey selects this session or one beside it.
func (r *sessionRow) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		r.tap()
	case desktop.KeyMenu:
		r.showMenu()
	case fyne.KeyUp:
		r.move(-1)
	case fyne.KeyDown:
		r.move(1)
	}
}

func sameObjects(a, b []fyne.CanvasObject) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func setVisible(o fyne.CanvasObject, visible bool) {
	switch {
	case visible && !o.Visible():
		o.Show()
	case !visible && o.Visible():
		o.Hide()
	}
}

func relayHost(u *url.URL) string {
	if u == nil {
		return ""
	}
	return u.Host
}

func pixelSize(width, height int) string { return strconv.Itoa(width) + " × " + strconv.Itoa(height) }
