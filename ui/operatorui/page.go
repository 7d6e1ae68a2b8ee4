package operatorui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"handrail/session"
	"handrail/session/operator"
	"handrail/session/wire"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// page is what the window shows of one session. It is built anew when the session's state changes; the chat
// stays the same for as long as the session is listed.
type page struct {
	board   *dashboard
	session Session
	object  *fyne.Container

	state      session.State // that is shown
	unread     int           // lines of chat since the page was last looked at
	opened     bool          // the viewer has been opened by itself
	chat       *kit.Chat
	copied     *copyButtons        // on the waiting page
	mailButton *kit.Button         // the same
	busy       *kit.Busy           // on the connecting page
	live       func(operator.Info) // refreshes what changes while the state stays
}

func newPage(d *dashboard, s Session) *page {
	p := &page{board: d, session: s, object: container.NewStack()}
	p.chat = newChat(s, d.fail)
	p.update()
	return p
}

// newChat makes the chat of a session.
func newChat(s Session, fail func(string)) *kit.Chat {
	chat := kit.NewChat(kit.ChatWords{
		Empty: text.T("chat.empty.operator"), Placeholder: text.T("chat.placeholder"), Send: text.T("chat.send"),
	})
	chat.OnSend = func(line string, failed func()) {
		go func() {
			if err := s.Chat(line); err != nil {
				kit.Do(func() {
					failed()
					fail(text.T("chat.failed"))
				})
			}
		}()
	}
	return chat
}

// showChat gives the chat its lines.
func showChat(chat *kit.Chat, s Session, customer string) {
	transcript := s.Transcript()
	transcript = transcript[max(0, len(transcript)-kit.ChatShown-1):]
	lines := make([]kit.ChatLine, len(transcript))
	for i, line := range transcript {
		lines[i] = kit.ChatLine{Mine: line.From == wire.Operator, From: customer, At: text.Clock(line.Time), Text: line.Text}
	}
	chat.SetLines(lines)
}

// customerName is who the session is with, as far as that is known.
func customerName(info operator.Info) string {
	if info.Customer.Name != "" {
		return info.Customer.Name
	}
	return text.T("customer")
}

// update makes the page agree with the session.
func (p *page) update() {
	info := p.session.Info()
	if info.State != p.state {
		p.state = info.State
		p.build(info)
		p.object.Refresh()
	}
	showChat(p.chat, p.session, customerName(info))
	p.chat.SetEnabled(info.State == session.Joining || info.State == session.Active)
	if p.live != nil {
		p.live(info)
	}
}

func (p *page) hear(e heard) {
	switch e.Type {
	case session.EventChat:
		if e.From == wire.Customer && p.board.selected != p.session.ID() {
			p.unread += e.times
		}
	case session.EventWarning:
		p.board.fail(text.Warning(wire.Operator, e.Event))
	case session.EventState:
		if e.State == session.Active && !p.opened {
			p.opened = true
			if p.board.window.options.Settings.On("open_viewer") {
				p.openViewer()
			}
		}
	}
}

// show is called when the page has come into the window, or is no longer there.
func (p *page) show(shown bool) {
	switch {
	case p.busy == nil:
	case shown && !p.busy.Moves():
		p.busy.Start()
	case !shown:
		p.busy.Stop()
	}
}

func (p *page) build(info operator.Info) {
	p.show(false) // what it was
	p.copied, p.busy, p.live = nil, nil, nil
	var body fyne.CanvasObject
	switch {
	case info.State == session.Waiting && info.Offered:
		body = p.buildConnecting()
	case info.State == session.Waiting:
		body = p.buildWaiting(info)
	case info.State == session.Joining:
		body = p.buildJoining(info)
	case info.State == session.Ended:
		body = p.buildEnded(info)
	default:
		body = p.buildActive(info)
	}
	p.object.Objects = []fyne.CanvasObject{body}
	p.show(p.board.selected == p.session.ID())
}

// head is a page's title with a sentence below.
func head(title, sentence string) *fyne.Container {
	return kit.Column(6, kit.Heading(title, theme.Display), kit.Para(sentence).In(theme.Muted))
}

func (p *page) endButton() *kit.Button {
	return kit.NewButton(kit.QuietRed, text.T("session.end"), "circle-stop", p.end)
}

// buildWaiting is the page with the code.
func (p *page) buildWaiting(info operator.Info) fyne.CanvasObject {
	account, _ := p.board.window.desk.Account()
	p.copied = newCopyButtons(p.board.window.app, p.session)
	left := kit.NewText("")
	tries := kit.Para("").In(theme.AmberText)
	warning := kit.Note(theme.AmberSoft, kit.Row(12, kit.NewIcon("circle-alert", 20, theme.AmberText), tries))
	warning.Hide()
	relay := kit.Row(8, kit.NewIcon("server", 16, theme.Muted), kit.NewText(relayHost(account.Relay)).In(theme.Muted))
	life := kit.Row(8, kit.NewIcon("clock", 16, theme.Muted), left)
	p.copied.invite.OnTap = func() {
		p.copied.copy(p.copied.invite, p.invitation(p.session.Info()), "waiting.copy_text", "message-circle")
	}
	p.mailButton = kit.NewButton(kit.Secondary, text.T("waiting.mail"), "mail", p.mail)
	say := kit.Para(spelled(p.session.Code())).Sized(theme.Large)
	say.Bold = true
	read := kit.Row(12, kit.NewIcon("volume-2", 20, theme.AccentText), kit.Fill(kit.Column(2, kit.Hint(text.T("waiting.spell")), say)))
	wishes := kit.Card(p.wishes())
	code := kit.Card(kit.Column(16,
		kit.NewCode(p.session.Code().String()),
		read,
		kit.Equal(12, p.copied.code, p.copied.link),
		kit.Equal(12, p.mailButton, p.copied.invite),
		kit.Row(24, life, kit.Spring(), relay)))
	p.live = func(info operator.Info) {
		left.SetText(lifeLeft(info.Expires.Sub(now())))
		setVisible(warning, info.TriesLeft < wire.MaxTries)
		tries.SetText(text.N("waiting.tries", info.TriesLeft))
	}
	p.live(info)
	body := kit.Column(20, head(text.T("waiting.title"), text.T("waiting.hint")), code, warning, wishes, kit.Start(p.endButton()))
	return kit.PadAll(32, kit.Narrow(600, false, body))
}

func lifeLeft(d time.Duration) string {
	if minutes := int((d + 30*time.Second) / time.Minute); minutes > 0 {
		return text.N("waiting.left", minutes)
	}
	return text.T("waiting.left.last")
}

// buildJoining is the page while the customer is being asked.
func (p *page) buildJoining(info operator.Info) fyne.CanvasObject {
	left := kit.Column(20,
		head(text.T("joining.title", "Name", customerName(info)), text.T("joining.hint")),
		kit.Start(p.endButton()),
		kit.Card(facts(info, false)),
		p.verifier(info))
	return p.withChat(left)
}

// buildActive is the page while the screen is shared.
func (p *page) buildActive(info operator.Info) fyne.CanvasObject {
	title := kit.Heading(rowTitle(p.session, info), theme.Display)
	status := kit.Para("").In(theme.Muted)
	open := kit.NewButton(kit.Primary, text.T("active.open"), "monitor", p.openViewer)
	files := kit.NewButton(kit.Secondary, text.T("files.open"), "files", func() { p.board.openFiles(p.session) })
	list := container.NewStack()
	p.live = func(info operator.Info) {
		status.SetText(activeSentence(info))
		list.Objects = []fyne.CanvasObject{facts(info, true)}
		list.Refresh()
	}
	p.live(info)
	shown := factsKey(info)
	show := p.live
	p.live = func(info operator.Info) {
		if key := factsKey(info); key != shown {
			shown = key
			show(info)
		}
	}
	return p.withChat(kit.Column(20, kit.Column(6, title, status), kit.Wrap(10, open, files, p.endButton()), kit.Card(list), p.verifier(info)))
}

// activeSentence says what the operator may do.
func activeSentence(info operator.Info) string {
	switch {
	case info.State == session.Reconnecting:
		return text.Reconnecting(info.Lost)
	case !info.Permissions.Has(session.View):
		return text.T("active.nothing")
	case info.Permissions.Has(session.Control):
		return text.T("active.control")
	}
	return text.T("active.view")
}

// buildEnded is the page of a session that is over.
func (p *page) buildEnded(info operator.Info) fyne.CanvasObject {
	sentence := text.Ending(wire.Operator, info.Reason)
	again := kit.NewButton(kit.Primary, text.T("board.new"), "plus", p.board.newSession)
	if info.Offered {
		again = kit.NewButton(kit.Primary, text.T("connect.again"), "plug", func() { p.board.askConnect(p.session.Code().ID()) })
	}
	remove := kit.NewButton(kit.Secondary, text.T("ended.remove"), "trash-2", p.remove)
	body := kit.Column(20, head(text.T("ended.title"), sentence), kit.Start(kit.Row(12, again, remove)))
	if !info.Started.IsZero() {
		return p.withChat(kit.Column(20, body, kit.Card(facts(info, false))))
	}
	return kit.PadAll(32, kit.Narrow(600, false, body))
}

// verifier shows the words that both sides can compare.
func (p *page) verifier(info operator.Info) fyne.CanvasObject {
	if info.Verifier == "" {
		return kit.Column(0)
	}
	words := kit.Para(info.Verifier)
	words.Bold = true
	return kit.Row(12, kit.NewIcon("shield-check", 20, theme.AccentText), kit.Fill(kit.Column(2, words, kit.Hint(text.T("verifier.hint")))))
}

// withChat puts the chat beside what a page says.
func (p *page) withChat(left fyne.CanvasObject) fyne.CanvasObject {
	title := kit.NewText(text.T("chat.title"))
	title.Bold = true
	chat := kit.NewPanel(theme.Card, theme.RadiusCard, kit.PadAll(16, kit.Border(kit.Pad(0, 0, 8, 0, title), nil, nil, nil, p.chat.Object)))
	chat.Border = theme.Line
	right := kit.Pad(0, 0, 0, 24, kit.Sized(296, 420, chat))
	return kit.PadAll(32, kit.Border(nil, nil, nil, right, left))
}

func (p *page) openViewer() {
	if p.state == session.Active || p.session.Info().State == session.Active {
		p.board.openViewer(p.session)
	}
}

func (p *page) focusChat() {
	if p.state == session.Joining || p.state == session.Active {
		p.chat.Focus(p.board.window.win)
	}
}

// end ends the session; one in which somebody's screen is shared only after asking.
func (p *page) end() { endSession(p.board.window.win, p.session) }

func endSession(parent fyne.Window, s Session) {
	info := s.Info()
	switch info.State {
	case session.Ended:
	case session.Active, session.Reconnecting:
		confirm(parent, text.T("session.end"), text.T("session.end.sure", "Name", customerName(info)), text.T("session.end"), s.End)
	default:
		s.End()
	}
}

func (p *page) remove() {
	p.board.window.desk.Forget(p.session.ID())
	p.board.refresh()
}

func (p *page) copyCode() {
	if p.copied != nil {
		p.copied.copyCode()
	}
}

func (p *page) copyLink() {
	if p.copied != nil {
		p.copied.copyLink()
	}
}
