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
	failed                error              // that problem says
	cancel                context.CancelFunc // not nil: signing in
}

func newSignIn(w *Window) *signIn {
	s := &signIn{window: w, failed: w.options.Problem}
	s.build()
	s.relay.SetText(w.options.Address)
	if w.options.Relay != nil {
		s.relay.SetText(w.options.Relay.String())
	}
	s.user.SetText(w.options.User)
	return s
}

// rebuild makes the screen anew, in the language and the letters that count now; what is in its fields stays.
func (s *signIn) rebuild() {
	before := s.fields()
	s.build()
	for i, e := range s.fields() {
		e.SetText(before[i].Text)
	}
	s.window.setContent(s.object)
	s.focus()
}

func (s *signIn) fields() []*kit.Entry { return []*kit.Entry{s.relay, s.user, s.password, s.second} }

func (s *signIn) build() {
	s.relay, s.user = kit.NewEntry("https://support.example.com"), kit.NewEntry("")
	s.password, s.second = kit.NewPassword(""), kit.NewEntry("")
	s.problem = kit.Para("").In(theme.AmberText)
	s.problemBox = kit.Note(theme.AmberSoft, s.problem)
	s.problemBox.Hide()
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
	if s.failed != nil {
		s.fail(s.failed)
	}
	s.showBusy()
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
		s.fail(err)
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
		s.fail(err)
		kit.Focus(s.window.win, s.password)
	}
}

// busy shows that signing in is under way, with cancel, or that it no longer is.
func (s *signIn) busy(cancel context.CancelFunc) {
	if s.cancel != nil {
		s.cancel()
	}
	s.cancel = cancel
	if cancel != nil {
		s.failed = nil
		s.problemBox.Hide()
	}
	s.showBusy()
}

func (s *signIn) showBusy() {
	label := "signin.button"
	if s.cancel != nil {
		label = "signin.busy"
	}
	s.button.SetLabel(text.T(label))
	for _, e := range s.fields() {
		if s.cancel != nil {
			e.Disable()
		} else {
			e.Enable()
		}
	}
}

func (s *signIn) fail(err error) {
	s.failed = err
	s.problem.SetText(text.Error(err))
	s.problemBox.Show()
	s.problemBox.Refresh()
}
