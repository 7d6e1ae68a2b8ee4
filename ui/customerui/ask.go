package customerui

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"handrail/session"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// askScreen says who asks for what, and asks for agreement.
type askScreen struct {
	window  *Window
	session Session
	root    fyne.CanvasObject

	switches map[session.Permission]*kit.Switch
	cancel   *kit.Button
	agree    *kit.Button
	left     int // seconds until agreeing is possible
	problem  *kit.Text
	chat     *kit.Chat

	chatTitle *chatTitle
}

// thinkSeconds is how long the button that agrees cannot be pressed: as long as reading who asks takes.
const thinkSeconds = 3

func newAskScreen(w *Window, s Session) *askScreen {
	a := &askScreen{window: w, session: s, switches: map[session.Permission]*kit.Switch{}, left: thinkSeconds}
	a.cancel = kit.NewButton(kit.Secondary, text.T("cancel"), "", s.Decline).Big()
	a.agree = kit.NewButton(kit.Primary, text.T("ask.start"), "", a.start).Big()
	a.problem = kit.Para("").In(theme.AmberText)
	a.problem.Hide()
	a.chat = newChat(s)
	a.chatTitle = newChatTitle()

	rows := []fyne.CanvasObject{}
	requested := s.Requested().List()
	for _, p := range requested {
		rows = append(rows, a.permission(p, len(requested) <= explainUpTo))
	}
	gap, head := float32(8), kit.Column(14, kit.Rule(), a.chatTitle.object)
	if len(rows) > 2 {
		head = kit.Column(0, kit.Rule())
	}
	between := float32(16)
	if len(rows) > explainUpTo {
		gap, between = 4, 12
		a.chat.Least(48)
	}
	if len(rows) == explainUpTo+1 && !w.scrolls() { // what is asked for usually
		gap = 8 // apart for hands that are not steady
	}
	title := kit.Row(8, kit.Fill(kit.Heading(text.T("ask.title"), theme.Display)), w.menuButton())
	allowed := kit.NewText(text.T("ask.allow")).In(theme.Muted)
	top := kit.Column(between, title, a.who(), kit.Para(text.T("ask.expect", "Name", operatorName(s))), kit.Column(10, allowed, kit.Column(gap, rows...)), a.problem)
	body := kit.Border(kit.Column(14, top, head), nil, nil, nil, kit.Pad(4, 0, 0, 0, a.chat.Object))
	if w.scrolls() {
		body = kit.Border(nil, kit.Column(10, head, a.chat.Object), nil, nil, container.NewVScroll(scrolled(top)))
	}
	if w.low { // who asks for what is more than the chat
		body = kit.Border(nil, nil, nil, nil, container.NewVScroll(scrolled(kit.Column(between, top, head, a.chat.Object))))
	}
	a.root = frame(kit.Equal(12, a.cancel, a.agree), body)
	a.count()
	return a
}

// count makes the button that agrees say how long it has to wait, and opens it in the end.
func (a *askScreen) count() {
	if a.left == 0 {
		a.agree.SetLabel(text.T("ask.start"))
		a.agree.Enable()
		return
	}
	a.agree.SetLabel(text.T("ask.start") + " (" + strconv.Itoa(a.left) + ")")
	a.agree.Disable()
	time.AfterFunc(a.window.second, func() {
		kit.Do(func() {
			a.left--
			a.count()
		})
	})
}

// who shows the operator as the relay vouches for them, with the words that both sides can compare.
func (a *askScreen) who() fyne.CanvasObject {
	party := a.session.Operator()
	name := kit.Para(operatorName(a.session)).Sized(theme.Large)
	name.Bold = true
	lines := []fyne.CanvasObject{name}
	if party.Organisation != "" {
		lines = append(lines, kit.Para(party.Organisation))
	}
	if party.Relay != "" {
		lines = append(lines, kit.Hint(text.T("ask.relay", "Relay", party.Relay)))
	}
	if words := a.session.Verifier(); words != "" {
		lines = append(lines, kit.Hint(text.T("verifier.words", "Words", words)))
	}
	face := kit.NewPanel(theme.AccentSoft, 24, kit.PadAll(12, kit.NewIcon("headset", 24, theme.AccentText)))
	card := kit.NewPanel(theme.Card, theme.RadiusCard, kit.PadAll(14, kit.Row(14, face, kit.Fill(kit.Column(2, lines...)))))
	card.Border = theme.Line
	return card
}

// explainUpTo is how many permissions are explained each with a line; more would not fit beside the chat.
const explainUpTo = 4

func (a *askScreen) permission(p session.Permission, explain bool) fyne.CanvasObject {
	name := kit.Para(text.Permission(p))
	name.Bold = true
	words := kit.Column(1, name)
	if explain {
		words.Add(kit.Hint(text.Explain(p)))
	}
	a.switches[p] = kit.NewSwitch(text.Permission(p), p != session.Files) // files are more than what they called for
	return kit.Row(14, kit.NewIcon(permissionIcon(p), 20, theme.Muted), kit.Fill(words), a.switches[p])
}

func permissionIcon(p session.Permission) string {
	switch p {
	case session.View:
		return "eye"
	case session.Control:
		return "mouse-pointer-click"
	case session.Files:
		return "files"
	case session.Clipboard:
		return "clipboard"
	case session.Whiteboard:
		return "pencil"
	}
	return "info"
}

// rebuilt is the same screen, built anew.
func (a *askScreen) rebuilt() *askScreen {
	n := newAskScreen(a.window, a.session)
	for p, s := range n.switches {
		s.SetOn(a.switches[p].On())
	}
	n.chat.Entry().SetText(a.chat.Entry().Text)
	return n
}

func (a *askScreen) object() fyne.CanvasObject { return a.root }
func (a *askScreen) focus()                    {}
func (a *askScreen) update() {
	a.chat.SetLines(a.window.journal.lines(a.session))
	a.chatTitle.update(a.window.unread.count)
}

// agreeAll agrees to everything that is asked for.
func (a *askScreen) agreeAll() {
	for _, s := range a.switches {
		s.SetOn(true)
	}
	a.start()
}

// start agrees to what is switched on.
func (a *askScreen) start() {
	allowed := session.Permissions{}
	for p, s := range a.switches {
		if s.On() {
			allowed = allowed.With(p)
		}
	}
	a.agree.Disable()
	a.problem.Hide()
	go func() {
		err := a.session.Start(allowed)
		kit.Do(func() {
			if err != nil {
				a.agree.Enable()
				a.problem.SetText(text.Error(err))
				a.problem.Show()
				return
			}
			a.window.changed()
		})
	}()
}

// newChat makes the chat of a session.
func newChat(s Session) *kit.Chat {
	chat := kit.NewChat(kit.ChatWords{
		Empty: text.T("chat.empty.customer"), Placeholder: text.T("chat.placeholder"), Send: text.T("chat.send"),
	})
	chat.OnSend = func(line string, failed func()) {
		go func() {
			if s.Chat(line) != nil {
				kit.Do(failed)
			}
		}()
	}
	return chat
}

// chatTitle is the word above a chat, with a mark while there is something new in it.
type chatTitle struct {
	object *fyne.Container
	mark   *kit.Badge
}

func newChatTitle() *chatTitle {
	title := kit.NewText(text.T("chat.title"))
	title.Bold = true
	c := &chatTitle{mark: kit.NewBadge()}
	c.mark.Hide()
	c.object = kit.Sized(1, 24, kit.Row(12, title, c.mark, kit.Spring()))
	return c
}

func (c *chatTitle) update(unread int) {
	if unread > 0 {
		c.mark.Set(text.N("row.unread", unread), theme.Accent, theme.AccentText, theme.AccentSoft)
	}
	if c.mark.Visible() != (unread > 0) {
		setVisible(c.mark, unread > 0)
		c.object.Refresh()
	}
}
