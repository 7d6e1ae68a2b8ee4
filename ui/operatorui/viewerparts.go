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

// toolbar is the row of buttons above the picture, each with a word below its icon. Where it is too narrow for words it
// shows icons only.
type toolbar struct {
	object                       fyne.CanvasObject
	end, chat, fit, actual, full *kit.Button
	quality, snapshot, draw      *kit.Button
	keys, hide, files, monitors  *kit.Button
	desk                         *kit.Button
	buttons                      []*kit.Button
}

func newToolbar(v *viewerWindow) *toolbar {
	t := &toolbar{}
	button := func(key, icon, keys string, do func()) *kit.Button {
		b := kit.NewButton(kit.Quiet, text.T(key), icon, do)
		b.Tip, b.Above = text.T(key), true
		if keys != "" {
			b.Tip += " (" + text.Keys(keys) + ")"
		}
		t.buttons = append(t.buttons, b)
		return b
	}
	t.end = button("session.end", "circle-stop", "Ctrl+Alt+E", v.end)
	t.end.Kind, t.end.Low, t.end.Above = kit.QuietRed, true, false
	t.draw = button("viewer.draw", "pencil", "Ctrl+Alt+D", v.toggleDrawing)
	t.files = button("files.open", "files", "Ctrl+Alt+I", v.openFiles)
	t.chat = button("viewer.chat", "message-circle", "Ctrl+Alt+C", v.chatByHand)
	t.fit = button("viewer.fit", "scan", "Ctrl+Alt+0", v.fit)
	t.actual = button("viewer.actual", "image", "Ctrl+Alt+1", v.actual)
	t.fit.SetLabel(text.T("tool.fit"))
	t.actual.SetLabel(text.T("tool.actual"))
	t.full = button("viewer.full", "expand", "Ctrl+Alt+F", v.toggleFull)
	t.monitors = button("viewer.monitors", "monitor", "Ctrl+Alt+M", v.showMonitors)
	t.quality = button("viewer.quality", "gauge", "Ctrl+Alt+Q", v.showQualities)
	t.snapshot = button("viewer.snapshot", "camera", "Ctrl+Alt+S", v.snapshot)
	t.desk = button("viewer.sessions", "layout-list", "Ctrl+Alt+W", v.toSessions)
	t.keys = button("viewer.keys", "keyboard", "Ctrl+Alt+K", v.showKeys)
	t.hide = button("viewer.hide", "panel-top-close", "Ctrl+Alt+T", func() { v.setHidden(!v.top.hidden) })
	t.hide.SetLabel(text.T("tool.hide"))
	gap := func() fyne.CanvasObject { return kit.Pad(0, 4, 0, 4, kit.Sized(1, 28, kit.Rule())) }
	row := kit.Row(2, t.fit, t.actual, t.full, gap(), t.monitors, t.quality, gap(), t.keys, t.draw, t.snapshot, t.files, t.chat, kit.Spring(),
		t.desk, t.hide, kit.Sized(8, 1, kit.Column(0)), t.end)
	bar := container.New(&compacting{t.buttons}, row)
	t.object = kit.Column(0, kit.NewPanel(theme.Card, 0, kit.Pad(4, 10, 4, 8, bar)), kit.Rule())
	return t
}

// qualities are the qualities of the picture in the order of the menu.
var qualities = []session.Quality{session.Automatic, session.High, session.Speed, session.Low}

func qualityName(q session.Quality) string { return text.T("viewer." + string(q)) }

// showQualities shows the menu of qualities.
func (v *viewerWindow) showQualities() {
	items := make([]kit.Item, len(qualities))
	for i, q := range qualities {
		items[i] = kit.Item{Label: qualityName(q), Mark: v.info.Quality == q, Do: func() { v.setQuality(q) }}
	}
	plain := v.info.Plain
	items = append(items, kit.Item{}, kit.Item{Label: text.T("viewer.plain"), Mark: plain, Do: func() { v.setPlain(!plain) }})
	kit.ShowMenu(v.bar.quality, items...)
}

func (t *toolbar) update(v *viewerWindow) {
	t.fit.SetSelected(v.picture.Mode() == viewer.Fit)
	t.actual.SetSelected(v.picture.Mode() == viewer.Actual)
	v.followMonitors()
	setEnabled(t.monitors, v.monitorsMatter())
	t.quality.SetLabel(qualityName(v.info.Quality))
	t.chat.SetSelected(v.side.Visible())
	t.draw.SetSelected(v.tool.Visible())
	setEnabled(t.draw, v.session.MayDraw() == nil)
	t.full.SetSelected(v.win.FullScreen())
	t.showHide(v.top.hidden)
	setVisible(t.hide, !v.top.full)
	setEnabled(t.keys, v.info.State == session.Active && v.info.Permissions.Has(session.Control))
	setEnabled(t.snapshot, v.picture.RemoteSize().X > 0)
	live := v.info.State != session.Ended
	for _, b := range []*kit.Button{t.end, t.quality} {
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

// showHide makes the button that hides the toolbar pin it while it is hidden.
func (t *toolbar) showHide(hidden bool) {
	tip, icon, label := "viewer.hide", "panel-top-close", "tool.hide"
	if hidden {
		tip, icon, label = "viewer.pin", "pin", "tool.pin"
	}
	t.hide.Tip = text.T(tip) + " (" + text.Keys("Ctrl+Alt+T") + ")"
	t.hide.SetIcon(icon)
	t.hide.SetLabel(text.T(label))
}

// compacting takes the labels away where there is no room for all of them.
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
	const least = 540 // all buttons without labels
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
func (s *statusLine) update(info operator.Info, picture *viewer.Picture, m *meter) {
	before := s.row.MinSize()
	s.show(info, picture, m)
	if s.row.MinSize() != before {
		s.row.Refresh()
	}
}

func (s *statusLine) show(info operator.Info, picture *viewer.Picture, m *meter) {
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
		state = text.Minutes(now().Sub(info.Started))
	}
	if time.Since(s.saidAt) < remarkFor {
		state = s.said
	}
	s.state.SetText(state)
	if size := picture.RemoteSize(); size.X > 0 {
		figures := ""
		if info.State == session.Active {
			figures = m.String() + " · "
			if depth := picture.Depth(); depth > 0 {
				figures += text.T("viewer.depth", "N", int(depth)) + " · "
			}
		}
		s.size.SetText(figures + pixelSize(size.X, size.Y) + " · " + strconv.Itoa(picture.Percent()) + " %")
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
