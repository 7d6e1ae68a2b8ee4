package operatorui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"handrail/session/settings"
	"handrail/session/wire"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// signIn is the screen that asks for relay, name and password.
type signIn struct {
	window *Window
	object fyne.CanvasObject

	relay, user, password *kit.Entry
	second                *kit.Entry // six digits, or a recovery code
	problem               *kit.Text
	problemBox            *kit.Panel
	button                *kit.Button
	cancel                context.CancelFunc // not nil: signing in
}

func newSignIn(w *Window) *signIn {
	s := &signIn{
		window: w,
		relay:  kit.NewEntry("https://support.example.com"), user: kit.NewEntry(""), password: kit.NewPassword(""), second: kit.NewEntry(""),
		problem: kit.Para("").In(theme.AmberText),
	}
	s.problemBox = kit.Note(theme.AmberSoft, s.problem)
	s.problemBox.Hide()
	s.relay.SetText(w.options.Address)
	if w.options.Relay != nil {
		s.relay.SetText(w.options.Relay.String())
	}
	s.user.SetText(w.options.User)
	s.button = kit.NewButton(kit.Primary, text.T("signin.button"), "", s.submit).Big()
	s.relay.OnSubmitted = func(string) { kit.Focus(s.window.win, s.user) }
	s.user.OnSubmitted = func(string) { kit.Focus(s.window.win, s.password) }
	s.password.OnSubmitted = func(string) { s.submit() }
	s.second.OnSubmitted = s.password.OnSubmitted

	name := kit.NewText(text.T("app.name")).Sized(theme.Display)
	name.Bold = true
	head := kit.Column(12,
		kit.Middle(kit.Row(14, kit.Mark(48), name)),
		kit.Para(text.T("signin.hint")).In(theme.Muted).Centered(),
	)
	form := kit.Card(kit.Column(2*theme.Unit,
		kit.Field(text.T("signin.relay"), s.relay),
		kit.Field(text.T("signin.user"), s.user),
		kit.Pairs(2*theme.Unit, kit.Field(text.T("signin.password"), s.password), kit.Field(text.T("signin.second"), s.second)),
		s.problemBox,
		kit.Pad(theme.Unit, 0, 0, 0, s.button),
	))
	s.object = kit.PadAll(3*theme.Unit, kit.Narrow(400, true, kit.Column(3*theme.Unit, head, form)))
	s.object = container.NewVScroll(s.object) // on low monitors, and with large letters
	if w.options.Problem != nil {
		s.fail(text.Error(w.options.Problem))
	}
	return s
}

// focus goes to an address that cannot be used, or to the first empty field.
func (s *signIn) focus() {
	if s.window.options.Relay == nil && s.window.options.Problem != nil {
		kit.Focus(s.window.win, s.relay)
		return
	}
	for _, e := range []*kit.Entry{s.relay, s.user, s.password} {
		if e.Text == "" {
			kit.Focus(s.window.win, e)
			return
		}
	}
	kit.Focus(s.window.win, s.password)
}

// submit signs in, or stops trying.
func (s *signIn) submit() {
	if s.cancel != nil {
		s.cancel()
		return
	}
	s.window.options.Problem = nil // from now on it is the person's own try
	relay, err := settings.ParseRelay(strings.TrimSpace(s.relay.Text))
	if err != nil {
		s.fail(text.Error(err))
		kit.Focus(s.window.win, s.relay)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.busy(cancel)
	user, password := strings.TrimSpace(s.user.Text), s.password.Text
	if second := strings.TrimSpace(s.second.Text); second != "" {
		password += wire.SecondMark + second
	}
	go func() {
		err := s.window.desk.SignIn(ctx, relay, user, password)
		kit.Do(func() { s.finish(ctx, err) })
	}()
}

func (s *signIn) finish(ctx context.Context, err error) {
	stopped := ctx.Err() != nil
	s.busy(nil)
	switch {
	case err == nil:
		s.window.showBoard()
	case !stopped:
		s.fail(text.Error(err))
		kit.Focus(s.window.win, s.password)
	}
}

// busy shows that signing in is under way, with cancel, or that it no longer is.
func (s *signIn) busy(cancel context.CancelFunc) {
	if s.cancel != nil {
		s.cancel()
	}
	s.cancel = cancel
	fields := []*kit.Entry{s.relay, s.user, s.password, s.second}
	if cancel == nil {
		for _, e := range fields {
			e.Enable()
		}
		s.button.SetLabel(text.T("signin.button"))
		return
	}
	for _, e := range fields {
		e.Disable()
	}
	s.problemBox.Hide()
	s.button.SetLabel(text.T("signin.busy"))
}

func (s *signIn) fail(sentence string) {
	s.problem.SetText(sentence)
	s.problemBox.Show()
	s.problemBox.Refresh()
}
