package operatorui

import (
	"net/url"
	"strings"

	"fyne.io/fyne/v2"

	"handrail/session"
	"handrail/session/operator"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// invitation is a text for a message to the customer.
func (p *page) invitation(info operator.Info) string {
	account, _ := p.board.window.desk.Account()
	return text.T("invite.text", "Link", p.session.JoinURL(), "Code", p.session.Code().String(),
		"Until", text.Clock(info.Expires), "Name", account.Name)
}

// mailQuery is written as RFC 6068 wants it: spaces as %20, lines end with CR LF.
func mailQuery(subject, body string) string {
	escape := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	return "subject=" + escape(subject) + "&body=" + escape(strings.ReplaceAll(body, "\n", "\r\n"))
}

// spelled is a code in words, its groups apart, as it is best read out.
func spelled(code session.Code) string {
	words := strings.Fields(text.T("digits"))
	groups := []string{}
	for _, group := range strings.Fields(code.String()) {
		said := []string{}
		for _, digit := range group {
			if n := int(digit - '0'); n >= 0 && n < len(words) {
				said = append(said, words[n])
			}
		}
		groups = append(groups, strings.Join(said, " "))
	}
	return strings.Join(groups, "  –  ")
}

// wishes are switches for what the customer will be asked to allow. To see the screen is always asked for.
func (p *page) wishes() fyne.CanvasObject {
	account, _ := p.board.window.desk.Account()
	boxes := []fyne.CanvasObject{}
	for _, permission := range session.DefaultPermissions().List() {
		if permission == session.View || !account.Allowed.Has(permission) {
			continue
		}
		name := text.Permission(permission)
		s := kit.NewSwitch(name, p.session.Asked().Has(permission))
		s.OnChange = func(on bool) {
			asked := p.session.Asked().Without(permission)
			if on {
				asked = asked.With(permission)
			}
			p.session.Ask(asked)
		}
		boxes = append(boxes, kit.Row(12, s, kit.NewText(name)))
	}
	return kit.Column(14, kit.NewText(text.T("waiting.ask")).In(theme.Muted), kit.Pairs(12, boxes...))
}
