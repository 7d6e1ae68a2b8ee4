package operatorui

import (
	"time"

	"fyne.io/fyne/v2"

	"handrail/ui/kit"
	"handrail/ui/text"
)

// copyButtons copy a session's code and link, and say that they have.
type copyButtons struct {
	app        fyne.App
	session    Session
	code, link *kit.Button
	invite     *kit.Button
}

func newCopyButtons(app fyne.App, s Session) *copyButtons {
	c := &copyButtons{app: app, session: s}
	c.code = kit.NewButton(kit.Primary, text.T("waiting.copy_code"), "copy", c.copyCode).WithTip(text.Keys("Ctrl+Shift+C"))
	c.link = kit.NewButton(kit.Secondary, text.T("waiting.copy_link"), "link", c.copyLink).WithTip(text.Keys("Ctrl+Shift+L"))
	c.invite = kit.NewButton(kit.Secondary, text.T("waiting.copy_text"), "message-circle", nil)
	return c
}

func (c *copyButtons) copyCode() {
	c.copy(c.code, c.session.Code().String(), "waiting.copy_code", "copy")
}
func (c *copyButtons) copyLink() { c.copy(c.link, c.session.JoinURL(), "waiting.copy_link", "link") }

const copiedFor = 2 * time.Second

func (c *copyButtons) copy(b *kit.Button, what, label, icon string) {
	c.app.Clipboard().SetContent(what)
	b.SetLabel(text.T("copied"))
	b.SetIcon("check")
	time.AfterFunc(copiedFor, func() {
		kit.Do(func() {
			b.SetLabel(text.T(label))
			b.SetIcon(icon)
		})
	})
}
