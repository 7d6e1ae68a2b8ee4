package operatorui

import (
	"context"

	"fyne.io/fyne/v2"

	"handrail/session"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// askConnect asks for the ID and the password that a customer's program shows, and connects.
func (d *dashboard) askConnect(id string) {
	if d.starting || d.window.win.Canvas().Overlays().Top() != nil {
		return
	}
	number, password := kit.NewEntry("482 17 39"), kit.NewEntry("739 205")
	number.SetText(id)
	number.OnChanged = func(string) { number.Regroup(session.GroupID) }
	password.OnChanged = func(string) { password.Regroup(session.GroupPassword) }
	kit.Check(d.window.win, text.T("connect.title"), text.T("connect.yes"), text.T("cancel"),
		kit.Column(2*theme.Unit, kit.Para(text.T("connect.hint")).In(theme.Muted),
			kit.Field(text.T("offer.id"), number), kit.Field(text.T("signin.password"), password)),
		[]*kit.Entry{number, password}, func() string {
			code, err := session.ParseOffer(number.Text, password.Text)
			if err != nil {
				return text.Error(err)
			}
			d.start(func(ctx context.Context) (Session, error) { return d.window.desk.Connect(ctx, code) })
			return ""
		})
}

// buildConnecting is the page while the customer's program proves the password, which takes a moment.
func (p *page) buildConnecting() fyne.CanvasObject {
	p.busy = kit.NewBusy()
	body := kit.Column(20, head(text.T("connect.busy", "ID", p.session.Code().ID()), text.T("connect.busy.hint")),
		kit.Start(kit.Sized(64, 32, p.busy)), kit.Start(p.endButton()))
	return kit.PadAll(32, kit.Narrow(600, false, body))
}
