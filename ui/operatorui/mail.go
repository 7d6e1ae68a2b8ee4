package operatorui

import (
	"context"
	"net/url"
	"strings"
	"time"

	"handrail/ui/kit"
	"handrail/ui/text"
)

// mailPatience is how long the relay may take to hand a mail to its server.
const mailPatience = 40 * time.Second

// mail sends the invitation: by the relay where that sends mails, and otherwise by the person's own mail program. What the
// relay sends lacks the secret digits, which it must not know; the person is reminded to say them on the phone.
func (p *page) mail() {
	account, _ := p.board.window.desk.Account()
	if !account.Mail {
		p.ownMail()
		return
	}
	kit.Prompt(p.board.window.win, text.T("waiting.mail.title"), text.T("waiting.mail.address"), text.T("waiting.mail.send"), text.T("cancel"),
		func(to string) {
			p.mailButton.SetLabel(text.T("waiting.mail.sending"))
			go func() {
				ctx, cancel := context.WithTimeout(context.Background(), mailPatience)
				defer cancel()
				err := p.session.Invite(ctx, strings.TrimSpace(to), text.Language())
				kit.Do(func() { p.mailed(err) })
			}()
		})
}

// mailed says what became of a mail.
func (p *page) mailed(err error) {
	if err != nil {
		p.mailButton.SetLabel(text.T("waiting.mail"))
		p.board.fail(text.Error(err))
		return
	}
	p.mailButton.SetLabel(text.T("waiting.mail.sent"))
	code := p.session.Code().String()
	digits := code[strings.IndexByte(code, ' ')+1:]
	kit.Tell(p.board.window.win, text.T("waiting.mail.sent"), text.T("close"), kit.Para(text.T("waiting.mail.say", "Digits", digits)))
}

// ownMail opens the mail program with the whole invitation.
func (p *page) ownMail() {
	address := &url.URL{Scheme: "mailto", RawQuery: mailQuery(text.T("invite.subject"), p.invitation(p.session.Info()))}
	if err := p.board.window.app.OpenURL(address); err != nil {
		p.board.fail(text.T("waiting.mail.failed"))
	}
}
