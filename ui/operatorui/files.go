package operatorui

import (
	"context"

	"fyne.io/fyne/v2"

	"handrail/session"
	"handrail/transfer"
	"handrail/ui/files"
	"handrail/ui/kit"
	"handrail/ui/text"
)

// openFiles opens a session's window for file transfers.
func (d *dashboard) openFiles(s Session) {
	d.filesOf(s).Show()
	if v := d.viewers[s.ID()]; v != nil {
		v.bar.markFiles(false)
	}
}

// fetchCopied fetches what was copied on the customer's computer, and says that it can be pasted here.
func (d *dashboard) fetchCopied(ctx context.Context, s Session) error {
	names := files.Names(s.Files().Copied())
	err := s.FetchCopied(ctx)
	if err == nil {
		kit.Do(func() {
			if v := d.viewers[s.ID()]; v != nil {
				v.status.say(text.T("files.copied.ready", "Names", names))
			}
		})
	}
	return err
}

// markFiles shows on the button for files that something has arrived that nobody has looked at.
func (t *toolbar) markFiles(marked bool) {
	t.files.SetMark(marked)
	t.files.Tip = text.T("files.open") + " (" + text.Keys("Ctrl+Alt+I") + ")"
	if marked {
		t.files.Tip = text.T("files.new") + " (" + text.Keys("Ctrl+Alt+I") + ")"
	}
}

// filesOf is the session's window for file transfers, perhaps hidden.
func (d *dashboard) filesOf(s Session) *files.Window {
	w := d.files[s.ID()]
	if w == nil {
		w = files.New(d.window.app, s.Files(), d.filesOptions(s))
		parent := d.window.win
		if v := d.viewers[s.ID()]; v != nil {
			parent = v.win
		}
		over(w.Fyne(), parent, w.Fyne().Canvas().Size(), d.window.options.Device)
		d.files[s.ID()] = w
	}
	return w
}

func (d *dashboard) filesOptions(s Session) files.Options {
	return files.Options{
		Who: customerName(s.Info()), Receive: true, Off: text.T("files.problem.not_allowed"),
		Clipboard: s.CopiedFiles, FetchCopied: func(ctx context.Context) error { return d.fetchCopied(ctx, s) },
	}
}

// closeFiles closes the windows for file transfers of all sessions but those that are known, for good: a hidden one keeps what it is
// drawn with.
func (d *dashboard) closeFiles(known map[string]bool) {
	for id, w := range d.files {
		if !known[id] {
			delete(d.files, id)
			w.Close()
		}
	}
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
	if w := d.files[e.Session]; w != nil && (e.Type == session.EventFile || e.Type == session.EventCopied || e.Type == session.EventPermission || e.Type == session.EventState) {
		w.Update()
	}
	if v := d.viewers[e.Session]; v != nil && e.Type == session.EventCopied {
		if copied := v.session.Files().Copied(); len(copied) > 0 {
			v.status.say(text.T("files.copied", "Names", files.Names(copied)))
		}
	}
	if e.Type != session.EventFile || e.File == nil || e.File.State != string(transfer.Done) || e.File.Direction != string(transfer.Receiving) {
		return
	}
	kit.Notify(d.window.app, text.T("app.name"), text.T("files.came", "Name", e.File.Name))
	if v := d.viewers[e.Session]; v != nil {
		w := d.files[e.Session]
		v.bar.markFiles(w == nil || !w.Shown())
		v.status.say(text.T("files.came", "Name", e.File.Name))
	}
}
