package customerui

import (
	"fyne.io/fyne/v2"

	"handrail/session"
	"handrail/session/customer"
	"handrail/transfer"
	"handrail/ui/files"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// fileParts is what the session's screen has for files: a button, the window that it opens, and the question
// whether the operator may look at this computer's files.
type fileParts struct {
	screen *sessionScreen
	open   *kit.Button
	ask    fyne.CanvasObject
	window *files.Window // nil: not opened yet
}

func newFileParts(r *sessionScreen) *fileParts {
	f := &fileParts{screen: r}
	f.open = kit.NewButton(kit.Secondary, text.T("files.open"), "files", f.tap)
	answer := func(kind kit.Kind, key string, a customer.LookAnswer) *kit.Button {
		b := kit.NewButton(kind, text.T(key), "", func() {
			r.do(func() error { return r.session.AnswerLook(a) })
			if a == customer.LookChoose {
				f.show()
			}
		})
		b.Low = true
		return b
	}
	words := kit.Para(text.T("files.ask", "Name", operatorName(r.session)))
	words.Bold = true
	f.ask = kit.Note(theme.AmberSoft, kit.Column(10, words, kit.Row(8,
		answer(kit.Secondary, "files.ask.no", customer.LookNo),
		answer(kit.Secondary, "files.ask.choose", customer.LookChoose),
		answer(kit.Secondary, "files.ask.yes", customer.LookYes))))
	f.ask.Hide()
	return f
}

// tap opens the window, or allows files first.
func (f *fileParts) tap() {
	if f.screen.session.Info().Permissions.Has(session.Files) {
		f.show()
		return
	}
	f.screen.toggle(session.Files)
}

func (f *fileParts) show() {
	if f.window == nil {
		s := f.screen.session
		f.window = files.New(f.screen.window.app, s.Files(), files.Options{
			Who: operatorName(s), Off: text.T("files.off"), Forbid: func() { f.screen.toggle(session.Files) },
			Clipboard: s.CopiedFiles,
		})
	}
	f.window.Show()
	f.open.SetMark(false)
}

func (f *fileParts) update(info customer.Info) {
	allowed := info.Permissions.Has(session.Files)
	setVisible(f.open, allowed || f.screen.session.Requested().Has(session.Files))
	if allowed {
		f.open.SetLabel(text.T("files.open"))
	} else {
		f.open.SetLabel(text.T("files.allow"))
	}
	setVisible(f.ask, f.screen.session.LookAsked())
	if f.window != nil {
		f.window.Update()
	}
}

func (f *fileParts) close() {
	if f.window != nil {
		f.window.Close()
		f.window = nil
	}
}

// hearFile tells the person about what has arrived or was fetched, and comes forward with a question.
func (w *Window) hearFile(e session.Event) {
	switch {
	case e.Type == session.EventAsk:
		w.win.RequestFocus()
	case e.Type == session.EventFile && e.File != nil && e.File.State == string(transfer.Done) && e.File.Direction == string(transfer.Receiving):
		kit.Notify(w.app, text.T("app.name"), text.T("files.came", "Name", e.File.Name))
		if running, ok := w.show.(*sessionScreen); ok {
			f := running.files
			f.open.SetMark(f.window == nil || !f.window.Shown())
		}
	}
}

// fileSentence is what the journal says of a transfer that is complete.
func fileSentence(e session.Event) string {
	if e.File == nil || e.File.State != string(transfer.Done) {
		return ""
	}
	if e.File.Direction == string(transfer.Receiving) {
		return text.T("files.came", "Name", e.File.Name)
	}
	return text.T("files.went", "Name", e.File.Name)
}

// closeFiles closes the window for transfers with the session.
func (w *Window) closeFiles() {
	if running, ok := w.show.(*sessionScreen); ok {
		running.files.close()
	}
}
