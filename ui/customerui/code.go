package customerui

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	fynetheme "fyne.io/fyne/v2/theme"

	"handrail/session"
	"handrail/session/settings"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// codeScreen asks for the code.
type codeScreen struct {
	window *Window
	root   fyne.CanvasObject

	relay, code *kit.Entry
	relayField  fyne.CanvasObject // only where no relay is known
	problem     *kit.Text
	problemBox  *kit.Panel
	connect     *kit.Button
	offer       *kit.Button // to show an ID and a password instead
	busy        fyne.CanvasObject
	progress    *kit.Busy
	cancel      *kit.Button
	cancelJoin  context.CancelFunc // not nil: joining
}

func newCodeScreen(w *Window) *codeScreen {
	s := &codeScreen{window: w, relay: kit.NewEntry("relay.example.org"), code: kit.NewEntry("0000 000 000"), problem: kit.Para("").In(theme.AmberText)}
	s.code.SetText(w.options.Code)
	s.code.ToEnd()
	s.code.OnChanged = s.typed
	s.code.OnSubmitted = func(string) { s.submit() }
	s.relay.OnSubmitted = func(string) { kit.Focus(s.window.win, s.code) }
	s.problemBox = kit.Note(theme.AmberSoft, s.problem.Sized(theme.Large))
	s.problemBox.Hide()
	s.connect = kit.NewButton(kit.Primary, text.T("code.connect"), "", s.submit).Big()
	s.offer = kit.NewButton(kit.Quiet, text.T("offer.instead"), "monitor", s.toOffer)
	s.cancel = kit.NewButton(kit.Secondary, text.T("cancel"), "", s.stop).Big()
	s.progress = kit.NewBusy()
	s.busy = kit.Column(16, kit.Para(text.T("code.busy")).Sized(theme.Large).Centered(), kit.Middle(kit.Sized(32, 32, s.progress)), s.cancel)
	s.busy.Hide()
	s.relayField = kit.Field(text.T("code.relay"), s.relay)
	setVisible(s.relayField, w.options.Relay == nil)
	unfamiliar := kit.Column(0)
	if w.options.Unfamiliar && w.options.Relay != nil {
		unfamiliar = kit.Column(0, kit.Note(theme.AmberSoft, kit.Para(text.T("code.unfamiliar", "Relay", w.options.Relay.Host)).In(theme.AmberText)))
	}
	setVisible(unfamiliar, w.options.Unfamiliar && w.options.Relay != nil)

	mark := kit.Middle(kit.Mark(64))
	setVisible(mark, !w.low)
	body := kit.Column(20,
		mark,
		kit.Column(8,
			kit.Heading(text.T("code.title"), theme.Display).Centered(),
			kit.Para(text.T("code.hint")).Sized(theme.Large).In(theme.Muted).Centered()),
		s.relayField, unfamiliar,
		container.NewThemeOverride(s.code, bigField{theme.New(w.variant)}),
		s.problemBox, kit.Column(10, s.connect, kit.Middle(s.offer)), s.busy)
	foot := kit.Row(10, kit.NewIcon("shield-check", 18, theme.Muted), kit.Hint(text.T("code.safe")))
	side := float32(2)
	if w.scrolls() {
		side = 12 // the bar is there
	}
	middle := container.NewVScroll(kit.Pad(0, side, 0, side, kit.Narrow(screenWidth, true, body)))
	s.root = kit.Pad(24, 24, 20, 24, kit.Border(kit.Row(0, kit.Spring(), w.menuButton()), kit.Pad(16, 0, 0, 0, foot), nil, nil, middle))
	return s
}

// screenWidth is how wide what is on a screen is at most.
const screenWidth = 432

// bigField makes a field's letters large.
type bigField struct{ fyne.Theme }

func (b bigField) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case fynetheme.SizeNameText:
		return theme.Letters(28)
	case fynetheme.SizeNameInnerPadding:
		return 2 * theme.Unit
	}
	return b.Theme.Size(name)
}

func (s *codeScreen) object() fyne.CanvasObject { return s.root }
func (s *codeScreen) update()                   {}

func (s *codeScreen) focus() {
	switch {
	case s.cancelJoin != nil:
		kit.Focus(s.window.win, s.cancel)
	case s.relayField.Visible() && s.relay.Text == "":
		kit.Focus(s.window.win, s.relay)
	default:
		kit.Focus(s.window.win, s.code)
	}
}

// reset makes it ready for another code.
func (s *codeScreen) reset() {
	s.code.SetText("")
	s.problemBox.Hide()
}

// typed puts the digits into groups, and says at once what cannot become a code any more. That it is too short is no mistake yet.
func (s *codeScreen) typed(string) {
	s.code.Regroup(session.GroupCode)
	_, err := session.ParseCode(s.code.Text)
	if err == nil || errors.Is(err, session.ErrCodeEmpty) || errors.Is(err, session.ErrCodeShort) {
		s.problemBox.Hide()
		return
	}
	s.fail(text.Error(err))
}

// submit joins with the code.
func (s *codeScreen) submit() {
	if s.cancelJoin != nil {
		return
	}
	relay, ok := s.relayAddress()
	if !ok {
		return
	}
	code, err := session.ParseCode(s.code.Text)
	if err != nil {
		s.fail(text.Error(err))
		kit.Focus(s.window.win, s.code)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.setBusy(cancel)
	go func() {
		joined, err := s.window.join(ctx, relay, code)
		kit.Do(func() { s.finish(ctx, joined, err) })
	}()
}

// toOffer goes to the ID and the password.
func (s *codeScreen) toOffer() {
	if relay, ok := s.relayAddress(); ok {
		s.window.offer(relay)
	}
}

func (s *codeScreen) relayAddress() (*url.URL, bool) {
	if s.window.options.Relay != nil {
		return s.window.options.Relay, true
	}
	relay, err := settings.ParseRelay(strings.TrimSpace(s.relay.Text))
	if err != nil {
		s.fail(text.Error(err))
		kit.Focus(s.window.win, s.relay)
		return nil, false
	}
	return relay, true
}

// finish shows how joining went. The code stays in the field, so that a slip can be mended.
func (s *codeScreen) finish(ctx context.Context, joined Session, err error) {
	stopped := ctx.Err() != nil
	s.setBusy(nil)
	switch {
	case err == nil && (stopped || s.window.closing):
		go joined.Close()
	case err == nil:
		s.window.joined(joined)
	case !stopped:
		s.fail(text.Error(err))
		kit.Focus(s.window.win, s.code)
	}
}

// stop gives up joining.
func (s *codeScreen) stop() {
	if s.cancelJoin != nil {
		s.cancelJoin()
	}
}

// setBusy shows that joining is under way, with how to stop it, or that it no longer is.
func (s *codeScreen) setBusy(cancel context.CancelFunc) {
	if s.cancelJoin != nil {
		s.cancelJoin()
	}
	s.cancelJoin = cancel
	busy := cancel != nil
	setVisible(s.busy, busy)
	setVisible(s.connect, !busy)
	setVisible(s.offer, !busy)
	for _, e := range []*kit.Entry{s.code, s.relay} {
		if busy {
			e.Disable()
		} else {
			e.Enable()
		}
	}
	if busy {
		s.problemBox.Hide()
		s.progress.Start()
		kit.Focus(s.window.win, s.cancel)
	} else {
		s.progress.Stop()
		s.code.ToEnd()
		kit.Focus(s.window.win, s.code)
	}
}

func (s *codeScreen) fail(sentence string) {
	s.problem.SetText(sentence)
	s.problemBox.Show()
	s.problemBox.Refresh()
}

func setVisible(o fyne.CanvasObject, visible bool) {
	switch {
	case visible && !o.Visible():
		o.Show()
	case !visible && o.Visible():
		o.Hide()
	}
}
