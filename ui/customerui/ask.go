package customerui

import (
	"fyne.io/fyne/v2"

	"handrail/session"
	"handrail/session/wire"
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
	problem  *kit.Text
	chat     *kit.Chat
}

func newAskScreen(w *Window, s Session) *askScreen {
	a := &askScreen{window: w, session: s, switches: map[session.Permission]*kit.Switch{}}
	a.cancel = kit.NewButton(kit.Secondary, text.T("cancel"), "", s.Decline).Big()
	a.agree = kit.NewButton(kit.Primary, text.T("ask.start"), "", a.start).Big()
	a.problem = kit.Para("").In(theme.AmberText)
	a.problem.Hide()
	a.chat = newChat(s)

	rows := []fyne.CanvasObject{}
	for _, p := range s.Requested().List() {
		rows = append(rows, a.permission(p))
	}
	title := kit.Heading(text.T("ask.title", "Name", operatorName(s)), theme.Title)
	allowed := kit.NewText(text.T("ask.allow")).In(theme.Muted)
	top := kit.Column(16, title, a.who(), kit.Para(text.T("ask.expect")), kit.Column(10, allowed, kit.Column(14, rows...)), a.problem)
	body := kit.Border(kit.Column(14, top, kit.Rule()), nil, nil, nil, kit.Pad(4, 0, 0, 0, a.chat.Object))
	a.root = frame(kit.Equal(12, a.cancel, a.agree), body)
	return a
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

func (a *askScreen) permission(p session.Permission) fyne.CanvasObject {
	name := kit.Para(text.Permission(p))
	name.Bold = true
	a.switches[p] = kit.NewSwitch(text.Permission(p), true)
	return kit.Row(14, kit.NewIcon(permissionIcon(p), 20, theme.Muted), kit.Fill(kit.Column(1, name, kit.Hint(text.Explain(p)))), a.switches[p])
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

func (a *askScreen) object() fyne.CanvasObject { return a.root }
func (a *askScreen) focus()                    {}
func (a *askScreen) update()                   { showChat(a.chat, a.session) }

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
	showChat(chat, s)
	return chat
}

func showChat(chat *kit.Chat, s Session) {
	transcript := s.Transcript()
	lines := make([]kit.ChatLine, len(transcript))
	for i, line := range transcript {
		lines[i] = kit.ChatLine{Mine: line.From == wire.Customer, From: operatorName(s), At: text.Clock(line.Time), Text: line.Text}
	}
	chat.SetLines(lines)
}
