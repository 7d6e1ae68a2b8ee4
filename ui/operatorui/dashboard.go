package operatorui

import (
	"context"
	"slices"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"handrail/session"
	"handrail/ui/files"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// dashboard is the list of sessions with the page of the selected one, for as long as somebody is signed in.
type dashboard struct {
	window *Window
	object fyne.CanvasObject

	list     *fyne.Container
	search   *kit.Entry
	hint     *kit.Text // instead of rows
	add      *kit.Button
	connect  *kit.Button
	stage    *fyne.Container // the page
	empty    fyne.CanvasObject
	problem  *kit.Text
	banner   *kit.Panel
	rows     map[string]*sessionRow
	pages    map[string]*page
	viewers  map[string]*viewerWindow
	files    map[string]*files.Window
	meters   sync.Map // of *meter by session, also used by the engine's goroutine
	selected string
	starting bool
}

func newDashboard(w *Window) *dashboard {
	d := &dashboard{window: w, viewers: map[string]*viewerWindow{}, files: map[string]*files.Window{}}
	d.build()
	return d
}

// build makes what is in the window, also anew in another language.
func (d *dashboard) build() {
	d.rows, d.pages = map[string]*sessionRow{}, map[string]*page{}
	d.add = kit.NewButton(kit.Primary, text.T("board.new"), "plus", d.newSession).Big().WithTip(text.Keys("Ctrl+N"))
	d.connect = kit.NewButton(kit.Secondary, text.T("connect.button"), "plug", func() { d.askConnect("") }).WithTip(text.Keys("Ctrl+K"))
	d.list = kit.Column(4)
	d.search = kit.NewSearch(text.T("search"))
	d.search.OnChanged = func(string) { d.refresh() }
	d.search.Hide()
	d.hint = kit.Hint(text.T("board.none")).Centered()
	d.empty = d.buildEmpty()
	d.stage = container.NewStack(d.empty)
	d.problem = kit.Para("").In(theme.AmberText)
	dismiss := kit.NewButton(kit.Quiet, "", "x", func() { d.banner.Hide() }).WithTip(text.T("close"))
	d.banner = kit.NewPanel(theme.AmberSoft, 0, kit.Pad(8, 16, 8, 24, kit.Row(12, kit.NewIcon("circle-alert", 20, theme.AmberText), d.problem, dismiss)))
	d.banner.Hide()
	right := kit.Border(d.banner, nil, nil, nil, container.NewVScroll(d.stage))
	d.object = kit.Border(nil, nil, d.buildSidebar(), nil, right)
	d.setStarting(d.starting)
}

// show puts the dashboard into the window.
func (d *dashboard) show() {
	d.window.setContent(d.object)
	d.refresh()
	if notes := d.window.options.Notes; len(notes) > 0 {
		d.fail(text.Settings(notes[0]))
	}
	account, _ := d.window.desk.Account()
	d.window.win.SetTitle(account.Name + " – " + text.T("app.name"))
}

const sidebarWidth = 304

func (d *dashboard) buildSidebar() fyne.CanvasObject {
	account, _ := d.window.desk.Account()
	name := kit.NewText(text.T("app.name")).Sized(theme.Title)
	name.Bold = true
	head := kit.Row(12, kit.Mark(36), name)
	who := kit.NewText(account.Name)
	who.Bold = true
	where := kit.NewText(relayHost(account.Relay)).Sized(theme.Caption).In(theme.Muted)
	keys := kit.NewButton(kit.Quiet, "", "keyboard", d.window.showShortcuts).WithTip(text.T("keys.title") + " (F1)")
	set := kit.NewButton(kit.Quiet, "", "settings", d.window.openSettings).WithTip(text.T("set.title") + " (" + text.Keys("Ctrl+,") + ")")
	out := kit.NewButton(kit.Quiet, "", "log-out", d.window.signOut).WithTip(text.T("board.sign_out"))
	foot := kit.Row(2, kit.Fill(kit.Column(1, who, where)), set, keys, out)
	rows := container.NewStack(kit.Pad(24, 24, 0, 24, kit.Column(0, d.hint)), container.NewVScroll(kit.Pad(2, 16, 8, 16, d.list)))
	side := kit.Border(
		kit.Pad(20, 16, 12, 16, kit.Column(20, head, kit.Column(10, d.add, d.connect, d.search))),
		kit.Column(0, kit.Rule(), kit.Pad(10, 10, 10, 20, foot)),
		nil, nil, rows)
	panel := kit.NewPanel(theme.Card, 0, side)
	return kit.Border(nil, nil, nil, kit.Rule(), kit.Sized(sidebarWidth, 400, panel))
}

// buildEmpty is what is shown while no session is selected: what to do next.
func (d *dashboard) buildEmpty() fyne.CanvasObject {
	step := func(icon, key string) fyne.CanvasObject {
		badge := kit.NewPanel(theme.AccentSoft, 20, kit.PadAll(10, kit.NewIcon(icon, 20, theme.AccentText)))
		return kit.Row(16, badge, kit.Para(text.T(key)))
	}
	steps := kit.Card(kit.Column(20, step("plus", "empty.step1"), step("phone", "empty.step2"), step("monitor", "empty.step3")))
	body := kit.Column(24,
		kit.Column(6,
			kit.Heading(text.T("empty.title"), theme.Display).Centered(),
			kit.Para(text.T("empty.hint")).In(theme.Muted).Centered()),
		steps)
	return kit.PadAll(32, kit.Narrow(520, true, body))
}

// newSession starts a session and selects it.
func (d *dashboard) newSession() { d.start(d.window.desk.NewSession) }

// start starts a session in some way, unless one is being started.
func (d *dashboard) start(how func(context.Context) (Session, error)) {
	if d.starting {
		return
	}
	d.setStarting(true)
	d.banner.Hide()
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		s, err := how(ctx)
		kit.Do(func() { d.started(s, err) })
	}()
}

func (d *dashboard) setStarting(starting bool) {
	d.starting = starting
	setEnabled(d.add, !starting)
	setEnabled(d.connect, !starting)
}

func (d *dashboard) started(s Session, err error) {
	d.setStarting(false)
	if d.window.board != d { // signed out meanwhile
		return
	}
	if err != nil {
		d.fail(text.Error(err))
		return
	}
	d.refresh()
	d.choose(s.ID())
}

// fail shows a sentence above the page.
func (d *dashboard) fail(sentence string) {
	d.problem.SetText(sentence)
	d.banner.Show()
	d.banner.Refresh()
}

// sessions are those to be listed, newest first.
func (d *dashboard) sessions() []Session {
	all := d.window.desk.Sessions()
	list := make([]Session, 0, len(all))
	for i := len(all) - 1; i >= 0; i-- {
		list = append(list, all[i])
	}
	return list
}

// listed are the sessions that are shown: all, or those that are looked for.
func (d *dashboard) listed() []Session {
	list := []Session{}
	for _, s := range d.sessions() {
		if matches(s, d.search.Text) {
			list = append(list, s)
		}
	}
	return list
}

// refresh makes rows, page and viewers agree with the engine. It is cheap where nothing has changed.
func (d *dashboard) refresh() {
	sessions := d.sessions()
	objects, known := make([]fyne.CanvasObject, 0, len(sessions)), map[string]bool{}
	if (len(sessions) > 0) != d.search.Visible() {
		setVisible(d.search, len(sessions) > 0)
		d.object.Refresh()
	}
	for _, s := range sessions {
		id := s.ID()
		known[id] = true
		row := d.rows[id]
		if row == nil {
			row = newSessionRow(func() { d.choose(id) }, d.move)
			row.items = func() []kit.Item { return d.sessionMenu(s) }
			d.rows[id] = row
			d.pages[id] = newPage(d, s)
		}
		row.update(s, id == d.selected, d.pages[id].unread)
		if matches(s, d.search.Text) {
			objects = append(objects, row)
		}
	}
	if !sameObjects(d.list.Objects, objects) {
		d.list.Objects = objects
		d.list.Refresh()
	}
	hint := text.T("board.none")
	if len(sessions) > 0 {
		hint = text.T("search.none")
	}
	d.hint.SetText(hint)
	setVisible(d.hint, len(objects) == 0)
	for id := range d.rows {
		if !known[id] {
			d.pages[id].show(false)
			delete(d.rows, id)
			delete(d.pages, id)
		}
	}
	d.closeWindows(known)
	for _, p := range d.pages {
		p.update()
	}
	for _, v := range d.viewers {
		v.update()
	}
	if !known[d.selected] {
		d.choose("")
	}
}

// choose shows the page of a session; "" is none.
func (d *dashboard) choose(id string) {
	d.selected = id
	shown := d.empty
	if p := d.pages[id]; p != nil {
		p.unread = 0
		shown = p.object
	}
	if len(d.stage.Objects) != 1 || d.stage.Objects[0] != shown {
		d.stage.Objects = []fyne.CanvasObject{shown}
		d.stage.Refresh()
	}
	for rowID, row := range d.rows {
		row.setSelected(rowID == id)
	}
	for pageID, p := range d.pages {
		p.show(pageID == id)
	}
}

// move selects the next session in a direction.
func (d *dashboard) move(by int) {
	d.refresh() // a session that has just been started elsewhere may have no row yet
	sessions := d.listed()
	for i, s := range sessions {
		if s.ID() == d.selected {
			if next := i + by; next >= 0 && next < len(sessions) {
				d.choose(sessions[next].ID())
				kit.Focus(d.window.win, d.rows[sessions[next].ID()])
			}
			return
		}
	}
	if len(sessions) > 0 {
		d.choose(sessions[0].ID())
	}
}

func (d *dashboard) onPage(do func(*page)) {
	if p := d.pages[d.selected]; p != nil {
		do(p)
	}
}

// hear takes an event of any session.
func (d *dashboard) hear(e session.Event) { d.hearAll([]heard{{e, 1}}) }

// hearAll takes several.
func (d *dashboard) hearAll(events []heard) {
	if slices.ContainsFunc(events, func(e heard) bool { return d.pages[e.Session] == nil }) {
		d.refresh() // started a moment ago, perhaps elsewhere: its page has to hear of it too
	}
	for _, e := range events {
		if p := d.pages[e.Session]; p != nil {
			p.hear(e)
		}
		if v := d.viewers[e.Session]; v != nil {
			v.hear(e.Event)
		}
		d.hearFile(e.Event)
	}
	d.refresh()
}

// meterOf is the meter of a session.
func (d *dashboard) meterOf(id string) *meter {
	m, _ := d.meters.LoadOrStore(id, &meter{})
	return m.(*meter)
}

// count takes an update of any session; it is called on the engine's goroutine. Only those with a viewer are
// counted.
func (d *dashboard) count(e session.Event) {
	if m, ok := d.meters.Load(e.Session); ok {
		m.(*meter).count(e)
	}
}

// tick is called every second.
func (d *dashboard) tick(now time.Time) {
	for _, v := range d.viewers {
		v.tick(now)
	}
}

func (d *dashboard) openViewer(s Session) {
	if v := d.viewers[s.ID()]; v != nil {
		v.win.RequestFocus()
		return
	}
	d.viewers[s.ID()] = newViewerWindow(d, s)
}

// leave is called when another screen takes the place of this one, or it is made anew.
func (d *dashboard) leave() {
	for _, p := range d.pages {
		p.show(false)
	}
}

// closeWindows closes the windows of all sessions but those that are known.
func (d *dashboard) closeWindows(known map[string]bool) {
	for id, v := range d.viewers {
		if !known[id] {
			v.close()
		}
	}
	d.closeFiles(known)
}
