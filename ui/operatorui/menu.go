package operatorui

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"handrail/session"
	"handrail/session/operator"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// sessionMenu is what can be done with a session, whatever state it is in.
func (d *dashboard) sessionMenu(s Session) []kit.Item {
	info := s.Info()
	id, waiting := s.ID(), info.State == session.Waiting && !info.Offered
	copyText := func(text string) func() { return func() { d.window.app.Clipboard().SetContent(text) } }
	items := []kit.Item{}
	if info.State == session.Active {
		items = append(items, kit.Item{Label: text.T("active.open"), Icon: "monitor", Do: func() { d.openViewer(s) }})
	}
	if waiting {
		items = append(items,
			kit.Item{Label: text.T("waiting.copy_code"), Icon: "copy", Do: copyText(s.Code().String())},
			kit.Item{Label: text.T("waiting.copy_link"), Icon: "link", Do: copyText(s.JoinURL())})
	}
	items = append(items,
		kit.Item{Label: text.T("menu.edit"), Icon: "pencil", Do: func() { d.edit(s) }},
		kit.Item{Label: text.T("menu.details"), Icon: "info", Do: func() { d.details(s) }},
		kit.Item{})
	if info.State == session.Ended {
		return append(items, kit.Item{Label: text.T("ended.remove"), Icon: "trash-2", Do: func() {
			d.window.desk.Forget(id)
			d.refresh()
		}})
	}
	return append(items, kit.Item{Label: text.T("session.end"), Icon: "circle-stop", Do: func() { endSession(d.window.win, s) }})
}

// edit lets the operator write down what a session is about.
func (d *dashboard) edit(s Session) {
	label := s.Label()
	customer, topic, notes := kit.NewEntry(""), kit.NewEntry(""), kit.NewEntry("")
	notes.MultiLine, notes.Wrapping = true, fyne.TextWrapWord
	notes.SetMinRowsVisible(4)
	customer.SetText(label.Customer)
	topic.SetText(label.Topic)
	notes.SetText(label.Notes)
	customer.OnSubmitted = func(string) { kit.Focus(d.window.win, topic) }
	topic.OnSubmitted = func(string) { kit.Focus(d.window.win, notes) }
	form := kit.Column(2*theme.Unit,
		kit.Hint(text.T("edit.hint")),
		kit.Field(text.T("edit.customer"), customer),
		kit.Field(text.T("edit.topic"), topic),
		kit.Field(text.T("edit.notes"), notes))
	kit.Form(d.window.win, text.T("edit.title"), text.T("save"), text.T("cancel"), form, customer, func() {
		s.SetLabel(operator.Label{
			Customer: strings.TrimSpace(customer.Text), Topic: strings.TrimSpace(topic.Text), Notes: strings.TrimSpace(notes.Text),
		})
		d.refresh()
	})
}

// details shows everything that is known of a session.
func (d *dashboard) details(s Session) {
	info, label := s.Info(), s.Label()
	account, _ := d.window.desk.Account()
	rows := []fyne.CanvasObject{}
	add := func(key, value string) {
		if value == "" {
			return
		}
		name := kit.Para(text.T(key)).In(theme.Muted)
		rows = append(rows, kit.Row(16, kit.Sized(130, 1, name), kit.Fill(kit.Para(value))))
	}
	clock := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return text.ClockSeconds(t)
	}
	add("fact.state", stateName(info))
	if info.Offered {
		add("offer.id", s.Code().ID())
	} else if info.State == session.Waiting {
		add("fact.code", s.Code().String())
	}
	add("edit.customer", label.Customer)
	add("fact.topic", label.Topic)
	add("fact.notes", label.Notes)
	add("fact.computer", info.Customer.Name)
	add("fact.address", info.Address)
	add("fact.system", info.Customer.System)
	add("fact.program", info.Customer.Program)
	if info.Desktop.Width > 0 {
		add("fact.screen", pixelSize(info.Desktop.Width, info.Desktop.Height))
		add("fact.allowed", permissionNames(info.Permissions))
	}
	add("signin.relay", relayHost(account.Relay))
	add("fact.created", clock(info.Created))
	add("fact.started", clock(info.Started))
	add("state.ended", clock(info.Ended))
	add("fact.words", info.Verifier)
	kit.Tell(d.window.win, text.T("menu.details"), text.T("close"), kit.Column(10, rows...))
}

// matches tells whether a session is among those that are looked for.
func matches(s Session, query string) bool {
	query = strings.ToLower(strings.TrimSpace(query))
	if query == "" {
		return true
	}
	info, label := s.Info(), s.Label()
	code := s.Code().String()
	if info.Offered {
		code = s.Code().ID()
	}
	all := strings.Join([]string{
		info.Customer.Name, info.Address, info.Customer.System, label.Customer, label.Topic, label.Notes, code, strings.ReplaceAll(code, " ", ""), stateName(info),
	}, "\n")
	for _, word := range strings.Fields(query) {
		if !strings.Contains(strings.ToLower(all), word) {
			return false
		}
	}
	return true
}
