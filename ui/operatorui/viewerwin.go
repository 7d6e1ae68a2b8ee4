package operatorui

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"handrail/assets"
	"handrail/session"
	"handrail/session/operator"
	"handrail/session/wire"
	"handrail/ui/board"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
	"handrail/ui/viewer"
	"handrail/whiteboard"
)

// viewerWindow shows one customer's desktop. Its own commands all begin with Ctrl+Alt, so that every other
// key can go to the customer's computer.
type viewerWindow struct {
	board   *dashboard
	session Session
	win     fyne.Window
	info    operator.Info

	picture  *viewer.Picture
	queue    *viewer.Queue
	scroll   *container.Scroll
	bar      *toolbar
	top      *topBar // where bar is
	meter    *meter
	captured capturedKeys
	pan      panner
	status   *statusLine
	chat     *kit.Chat
	side     *fyne.Container
	frame    *fyne.Container
	notice   *fyne.Container // over the picture while there is none
	noticed  *kit.Text
	veil     *canvas.Rectangle // over a picture that is no longer what the customer has
	sending  bool              // files that were copied are on their way to be pasted
	gone     bool              // it is closed: what was still to come for it finds nothing to do

	hand  *whiteboard.Hand
	tools *board.Tools
	layer *board.Layer
	tool  *fyne.Container // the panel of tools beside the picture

	monitor string                    // the only one that is shown here; "": all
	others  map[string]*monitorWindow // windows of their own, by monitor
	places  map[string]monitorPlace   // where these were, also those that are closed
}

func newViewerWindow(d *dashboard, s Session) *viewerWindow {
	v := &viewerWindow{
		board: d, session: s, info: s.Info(), meter: d.meterOf(s.ID()),
		others: map[string]*monitorWindow{}, places: map[string]monitorPlace{},
	}
	v.win = d.window.app.NewWindow("")
	v.win.SetIcon(assets.AppIcon())
	v.win.SetPadded(false)
	v.queue = viewer.NewQueue(s)
	v.picture = viewer.NewPicture(s.Source(), newPasting(v.queue, s.CopiedFiles, v.pasteFiles))
	v.picture.Command = v.command
	v.addBoard()
	v.picture.OnTop = v.nearTop
	v.picture.OnMove = func(at fyne.Position, inside bool) {
		v.pan.pointer(at, inside && d.window.options.Settings.On("edge_panning"))
	}
	v.picture.OnSize = func() {
		if !v.gone {
			v.scroll.Refresh()
			v.update()
		}
	}
	v.build()
	v.win.SetOnClosed(v.closed)
	v.win.SetOnDropped(v.dropped)
	v.win.SetCloseIntercept(v.close)
	v.addShortcuts()
	v.update()
	v.restore()
	v.picture.OnFocus = func(bool) { v.captureKeys() }
	v.win.Show()
	if d := d.window.options.Device; d != nil {
		d.Buttons(v.win, v.picture.ExtraButton)
		d.Moves(v.win, v.picture.Trace)
	}
	v.win.Canvas().Focus(v.picture)
	v.followMonitors() // some have a window of their own again
	return v
}

func (v *viewerWindow) build() {
	v.bar = newToolbar(v)
	v.status = newStatusLine()
	v.status.again = v.update
	v.top = newTopBar(v.bar.object, text.T("viewer.handle"))
	v.chat = newChat(v.session, v.board.fail)
	v.scroll = container.NewScroll(v.picture)
	v.pan.scroll, v.pan.moved = v.scroll, v.picture.Moved
	v.noticed = kit.NewText("").In(theme.Ink)
	v.noticed.Bold = true
	v.veil = canvas.NewRectangle(color.NRGBA{A: 0x80})
	v.notice = kit.Middle(kit.NewPanel(theme.Card, theme.RadiusCard, kit.PadAll(16, v.noticed)))
	title := kit.NewText(text.T("chat.title"))
	title.Bold = true
	panel := kit.NewPanel(theme.Card, 0, kit.PadAll(16, kit.Border(kit.Pad(0, 0, 8, 0, title), nil, nil, nil, v.chat.Object)))
	v.side = kit.Border(nil, nil, kit.Rule(), nil, kit.Sized(300, 200, panel))
	v.side.Hide()
	stage := container.NewStack(v.scroll, v.veil, kit.Narrow(420, true, v.notice), v.top.over)
	v.frame = kit.Border(v.top.pinned, v.status.object, v.newTools(), v.side, stage)
	v.win.SetContent(kit.Root(v.frame))
}

// viewerKeys are the viewer's commands on Ctrl+Alt+key.
func (v *viewerWindow) viewerKeys() map[fyne.KeyName]func() {
	return map[fyne.KeyName]func(){
		fyne.KeyF: v.toggleFull, fyne.Key0: v.fit, fyne.Key1: v.actual, fyne.KeyC: v.chatByHand,
		fyne.KeyS: v.snapshot, fyne.KeyE: v.end, fyne.KeyP: v.focusPicture,
		fyne.KeyD: v.toggleDrawing, fyne.KeyZ: v.undo, fyne.KeyI: v.openFiles, fyne.KeyW: v.toSessions,
		fyne.KeyT: func() { v.setHidden(!v.top.hidden) }, fyne.KeyK: v.showKeys, fyne.KeyQ: v.showQualities,
		fyne.KeyM: v.showMonitors,
	}
}

// command runs a command that was typed while keys go to the customer's computer. It runs when Fyne has done
// with the key: where the command moves the focus, the key would otherwise be seen a second time there.
func (v *viewerWindow) command(name fyne.KeyName) bool {
	do := v.viewerKeys()[name]
	if do != nil {
		kit.Do(do)
	}
	return do != nil
}

// addShortcuts makes the commands work while the chat has the keyboard.
func (v *viewerWindow) addShortcuts() {
	for name, do := range v.viewerKeys() {
		shortcut := &desktop.CustomShortcut{KeyName: name, Modifier: fyne.KeyModifierControl | fyne.KeyModifierAlt}
		v.win.Canvas().AddShortcut(shortcut, func(fyne.Shortcut) { do() })
	}
}

func (v *viewerWindow) closed() {
	v.gone = true
	v.captured.stop()
	v.closeMonitors()
	v.layer.Close()
	v.picture.Close()
	v.queue.Close()
	delete(v.board.viewers, v.session.ID())
}

// update makes the window agree with the session.
func (v *viewerWindow) update() {
	if v.gone { // or windows of monitors would open again
		return
	}
	v.info = v.session.Info()
	setTitle(v.win, customerName(v.info)+" – "+text.T("app.name"))
	showChat(v.chat, v.session, customerName(v.info))
	v.chat.SetEnabled(v.info.State == session.Active)
	v.checkDrawing()
	v.bar.update(v)
	v.status.update(v.info, v.picture, v.meter)
	sentence := v.noticeText()
	v.noticed.SetText(sentence)
	setVisible(v.notice, sentence != "")
	v.notice.Refresh() // it has the room that the words need
	setVisible(v.veil, sentence != "" && v.picture.RemoteSize().X > 0)
}

// noticeText is what has to be said over the picture, or "".
func (v *viewerWindow) noticeText() string {
	switch {
	case v.info.State == session.Ended:
		return text.T("viewer.ended")
	case v.info.State == session.Reconnecting:
		return text.Reconnecting(v.info.Lost)
	case !v.info.Permissions.Has(session.View):
		return text.T("viewer.paused")
	case v.picture.RemoteSize().X == 0:
		return text.T("viewer.first")
	}
	return ""
}

func (v *viewerWindow) hear(e session.Event) {
	switch e.Type {
	case session.EventChat:
		if e.From == wire.Customer && !v.side.Visible() {
			v.toggleChat()
		}
	case session.EventWarning:
		v.status.say(text.Warning(wire.Operator, e))
	case session.EventState:
		if e.State == session.Ended && v.win.FullScreen() {
			v.toggleFull()
		}
	}
}

func (v *viewerWindow) focusPicture() { v.win.Canvas().Focus(v.picture) }

func (v *viewerWindow) fit()    { v.setMode(viewer.Fit) }
func (v *viewerWindow) actual() { v.setMode(viewer.Actual) }

func (v *viewerWindow) setMode(m viewer.Mode) {
	v.picture.SetMode(m)
	v.scroll.Refresh()
	v.scroll.ScrollToOffset(fyne.NewPos(0, 0))
	v.update()
	v.focusPicture()
}

// chatByHand opens the chat with the keyboard in it, or closes it.
func (v *viewerWindow) chatByHand() {
	v.toggleChat()
	if v.side.Visible() {
		v.chat.Focus(v.win)
	} else {
		v.focusPicture()
	}
}

// toggleChat opens or closes the chat beside the picture and leaves the keyboard where it is.
func (v *viewerWindow) toggleChat() {
	setVisible(v.side, !v.side.Visible())
	v.frame.Refresh()
	v.update()
}

func (v *viewerWindow) setQuality(q session.Quality) {
	v.want(func() error { return v.session.SetQuality(q) })
}

// want asks for another picture, and shows what is asked for.
func (v *viewerWindow) want(ask func() error) {
	go func() {
		err := ask()
		kit.Do(func() {
			if err == nil {
				v.update()
			}
		})
	}()
	v.focusPicture()
}

// setPlain asks for the customer's desktop without wallpaper and effects, or with them again.
func (v *viewerWindow) setPlain(plain bool) {
	v.want(func() error { return v.session.SetPlain(plain) })
}

// toggleFull enters or leaves full screen, where only the picture and the chat are.
func (v *viewerWindow) toggleFull() {
	full := !v.win.FullScreen()
	v.win.SetFullScreen(full)
	v.top.full = full
	setVisible(v.status.object, !full)
	v.top.place(false)
	v.frame.Refresh()
	if full {
		v.top.peek() // so that the way out is seen
	}
	v.update()
	v.focusPicture()
	v.captureKeys()
}

// setHidden hides the toolbar or pins it above the picture.
func (v *viewerWindow) setHidden(hidden bool) {
	v.top.hidden = hidden
	v.top.place(false)
	v.frame.Refresh()
	v.update()
	v.focusPicture()
}

// close closes the window; the session goes on.
func (v *viewerWindow) close() {
	v.remember()
	v.win.Close()
}

// tick keeps the live figures true.
func (v *viewerWindow) tick(now time.Time) {
	v.meter.measure(now)
	if v.info.State == session.Active {
		v.meter.ask(v.session)
	}
	if v.info.State == session.Reconnecting {
		v.noticed.SetText(v.noticeText())
	}
}

func (v *viewerWindow) nearTop(near bool) {
	if near {
		v.top.peek()
	}
}

// toSessions brings the main window forward, with this session's page.
func (v *viewerWindow) toSessions() {
	v.board.choose(v.session.ID())
	v.board.window.win.RequestFocus()
}

func (v *viewerWindow) end() { endSession(v.win, v.session) }
