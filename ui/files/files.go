// Package files is the window "File transfer", the same on both sides: what goes over and what has, with ways to
// send, to fetch, to cancel and to find what has arrived.
//
//	w := files.New(app, session.Files(), files.Options{Who: "Reception PC", Receive: true})
//	w.Show()
//	w.Update()                               // whenever an event says that a transfer has changed
//
// All methods must be called on Fyne's thread.
package files

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"handrail/assets"
	"handrail/transfer"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// Desk is the part of transfer.Exchange that the window uses. List and Fetch may block.
type Desk interface {
	Rows() []transfer.Row
	Send(paths ...string) ([]transfer.Row, error)
	Cancel(id string)
	CancelAll()
	Clear(id string)
	Folder() string
	SetFolder(folder string) error
	Allowed() bool
	Copied() []string // what was copied at the other side, as paths for Fetch
	List(ctx context.Context, folder string) (items []transfer.Item, cut bool, err error)
	Fetch(ctx context.Context, order transfer.Order) (number uint32, err error)
}

// Options say which side the window is on.
type Options struct {
	Who     string // the other side's name
	Receive bool   // this side may look at the other's folders and fetch
	Off     string // what is said while files are not allowed
	Forbid  func() // switches files off; nil: this side cannot

	Clipboard   func() []string                 // files that were copied on this computer; nil: nobody knows
	FetchCopied func(ctx context.Context) error // fetches what was copied at the other side, to be pasted here; nil: this side cannot
}

// Window is the window "File transfer". Closing hides it; the transfers go on.
type Window struct {
	app     fyne.App
	win     fyne.Window
	desk    Desk
	options Options

	send, receive, forbid, clear, cancelAll, change *kit.Button
	tools                                           *fyne.Container // with these, but change
	folder                                          *kit.Text
	notice                                          *kit.Text
	noticed                                         fyne.CanvasObject
	failure                                         error // shown until the next try
	shown                                           bool
	list                                            *fyne.Container
	scroll                                          *container.Scroll
	empty                                           fyne.CanvasObject // instead of rows
	hint                                            *kit.Text
	face                                            *kit.Icon
	rows                                            map[string]*row
	order                                           []string
	browser, chooser                                *browser // nil: not open
	copied                                          *kit.Text
	paste                                           *kit.Button
	offered                                         fyne.CanvasObject // both
}

// New makes the window without showing it.
func New(app fyne.App, desk Desk, options Options) *Window {
	w := &Window{app: app, desk: desk, options: options, rows: map[string]*row{}}
	w.win = app.NewWindow("")
	w.win.SetIcon(assets.AppIcon())
	w.win.SetPadded(false)
	w.win.SetCloseIntercept(w.hide)
	w.win.SetOnDropped(func(_ fyne.Position, uris []fyne.URI) { w.Drop(uris) })
	w.build()
	w.win.Canvas().AddShortcut(&fyne.ShortcutPaste{}, func(fyne.Shortcut) { w.Paste() })
	w.win.Resize(fyne.NewSize(640, 460))
	w.Update()
	return w
}

// Rebuild makes what is in the window anew, in the language and the letters that count now; what was chosen in windows for choosing
// stays.
func (w *Window) Rebuild(options Options) {
	w.options, w.rows, w.order = options, map[string]*row{}, nil
	w.build()
	w.Update()
	if w.browser != nil {
		w.browser.rebuild(w.receiving())
	}
	if w.chooser != nil {
		w.chooser.rebuild(w.sending())
	}
}

// Fyne is the window itself.
func (w *Window) Fyne() fyne.Window { return w.win }

// Shown tells whether the window is on the screen.
func (w *Window) Shown() bool { return w.shown }

// Show shows the window in front.
func (w *Window) Show() {
	w.Update()
	w.shown = true
	w.win.Show()
	w.win.RequestFocus()
}

func (w *Window) hide() {
	w.shown = false
	w.win.Hide()
}

// Close closes the window for good.
func (w *Window) Close() {
	for _, b := range []*browser{w.browser, w.chooser} {
		if b != nil {
			b.win.Close()
		}
	}
	w.win.SetCloseIntercept(nil)
	w.win.Close()
}

func (w *Window) build() {
	w.win.SetTitle(text.T("files.title") + " – " + w.options.Who)
	w.send = kit.NewButton(kit.Primary, text.T("files.send"), "upload", w.choose)
	w.receive = kit.NewButton(kit.Secondary, text.T("files.receive"), "download", w.browse)
	setVisible(w.receive, w.options.Receive)
	w.forbid = kit.NewButton(kit.Secondary, text.T("files.stop"), "circle-stop", w.options.Forbid)
	setVisible(w.forbid, w.options.Forbid != nil)
	w.clear = kit.NewButton(kit.Quiet, text.T("files.clear"), "check", func() { w.desk.Clear(""); w.Update() })
	w.cancelAll = kit.NewButton(kit.Quiet, text.T("files.cancel_all"), "x", func() { w.desk.CancelAll(); w.Update() })
	w.change = kit.NewButton(kit.Quiet, text.T("files.change"), "folder-open", w.chooseFolder)
	w.folder = kit.NewText("").In(theme.Muted)
	w.notice = kit.Para("").In(theme.AmberText)
	w.noticed = kit.Note(theme.AmberSoft, w.notice)
	w.noticed.Hide()
	w.copied = kit.NewText("")
	w.paste = kit.NewButton(kit.Secondary, text.T("files.receive"), "download", w.fetchCopied)
	w.paste.Low = true
	w.offered = kit.Note(theme.AccentSoft, kit.Row(12, kit.NewIcon("copy", 18, theme.AccentText), kit.Fill(elide(w.copied)), w.paste))
	w.offered.Hide()
	w.tools = kit.Row(8, w.send, w.receive, w.forbid, kit.Spring(), w.clear, w.cancelAll)
	top := kit.Column(12, w.tools, w.noticed, w.offered)
	w.list = kit.Column(0)
	w.scroll = container.NewVScroll(w.list)
	w.hint = kit.Para("").In(theme.Muted).Centered()
	w.face = kit.NewIcon("files", 28, theme.AccentText)
	w.empty = kit.Narrow(360, true, kit.Column(14, kit.Middle(kit.NewPanel(theme.AccentSoft, 28, kit.PadAll(14, w.face))), w.hint))
	card := kit.NewPanel(theme.Card, theme.RadiusCard, container.NewStack(w.empty, kit.Pad(4, 0, 4, 0, w.scroll)))
	card.Border = theme.Line
	label := kit.NewText(text.T("files.folder")).In(theme.Muted)
	bottom := kit.Row(8, kit.NewIcon("folder", 18, theme.Muted), label, kit.Fill(elide(w.folder)), w.change)
	w.win.SetContent(kit.Root(kit.PadAll(16, kit.Border(kit.Pad(0, 0, 12, 0, top), kit.Pad(8, 0, 0, 0, bottom), nil, nil, card))))
}

// Update makes the window agree with the transfers.
func (w *Window) Update() {
	rows := w.desk.Rows()
	running, ended := 0, 0
	order := make([]string, 0, len(rows))
	for i := len(rows) - 1; i >= 0; i-- { // the newest first
		r := rows[i]
		order = append(order, r.ID)
		if r.State.Final() {
			ended++
		} else {
			running++
		}
		if w.rows[r.ID] == nil {
			w.rows[r.ID] = newRow(w, r)
		}
		w.rows[r.ID].update(r)
	}
	if !equal(order, w.order) {
		w.arrange(order)
	}
	allowed := w.desk.Allowed()
	w.updateEmpty(len(rows) == 0, allowed)
	setEnabled(w.send, allowed)
	setEnabled(w.receive, allowed)
	setEnabled(w.forbid, allowed)
	if w.clear.Visible() != (ended > 0) || w.cancelAll.Visible() != (running > 0) {
		setVisible(w.clear, ended > 0)
		setVisible(w.cancelAll, running > 0)
		w.tools.Refresh()
	}
	w.folder.SetText(w.desk.Folder())
	say := ""
	if w.failure != nil {
		say = Sentence(w.failure)
	}
	if !allowed && len(rows) > 0 {
		say = w.options.Off
	}
	w.updateCopied()
	w.notice.SetText(say)
	setVisible(w.noticed, say != "")
}

// updateEmpty says what to do, or why nothing can be done, where there are no rows.
func (w *Window) updateEmpty(empty, allowed bool) {
	sentence, icon := text.T("files.empty"), "files"
	if !allowed {
		sentence, icon = w.options.Off, "lock"
	}
	w.hint.SetText(sentence)
	w.face.Set(icon, theme.AccentText)
	setVisible(w.empty, empty)
}

// arrange puts the rows in order.
func (w *Window) arrange(order []string) {
	w.order = order
	w.list.Objects = w.list.Objects[:0]
	here := map[string]bool{}
	for i, id := range order {
		if i > 0 {
			w.list.Add(kit.Rule())
		}
		w.list.Add(w.rows[id].object)
		here[id] = true
	}
	for id := range w.rows {
		if !here[id] {
			delete(w.rows, id)
		}
	}
	w.list.Refresh()
	w.scroll.Refresh()
}

// fail shows an error until the next try.
func (w *Window) fail(err error) {
	w.failure = err
	w.Update()
}

// Sentence is an error of transfers for people.
func Sentence(err error) string {
	var p transfer.Problem
	switch {
	case errors.As(err, &p):
		return text.T("files.problem." + string(p))
	case errors.Is(err, transfer.ErrEnded):
		return text.T("files.problem.gone")
	}
	return text.Error(err)
}

// Drop sends what was dropped onto a window.
func (w *Window) Drop(uris []fyne.URI) {
	var paths []string
	for _, u := range uris {
		if u.Scheme() == "file" {
			paths = append(paths, u.Path())
		}
	}
	w.Send(paths...)
}

// Send sends files and folders and shows them.
func (w *Window) Send(paths ...string) {
	if len(paths) == 0 {
		return
	}
	go func() {
		_, err := w.desk.Send(paths...)
		kit.Do(func() { w.fail(err) })
	}()
}

func (w *Window) chooseFolder() {
	w.folderDialog(func(path string) { w.fail(w.desk.SetFolder(path)) })
}

func (w *Window) folderDialog(done func(string)) {
	d := dialog.NewFolderOpen(func(u fyne.ListableURI, err error) {
		if err == nil && u != nil {
			done(u.Path())
		}
	}, w.win)
	if at, err := storage.ListerForURI(storage.NewFileURI(w.desk.Folder())); err == nil {
		d.SetLocation(at)
	}
	d.Resize(w.dialogSize())
	d.Show()
}

func (w *Window) dialogSize() fyne.Size {
	size := w.win.Canvas().Size()
	return fyne.NewSize(size.Width-40, size.Height-40)
}

func setVisible(o fyne.CanvasObject, visible bool) {
	switch {
	case visible && !o.Visible():
		o.Show()
	case !visible && o.Visible():
		o.Hide()
	}
}

func setEnabled(b *kit.Button, enabled bool) {
	switch {
	case enabled && b.Disabled():
		b.Enable()
	case !enabled && !b.Disabled():
		b.Disable()
	}
}

func equal(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
