package customerui

import (
	"fyne.io/fyne/v2"

	"handrail/session"
	"handrail/session/customer"
	"handrail/session/wire"
	"handrail/ui/bar"
	"handrail/ui/board"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// sessionScreen says what is happening while the screen is shared, and how to stop it.
type sessionScreen struct {
	window  *Window
	session Session
	root    fyne.CanvasObject

	status    *kit.Text
	detail    *kit.Text
	icon      *kit.Icon
	panel     *kit.Panel
	holder    *bar.HolderBadge
	line      *fyne.Container // with holder
	switches  *bar.Switches
	draw      *kit.Button
	drawing   *board.Window // nil: the tools are put away
	files     *fileParts
	end       *kit.Button
	problem   *kit.Text
	chat      *kit.Chat
	chatTitle *chatTitle
}

// lowChat is how high the lines of the chat are at least in a low window.
const lowChat = 64

func newSessionScreen(w *Window, s Session) *sessionScreen {
	r := &sessionScreen{window: w, session: s, chat: newChat(s)}
	r.status = kit.Heading("", theme.Large)
	r.detail = kit.Hint("")
	r.icon = kit.NewIcon("eye", 24, theme.AccentText)
	r.holder = bar.NewHolderBadge(w.changed)
	r.line = kit.Start(r.holder.Badge)
	words := kit.Column(8, kit.Column(2, r.status, r.detail), r.line)
	if w.low { // the bar says and can the rest
		words = kit.Column(0, r.status)
		r.chat.Least(lowChat)
	}
	r.panel = kit.NewPanel(theme.AccentSoft, theme.RadiusCard, kit.Pad(16, 8, 16, 16, kit.Border(nil, nil, kit.Pad(0, 14, 0, 0, kit.Column(0, r.icon)), kit.Column(0, w.menuButton()), words)))
	r.switches = bar.NewSwitches(r.toggle)
	r.draw = kit.NewButton(kit.Secondary, text.T("running.draw"), "pencil", r.toggleDrawing)
	r.end = kit.NewButton(kit.Danger, text.T("session.end"), "circle-stop", s.End).Big()
	r.problem = kit.Para("").In(theme.AmberText)
	r.problem.Hide()
	r.chatTitle = newChatTitle()
	r.files = newFileParts(r)
	top := kit.Column(14, r.panel, r.problem, r.files.ask, r.chatTitle.object)
	body := kit.Border(kit.Pad(0, 0, 8, 0, top), nil, nil, nil, r.chat.Object)
	buttons := kit.Column(10, kit.Pairs(10, r.switches.View, r.switches.Control, r.draw, r.files.open), r.end)
	if w.low {
		buttons = kit.Column(10, kit.Pairs(10, r.draw, r.files.open), r.end)
	}
	r.root = frame(buttons, body)
	r.update()
	return r
}

// rebuilt is the same screen, built anew.
func (r *sessionScreen) rebuilt() *sessionScreen {
	n := newSessionScreen(r.window, r.session)
	if r.drawing != nil {
		r.drawing.Close() // its tools are in the old language
	}
	if r.files.window != nil {
		r.files.close()
	}
	n.chat.Entry().SetText(r.chat.Entry().Text)
	return n
}

func (r *sessionScreen) object() fyne.CanvasObject { return r.root }
func (r *sessionScreen) focus()                    {}

func (r *sessionScreen) update() {
	info := r.session.Info()
	sentence, icon := happening(info, operatorName(r.session))
	r.status.SetText(sentence)
	r.detail.SetText(text.T("running.detail"))
	fill, ink := theme.AccentSoft, theme.AccentText
	if !info.Permissions.Has(session.View) || info.State == session.Reconnecting {
		fill, ink = theme.GreySoft, theme.Muted
	}
	r.panel.SetFill(fill)
	r.icon.Set(icon, ink)
	r.label(info)
	r.files.update(info)
	if r.holder.Update(info) {
		r.line.Refresh()
	}
	r.chat.SetLines(r.window.journal.lines(r.session))
	r.chatTitle.update(r.window.unread.count)
}

// happening says in a sentence what the operator can do now.
func happening(info customer.Info, name string) (sentence, icon string) {
	switch {
	case info.State == session.Reconnecting:
		return text.Reconnecting(info.Lost), "clock"
	case !info.Permissions.Has(session.View):
		return text.T("running.paused", "Name", name), "monitor-off"
	case info.Permissions.Has(session.Control):
		return text.T("running.control", "Name", name), "mouse-pointer-click"
	}
	return text.T("running.view", "Name", name), "eye"
}

// label makes the buttons say what they will do.
func (r *sessionScreen) label(info customer.Info) {
	r.switches.Update(info)
	asked := r.session.Requested()
	setVisible(r.switches.View, asked.Has(session.View))
	setVisible(r.switches.Control, asked.Has(session.Control))
}

// toggleDrawing opens the tools for drawing over the own screen, or puts them away.
func (r *sessionScreen) toggleDrawing() {
	if r.drawing != nil {
		r.drawing.Close()
		return
	}
	r.drawing = board.OpenWindow(r.window.app, r.session, r.window.toolsPlace(), func() {
		r.drawing = nil
		r.showDrawing(false)
	})
	r.showDrawing(true)
}

// showDrawing makes the buttons here and on the bar say whether the tools are open.
func (r *sessionScreen) showDrawing(open bool) {
	r.draw.SetSelected(open)
	if r.window.bar != nil {
		r.window.bar.SetDrawing(open)
	}
}

// toggle gives or takes a permission. Without the picture there is no control either: nobody should be able
// to do what they do not see.
func (r *sessionScreen) toggle(p session.Permission) {
	info := r.session.Info()
	grant := !info.Permissions.Has(p)
	r.do(func() error {
		if grant {
			return r.session.Grant(p)
		}
		if p == session.View && info.Permissions.Has(session.Control) {
			if err := r.session.SetPermission(session.Control, false); err != nil {
				return err
			}
		}
		return r.session.SetPermission(p, false)
	})
}

// do does what may take a moment, and shows what went wrong.
func (r *sessionScreen) do(what func() error) {
	r.problem.Hide()
	go func() {
		err := what()
		kit.Do(func() {
			if err != nil {
				r.problem.SetText(text.Error(err))
				r.problem.Show()
			}
			r.window.changed()
		})
	}()
}

// endedScreen says that it is over and why.
type endedScreen struct {
	root    fyne.CanvasObject
	again   *kit.Button
	session Session
	info    customer.Info
}

func newEndedScreen(w *Window, s Session, info customer.Info) *endedScreen {
	e := &endedScreen{session: s, info: info}
	e.again = kit.NewButton(kit.Secondary, text.T("ended.again"), "", w.again).Big()
	leave := kit.NewButton(kit.Primary, text.T("close"), "", w.close).Big()
	sentence := text.Ending(wire.Customer, info.Reason)
	face := kit.NewPanel(theme.AccentSoft, 36, kit.PadAll(18, kit.NewIcon("circle-check", 36, theme.AccentText)))
	body := kit.Column(20, kit.Middle(face),
		kit.Column(8, kit.Heading(text.T("ended.title"), theme.Display).Centered(), kit.Para(sentence).Sized(theme.Large).Centered()),
		kit.Para(text.T("ended.safe")).In(theme.Muted).Centered())
	whole := fyne.CanvasObject(body)
	if save := e.saveJournal(w); save != nil {
		whole = kit.Column(20, body, save)
	}
	e.root = frame(kit.Equal(12, e.again, leave), w.withMenu(kit.Narrow(380, true, whole)))
	return e
}

// saveJournal is a button that saves what happened, for whoever wants to keep it; nil where there is nothing to save.
func (e *endedScreen) saveJournal(w *Window) fyne.CanvasObject {
	kept, ok := e.session.(interface{ Journal() []byte })
	save := w.options.Service.SaveJournal
	if !ok || save == nil {
		return nil
	}
	answer := kit.Para("").In(theme.Muted).Centered()
	answer.Hide()
	button := kit.NewButton(kit.Quiet, text.T("journal.save"), "download", nil)
	button.OnTap = func() {
		button.Disable()
		go func() {
			path, err := save(kept.Journal())
			kit.Do(func() {
				sentence := text.T("viewer.snapshot.saved", "Path", path)
				if err != nil {
					button.Enable()
					sentence = text.T("journal.not_saved")
				}
				answer.SetText(sentence)
				answer.Show()
			})
		}()
	}
	return kit.Column(8, kit.Middle(button), answer)
}

func (e *endedScreen) object() fyne.CanvasObject { return e.root }
func (e *endedScreen) update()                   {}
func (e *endedScreen) focus()                    {}
