package operatorui

import (
	"fyne.io/fyne/v2"

	"handrail/session"
	"handrail/transfer"
	"handrail/ui/files"
	"handrail/ui/text"
)

// openFiles opens a session's window for file transfers.
func (d *dashboard) openFiles(s Session) { d.filesOf(s).Show() }

// filesOf is the session's window for file transfers, perhaps hidden.
func (d *dashboard) filesOf(s Session) *files.Window {
	w := d.files[s.ID()]
	if w == nil {
		w = files.New(d.window.app, s.Files(), files.Options{
			Who: customerName(s.Info()), Receive: true, Off: text.T("files.problem.not_allowed"),
		})
		d.files[s.ID()] = w
	}
	return w
}

// dropped sends what was dropped onto a viewer.
func (v *viewerWindow) dropped(_ fyne.Position, uris []fyne.URI) {
	w := v.board.filesOf(v.session)
	w.Show()
	w.Drop(uris)
}

func (v *viewerWindow) openFiles() { v.board.openFiles(v.session) }

// hearFile takes an event of files of any session, and announces what has arrived.
func (d *dashboard) hearFile(e session.Event) {
	if w := d.files[e.Session]; w != nil && (e.Type == session.EventFile || e.Type == session.EventPermission || e.Type == session.EventState) {
		w.Update()
	}
	if e.Type != session.EventFile || e.File == nil || e.File.State != string(transfer.Done) || e.File.Direction != string(transfer.Receiving) {
		return
	}
	d.window.app.SendNotification(fyne.NewNotification(text.T("app.name"), text.T("files.came", "Name", e.File.Name)))
	if v := d.viewers[e.Session]; v != nil {
		v.status.say(text.T("files.came", "Name", e.File.Name))
	}
}
