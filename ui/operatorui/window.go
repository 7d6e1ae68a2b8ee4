package operatorui

import (
	"context"
	"image"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"handrail/assets"
	"handrail/screen"
	"handrail/session"
	"handrail/session/operator"
	"handrail/session/settings"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// Options are what a main knows before anybody has signed in.
type Options struct {
	Relay   *url.URL      // nil: the person types it
	Address string        // filled in where there is no Relay: one that cannot be used, to be corrected
	User    string        // account that is filled in
	Problem error         // said at the first sign-in: what is wrong with the address, or why signing in with a password has failed
	Variant theme.Variant // light, dark, or as the system

	Settings *settings.Values // nil: the defaults, and nothing is kept
	Notes    []settings.Note  // what is wrong in the settings files

	// Startup makes true what the settings say about starting with the computer; it may block. nil: nothing does.
	Startup func() error

	Device Device // nil: what Fyne tells of keyboard and mouse is all there is
}

// Device is what this computer's keyboard, mouse and monitors can do that Fyne does not tell; see package ui/device.
type Device interface {
	// Buttons calls on for the back and forward buttons over a window that has been shown.
	Buttons(w fyne.Window, on func(b screen.Button, down bool))
	// Moves calls on for each movement of the pointer over a window that has been shown.
	Moves(w fyne.Window, on func(absolute fyne.Position))
	// Capture has the system's own shortcuts go to a window, or no longer; false: it could not be done.
	Capture(w fyne.Window, on bool) bool
	// Place is where a window that has been shown lies among the monitors, as desktop.Window.RequestPosition takes it; false: that
	// cannot be told.
	Place(w fyne.Window) (image.Rectangle, bool)
	// Monitors are the parts of the monitors that windows may fill.
	Monitors() []image.Rectangle
}

// Window is the operator's main window.
type Window struct {
	app     fyne.App
	win     fyne.Window
	desk    Desk
	options Options

	content *fyne.Container // the sign-in screen or the dashboard
	signIn  *signIn
	board   *dashboard // nil while signed out

	settings *settingsWindow // nil while closed
	changing chan struct{}   // closed when the last change of a setting is done; nil: there was none
	startup  sync.Mutex      // makes changes of how the program starts follow each other
	startups sync.WaitGroup  // those that are under way

	counting      atomic.Pointer[dashboard] // board, for the engine's goroutine
	events        *kit.Batch[heard]
	stopListening func()
	stopClock     chan struct{}
}

// New makes the window for an engine. If somebody is signed in already, it begins with the sessions.
func New(app fyne.App, engine *operator.Engine, options Options) *Window {
	return newWindow(app, engineDesk{engine}, options)
}

func newWindow(app fyne.App, desk Desk, options Options) *Window {
	if options.Settings == nil {
		options.Settings, _ = settings.Open(settings.Operator, "", "")
	}
	w := &Window{app: app, desk: desk, options: options, stopClock: make(chan struct{})}
	w.useSettings()
	w.win = app.NewWindow(text.T("app.name"))
	options.Settings.OnChange(w.settingChanged)
	w.win.SetIcon(assets.AppIcon())
	w.win.SetPadded(false)
	w.content = container.NewStack()
	w.win.SetContent(kit.Root(w.content))
	if view, ok := w.lastView(); ok {
		view.put(w.win, options.Device)
	} else {
		w.win.Resize(fyne.NewSize(1120, 720))
	}
	w.win.SetCloseIntercept(w.close)
	w.win.SetMaster()
	w.addShortcuts()
	if _, signedIn := desk.Account(); signedIn {
		w.showBoard()
	} else {
		w.showSignIn()
	}
	w.events = kit.NewBatch(w.heard, mergeChat)
	w.stopListening = desk.Listen(w.hear)
	go w.tick()
	return w
}

// Fyne is the window itself.
func (w *Window) Fyne() fyne.Window { return w.win }

// ShowAndRun shows the window and runs the program until it is closed.
func (w *Window) ShowAndRun() {
	w.win.Show()
	w.openView()
	w.focusFirst()
	kit.Run(w.app)
	if w.changing != nil {
		<-w.changing // or what was chosen last would be lost
	}
	w.startups.Wait() // the same
	w.stop()
}

// stop ends what runs beside the window. The engine is closed by who made it.
func (w *Window) stop() {
	if w.stopListening != nil {
		w.stopListening()
		w.stopListening = nil
		close(w.stopClock)
	}
}

func (w *Window) focusFirst() {
	if w.signIn != nil {
		w.signIn.focus()
	}
}

func (w *Window) showSignIn() {
	if w.board != nil {
		w.board.leave()
	}
	w.board = nil
	w.signIn = newSignIn(w)
	w.setContent(w.signIn.object)
	w.win.SetTitle(text.T("app.name"))
	w.signIn.focus()
}

func (w *Window) showBoard() {
	w.signIn = nil
	if w.board != nil {
		w.board.leave()
	}
	w.board = newDashboard(w)
	w.counting.Store(w.board)
	w.board.show()
}

func (w *Window) setContent(o fyne.CanvasObject) {
	w.win.Canvas().Unfocus() // or the keyboard would stay with something that is no longer there
	w.content.Objects = []fyne.CanvasObject{o}
	w.content.Refresh()
}

// hear is called for every event, on the engine's goroutine. Pictures have a way of their own.
func (w *Window) hear(e session.Event) {
	if e.Type == session.EventUpdate {
		if board := w.counting.Load(); board != nil {
			board.count(e)
		}
		return
	}
	if e.Type == session.EventChat {
		w.events.AddSoon(heard{e, 1})
	} else {
		w.events.Add(heard{e, 1})
	}
}

// heard is an event, or several lines of a session's chat. These may come in any number, from a customer's program that nobody
// vouches for: they have one place among the events, so that the window goes on answering.
type heard struct {
	session.Event
	times int
}

func mergeChat(waiting *heard, next heard) bool {
	same := next.Type == session.EventChat && waiting.Type == session.EventChat && waiting.Session == next.Session && waiting.From == next.From
	if same {
		waiting.times += next.times
	}
	return same
}

func (w *Window) heard(events []heard) {
	if w.board != nil {
		w.board.hearAll(events)
	}
}

// tick keeps the minutes true.
func (w *Window) tick() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-w.stopClock:
			return
		case <-ticker.C:
			kit.Do(func() {
				if w.board != nil {
					w.board.tick(time.Now())
					w.board.refresh()
				}
			})
		}
	}
}

// Shortcuts of the main window.
var (
	keyNew      = &desktop.CustomShortcut{KeyName: fyne.KeyN, Modifier: fyne.KeyModifierShortcutDefault}
	keyCopyCode = &desktop.CustomShortcut{KeyName: fyne.KeyC, Modifier: fyne.KeyModifierShortcutDefault | fyne.KeyModifierShift}
	keyCopyLink = &desktop.CustomShortcut{KeyName: fyne.KeyL, Modifier: fyne.KeyModifierShortcutDefault | fyne.KeyModifierShift}
	keyOpen     = &desktop.CustomShortcut{KeyName: fyne.KeyO, Modifier: fyne.KeyModifierShortcutDefault}
	keyChat     = &desktop.CustomShortcut{KeyName: fyne.KeyM, Modifier: fyne.KeyModifierShortcutDefault}
	keyConnect  = &desktop.CustomShortcut{KeyName: fyne.KeyK, Modifier: fyne.KeyModifierShortcutDefault}
	keySettings = &desktop.CustomShortcut{KeyName: fyne.KeyComma, Modifier: fyne.KeyModifierShortcutDefault}
	keySearch   = &desktop.CustomShortcut{KeyName: fyne.KeyF, Modifier: fyne.KeyModifierShortcutDefault}
	keyEdit     = &desktop.CustomShortcut{KeyName: fyne.KeyT, Modifier: fyne.KeyModifierShortcutDefault}
	keyEnd      = &desktop.CustomShortcut{KeyName: fyne.KeyE, Modifier: fyne.KeyModifierShortcutDefault | fyne.KeyModifierShift}
	keyPrevious = &desktop.CustomShortcut{KeyName: fyne.KeyPageUp, Modifier: fyne.KeyModifierShortcutDefault}
	keyNext     = &desktop.CustomShortcut{KeyName: fyne.KeyPageDown, Modifier: fyne.KeyModifierShortcutDefault}
)

func (w *Window) addShortcuts() {
	add := func(key fyne.Shortcut, do func(*dashboard)) {
		w.win.Canvas().AddShortcut(key, func(fyne.Shortcut) {
			if w.board != nil {
				do(w.board)
			}
		})
	}
	add(keyNew, (*dashboard).newSession)
	add(keyConnect, func(d *dashboard) { d.askConnect("") })
	add(keyCopyCode, func(d *dashboard) { d.onPage((*page).copyCode) })
	add(keyCopyLink, func(d *dashboard) { d.onPage((*page).copyLink) })
	add(keyOpen, func(d *dashboard) { d.onPage((*page).openViewer) })
	add(keyChat, func(d *dashboard) { d.onPage((*page).focusChat) })
	add(keyEnd, func(d *dashboard) { d.onPage((*page).end) })
	add(keySearch, func(d *dashboard) { kit.Focus(w.win, d.search) })
	add(keyEdit, func(d *dashboard) { d.onPage(func(p *page) { d.edit(p.session) }) })
	add(keyPrevious, func(d *dashboard) { d.move(-1) })
	add(keyNext, func(d *dashboard) { d.move(1) })
	w.win.Canvas().AddShortcut(keySettings, func(fyne.Shortcut) { w.openSettings() })
	w.win.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyF1 {
			w.showShortcuts()
		}
	})
}

// showShortcuts lists the keys.
func (w *Window) showShortcuts() {
	list := func(title string, lines [][2]string) fyne.CanvasObject {
		name := kit.NewText(title).In(theme.Muted)
		name.Bold = true
		for i := range lines {
			lines[i][0] = text.Keys(lines[i][0])
		}
		return kit.Sized(352, 1, kit.Column(12, name, kit.KeyList(lines)))
	}
	kit.Tell(w.win, text.T("keys.title"), text.T("close"), kit.Equal(32,
		list(text.T("keys.main"), [][2]string{
			{"Ctrl+N", text.T("board.new")},
			{"Ctrl+K", text.T("connect.button")},
			{"Ctrl+Shift+C", text.T("waiting.copy_code")},
			{"Ctrl+Shift+L", text.T("waiting.copy_link")},
			{"Ctrl+O", text.T("active.open")},
			{"Ctrl+M", text.T("chat.title")},
			{"Ctrl+Shift+E", text.T("session.end")},
			{"Ctrl+,", text.T("set.title")},
			{"Ctrl+F", text.T("search")},
			{"Ctrl+T", text.T("edit.title")},
			{"Ctrl+PgUp / PgDn", text.T("keys.switch")},
		}),
		list(text.T("keys.viewer"), [][2]string{
			{"Ctrl+Alt+F", text.T("viewer.full")},
			{"Ctrl+Alt+0", text.T("viewer.fit")},
			{"Ctrl+Alt+1", text.T("viewer.actual")},
			{"Ctrl+Alt+C", text.T("viewer.chat")},
			{"Ctrl+Alt+Q", text.T("viewer.quality")},
			{"Ctrl+Alt+T", text.T("viewer.hide")},
			{"Ctrl+Alt+K", text.T("viewer.keys")},
			{"Ctrl+Alt+S", text.T("viewer.snapshot")},
			{"Ctrl+Alt+E", text.T("session.end")},
			{"Ctrl+Alt+M", text.T("viewer.monitors")},
			{"Ctrl+Alt+W", text.T("viewer.sessions")},
			{"Ctrl+Alt+P", text.T("keys.picture")},
			{"Ctrl+Alt+D", text.T("viewer.draw")},
			{"Ctrl+Alt+Z", text.T("draw.undo")},
		})))
}

// signOut ends all sessions and shows the sign-in screen.
func (w *Window) signOut() {
	w.confirmEnd(func() {
		w.board.closeWindows(nil)
		w.showSignIn()
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			w.desk.SignOut(ctx)
		}()
	})
}

func (w *Window) close() {
	w.confirmEnd(func() {
		if w.board != nil {
			w.board.closeWindows(nil)
		}
		w.keepView()
		kit.End(w.win.Close)
	})
}

// confirmEnd asks before running sessions are ended by do.
func (w *Window) confirmEnd(do func()) {
	running := 0
	for _, s := range w.desk.Sessions() {
		if state := s.Info().State; state == session.Active || state == session.Reconnecting {
			running++
		}
	}
	if running == 0 {
		do()
		return
	}
	confirm(w.win, text.T("close.title"), text.N("close.sessions", running), text.T("close.end"), do)
}

// confirm asks for something that cannot be undone.
func confirm(parent fyne.Window, title, question, yes string, do func()) {
	kit.Ask(parent, title, question, yes, text.T("cancel"), do)
}
