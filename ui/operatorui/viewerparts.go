package operatorui

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"handrail/session"
	"handrail/session/operator"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
	"handrail/ui/viewer"
)

// toolbar is the row of buttons above the picture. Where it is too narrow for labels it shows icons only.
type toolbar struct {
	object                       fyne.CanvasObject
	end, chat, fit, actual, full *kit.Button
	high, speed, snapshot, draw  *kit.Button
	buttons                      []*kit.Button
}

func newToolbar(v *viewerWindow) *toolbar {
	t := &toolbar{}
	button := func(key, icon, keys string, do func()) *kit.Button {
		b := kit.NewButton(kit.Quiet, text.T(key), icon, do)
		b.Tip = text.T(key)
		if keys != "" {
			b.Tip += " (" + keys + ")"
		}
		t.buttons = append(t.buttons, b)
		return b
	}
	t.end = button("session.end", "circle-stop", "Ctrl+Alt+E", v.end)
	t.end.Kind, t.end.Low = kit.QuietRed, true
	t.draw = button("viewer.draw", "pencil", "Ctrl+Alt+D", v.toggleDrawing)
	t.chat = button("viewer.chat", "message-circle", "Ctrl+Alt+C", v.chatByHand)
	t.fit = button("viewer.fit", "scan", "Ctrl+Alt+0", v.fit)
	t.actual = button("viewer.actual", "image", "Ctrl+Alt+1", v.actual)
	t.full = button("viewer.full", "fullscreen", "Ctrl+Alt+F", v.toggleFull)
	t.high = button("viewer.high", "eye", "", func() { v.setQuality(session.High) })
	t.speed = button("viewer.speed", "gauge", "", func() { v.setQuality(session.Speed) })
	t.snapshot = button("viewer.snapshot", "camera", "Ctrl+Alt+S", v.snapshot)
	gap := func() fyne.CanvasObject { return kit.Sized(1, 22, kit.Rule()) }
	row := kit.Row(4, t.fit, t.actual, t.full, gap(), t.high, t.speed, gap(), t.draw, t.snapshot, t.chat, kit.Spring(), t.end)
	bar := container.New(&compacting{t.buttons}, row)
	t.object = kit.Column(0, kit.NewPanel(theme.Card, 0, kit.Pad(6, 10, 6, 10, bar)), kit.Rule())
	return t
}

func (t *toolbar) update(v *viewerWindow) {
	t.fit.SetSelected(v.picture.Mode() == viewer.Fit)
	t.actual.SetSelected(v.picture.Mode() == viewer.Actual)
	t.high.SetSelected(v.info.Quality == session.High)
	t.speed.SetSelected(v.info.Quality == session.Speed)
	t.chat.SetSelected(v.side.Visible())
	t.draw.SetSelected(v.tool.Visible())
	setEnabled(t.draw, v.session.MayDraw() == nil)
	setEnabled(t.snapshot, v.picture.RemoteSize().X > 0)
	live := v.info.State != session.Ended
	for _, b := range []*kit.Button{t.end, t.high, t.speed} {
		setEnabled(b, live)
	}
}

func setEnabled(b *kit.Button, enabled bool) {
	switch {
	case enabled && b.Disabled():
		b.Enable()
	case !enabled && !b.Disabled():
		b.Disable()
	}
}

// compacting shows buttons without labels when there is no room for them.
type compacting struct{ buttons []*kit.Button }

func (c *compacting) set(compact bool) {
	for _, b := range c.buttons {
		b.SetCompact(compact)
	}
}

func (c *compacting) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	c.set(false)
	if objects[0].MinSize().Width > size.Width {
		c.set(true)
	}
	objects[0].Resize(size)
	objects[0].Move(fyne.Position{})
}

func (c *compacting) MinSize(objects []fyne.CanvasObject) fyne.Size {
	const least = 420 // all buttons without labels
	return fyne.NewSize(least, objects[0].MinSize().Height)
}

// statusLine says below the picture who has control and how the picture is shown.
type statusLine struct {
	object  fyne.CanvasObject
	row     *fyne.Container
	control *kit.Badge
	state   *kit.Text
	size    *kit.Text
	again   func() // update the window, in a moment
	waiting bool   // again will be called
	said    string // a remark that is shown until saidAt is a while ago
	saidAt  time.Time
}

const remarkFor = 8 * time.Second

// say shows a remark for a while.
func (s *statusLine) say(remark string) {
	s.said, s.saidAt = remark, time.Now()
	s.state.SetText(remark)
}

func newStatusLine() *statusLine {
	s := &statusLine{control: kit.NewBadge(), state: kit.NewText("").Sized(theme.Caption).In(theme.Muted), size: kit.NewText("").Sized(theme.Caption).In(theme.Muted)}
	s.row = kit.Row(14, s.control, s.state, kit.Spring(), s.size)
	s.object = kit.Column(0, kit.Rule(), kit.NewPanel(theme.Card, 0, kit.Pad(5, 12, 5, 12, s.row)))
	return s
}

// update shows the session as it stands, and gives every part the room that its words now need.
func (s *statusLine) update(info operator.Info, picture *viewer.Picture) {
	before := s.row.MinSize()
	s.show(info, picture)
	if s.row.MinSize() != before {
		s.row.Refresh()
	}
}

func (s *statusLine) show(info operator.Info, picture *viewer.Picture) {
	switch {
	case info.State == session.Ended:
		s.control.Set(text.T("state.ended"), theme.Grey, theme.Muted, theme.GreySoft)
	case info.Holder == session.HolderCustomer && !info.Until.IsZero():
		s.control.Set(text.T("control.customer.left", "N", text.Seconds(info.Until)), theme.Red, theme.RedText, theme.RedSoft)
		s.countDown()
	case info.Permissions.Has(session.Control):
		s.control.Set(text.T("control.operator"), theme.Grey, theme.Muted, theme.GreySoft)
	default:
		s.control.Set(text.T("control.view"), theme.Grey, theme.Muted, theme.GreySoft)
	}
	state := ""
	if info.State == session.Active && !info.Started.IsZero() {
		state = text.Minutes(time.Since(info.Started))
	}
	if time.Since(s.saidAt) < remarkFor {
		state = s.said
	}
	s.state.SetText(state)
	if size := picture.RemoteSize(); size.X > 0 {
		s.size.SetText(pixelSize(size.X, size.Y) + "  ·  " + strconv.Itoa(picture.Percent()) + " %")
	}
}

// countDown has the seconds that are left shown again when they are others.
func (s *statusLine) countDown() {
	if s.waiting || s.again == nil {
		return
	}
	s.waiting = true
	time.AfterFunc(250*time.Millisecond, func() {
		kit.Do(func() {
			s.waiting = false
			s.again()
		})
	})
}

// edgeBar is the small bar at the top edge that leads out of full screen. It goes away by itself.
type edgeBar struct {
	object fyne.CanvasObject
	shown  int // counts, so that an older timer does not hide a newer bar
}

const edgeBarFor = 4 * time.Second

func newEdgeBar(v *viewerWindow) *edgeBar {
	leave := kit.NewButton(kit.Quiet, text.T("viewer.leave_full"), "minimize", v.toggleFull).WithTip("Ctrl+Alt+F")
	end := kit.NewButton(kit.QuietRed, text.T("session.end"), "circle-stop", v.end)
	end.Low = true
	bar := kit.NewPanel(theme.Card, theme.RadiusCard, kit.PadAll(4, kit.Row(4, leave, end)))
	bar.Border = theme.Line
	e := &edgeBar{}
	e.object = kit.Column(0, kit.Pad(6, 0, 0, 0, kit.Middle(bar)), kit.Spring())
	e.object.Hide()
	return e
}

// show shows the bar for a while, or hides it.
func (e *edgeBar) show(visible bool) {
	e.shown++
	setVisible(e.object, visible)
	if !visible {
		return
	}
	this := e.shown
	time.AfterFunc(edgeBarFor, func() {
		kit.Do(func() {
			if e.shown == this {
				e.object.Hide()
			}
		})
	})
}
