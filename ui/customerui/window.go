// Package customerui is the customer's window: typing the code, seeing who asks, agreeing, and being able to
// let go at any moment. It is made for somebody who is on the phone and has never seen it before.
//
//	text.Load()
//	a := app.NewWithID("handrail.client")        // fyne.io/fyne/v2/app
//	window := customerui.New(a, config, customerui.Options{Relay: relay})
//	window.ShowAndRun()
//
// All methods must be called on Fyne's thread.
package customerui

import (
	"context"
	"image"
	"net/url"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"handrail/assets"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/wire"
	"handrail/transfer"
	"handrail/ui/bar"
	"handrail/ui/board"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// Options are what a main knows before the person has done anything.
type Options struct {
	Relay *url.URL // nil: the person types it
	Code  string   // filled in, and joined at once unless Wait says otherwise
	// Unfamiliar says that nobody whom the person trusts has named the relay: it is shown in amber beside the code.
	Unfamiliar bool
	Wait       bool          // the code is only filled in
	Yes        bool          // whoever started the program has agreed: share what is asked for
	Offer      bool          // begin with an ID and a password
	Variant    theme.Variant // light, dark, or as the system
	Service    Service       // what the menu can do
	// Unfocused calls show, which shows a window, such that the window does not get the keyboard; nil: it may.
	Unfocused func(show func())

	// Monitors are the parts of monitors that windows may fill, in pixels; nil: that cannot be told.
	Monitors func() []image.Rectangle
	// Place is where the content of a window is, as device.Place has it; nil: that cannot be told.
	Place func(fyne.Window) (at image.Rectangle, ok bool)

	Plain customer.PlainChoice // what is done with wallpaper and effects while sharing; "": as the operator asks
}

// Session is the part of a customer's session that the window uses. Start, SetPermission, Chat and Close may
// block.
type Session interface {
	Operator() session.Party
	Verifier() string
	Requested() session.Permissions
	Info() customer.Info
	Start(session.Permissions) error
	Decline()
	SetPermission(p session.Permission, granted bool) error
	SetPlain(customer.PlainChoice)
	Grant(p session.Permission) error
	Chat(text string) error
	Transcript() []session.ChatLine
	ListenWithoutUpdates(fn func(session.Event)) (stop func())
	Done() <-chan struct{}
	board.Own
	Files() *transfer.Exchange
	CopiedFiles() []string // files on this computer's clipboard
	LookAsked() bool
	AnswerLook(customer.LookAnswer) error
	End()
	Close()
}

// join proves a code; it blocks.
type join func(ctx context.Context, relay *url.URL, code session.Code) (Session, error)

// await shows an ID and a password until an operator has proved them; it blocks.
type await func(ctx context.Context, relay *url.URL, show func(customer.Offered)) (Session, error)

// Window is the customer's window.
type Window struct {
	app     fyne.App
	win     fyne.Window
	join    join
	await   await
	options Options

	content  *fyne.Container
	code     *codeScreen
	menus    *kit.Button // opens the menu of what is shown
	display  display
	variant  theme.Variant
	monitors []image.Rectangle
	low      bool           // the monitor is lower than screens would like to be: they scroll; see Fit
	proxy    string         // as the person typed it
	offered  *offerScreen   // not nil: the session comes from there
	session  Session        // nil while there is none
	sessions sync.WaitGroup // waits for the end of all
	show     screen
	stop     func() // stops listening to session
	counting bool   // a second of a lost connection is running
	closing  bool
	journal  *journal
	unread   *unread
	second   time.Duration // tests have less time
	bar      *bar.Bar      // while the session is active
	keys     customer.HotKeys
}

// screen is what the window shows.
type screen interface {
	object() fyne.CanvasObject
	update() // makes it agree with the session
	focus()
}

// New makes the window. config says how this computer's screen and input are opened.
func New(app fyne.App, config customer.Config, options Options) *Window {
	w := newWindow(app, func(ctx context.Context, relay *url.URL, code session.Code) (Session, error) {
		s, err := customer.Join(ctx, config, relay, code)
		if err != nil {
			return nil, err
		}
		return s, nil
	}, options)
	w.keys = config.HotKeys
	w.await = func(ctx context.Context, relay *url.URL, show func(customer.Offered)) (Session, error) {
		s, err := customer.Await(ctx, config, relay, show)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	if options.Offer && options.Relay != nil && !options.Unfamiliar {
		w.offer(options.Relay)
	}
	return w
}

func newWindow(app fyne.App, join join, options Options) *Window {
	w := &Window{app: app, join: join, options: options, win: app.NewWindow(text.T("app.name")), content: container.NewStack(), second: time.Second}
	theme.SetBase(theme.Customers)
	if w.options.Unfocused == nil {
		w.options.Unfocused = func(show func()) { show() }
	}
	w.display, w.proxy = display{language: "auto"}, options.Service.Proxy
	w.useDisplay()
	w.journal, w.unread = &journal{}, &unread{window: w}
	app.Lifecycle().SetOnEnteredForeground(w.unread.entered)
	app.Lifecycle().SetOnExitedForeground(w.unread.left)
	w.win.SetIcon(assets.AppIcon())
	w.win.SetPadded(false)
	w.win.SetContent(kit.Root(w.content))
	w.win.Resize(fyne.NewSize(normalWidth, normalHeight))
	w.win.SetCloseIntercept(w.close)
	w.win.SetMaster()
	w.addShortcuts()
	w.code = newCodeScreen(w)
	w.open(w.code)
	if options.Code != "" && !options.Wait {
		w.code.submit()
	}
	return w
}

// What the window would like to be, in Fyne's units, and what the system puts above it.
const normalWidth, normalHeight, titleBar = 480, 680, 40

// Fit makes the window low enough for each of these parts of monitors, in pixels, that windows may fill; see
// device.Monitors. It is called once, when the program has started.
func (w *Window) Fit(monitors []image.Rectangle) {
	w.monitors = monitors
	height := float32(normalHeight)
	for _, m := range monitors {
		height = min(height, float32(m.Dy())/w.win.Canvas().Scale()-titleBar)
	}
	if height == normalHeight {
		return
	}
	w.low = true
	w.rebuild()
	w.win.Resize(fyne.NewSize(normalWidth, height))
}

// belowBar moves the window to where the bar, which has just come, does not cover its title, and makes it lower where it would
// stick out of the monitor then.
func (w *Window) belowBar() {
	if w.options.Place == nil {
		return
	}
	at, ok := w.options.Place(w.win)
	bar, there := w.options.Place(w.bar.Fyne())
	if !ok || !there {
		return
	}
	scale := w.win.Canvas().Scale()
	now, moved := below(at, bar, int(title*scale), w.monitors)
	if !moved {
		return
	}
	if window, can := w.win.(desktop.Window); can {
		window.RequestPosition(now.Min.X, now.Min.Y)
	}
	if now.Dy() == at.Dy() {
		return
	}
	lower := func() { w.win.Resize(fyne.NewSize(float32(now.Dx())/scale, float32(now.Dy())/scale)) }
	lower()
	// Fyne has drawn it at once, perhaps before the system has made it lower: then it is drawn in the wrong place until it is
	// drawn again. And what it has just been given to show may have it made as high again as it was.
	time.AfterFunc(w.second/4, func() {
		kit.Do(func() {
			if at, ok := w.options.Place(w.win); ok && w.bar != nil && at.Dy() > now.Dy() {
				lower()
			}
			w.win.Content().Refresh()
		})
	})
}

// backOnScreen moves the window to where it can be seen once the monitors are others, which whoever asks for them hears a moment after
// the bar.
func (w *Window) backOnScreen() {
	if w.options.Place == nil || w.options.Monitors == nil {
		return
	}
	later := func(do func()) {
		time.AfterFunc(w.second/2, func() {
			kit.Do(func() {
				if w.bar != nil {
					do()
				}
			})
		})
	}
	later(func() {
		w.monitors = w.options.Monitors()
		at, ok := w.options.Place(w.win)
		window, can := w.win.(desktop.Window)
		if !ok || !can {
			return
		}
		if now := onto(at, int(title*w.win.Canvas().Scale()), w.monitors); now != at {
			window.RequestPosition(now.Min.X, now.Min.Y)
			later(w.belowBar)
		}
	})
}

// onto is where a window, with a title of so many pixels above it, is on a monitor: where it is, if it is on one as a whole, or else
// on that of which it covers most.
func onto(at image.Rectangle, above int, monitors []image.Rectangle) image.Rectangle {
	whole := at
	whole.Min.Y -= above
	var on image.Rectangle
	most := -1
	for _, m := range monitors {
		if whole.In(m) {
			return at
		}
		common := whole.Intersect(m).Size()
		if common.X*common.Y > most {
			on, most = m, common.X*common.Y
		}
	}
	if most < 0 {
		return at
	}
	left := max(on.Min.X, min(whole.Min.X, on.Max.X-whole.Dx()))
	top := max(on.Min.Y, min(whole.Min.Y, on.Max.Y-whole.Dy()))
	return at.Add(image.Pt(left-whole.Min.X, top-whole.Min.Y))
}

// below is where a window has room below a bar, with a title of so many pixels above it; moved is false where it stays.
func below(at, bar image.Rectangle, above int, monitors []image.Rectangle) (now image.Rectangle, moved bool) {
	whole := at
	whole.Min.Y -= above
	if !whole.Overlaps(bar) {
		return at, false
	}
	now = at.Add(image.Pt(0, bar.Max.Y+above-at.Min.Y))
	for _, m := range monitors {
		if bar.Overlaps(m) && now.Overlaps(m) {
			now.Max.Y = max(now.Min.Y, min(now.Max.Y, m.Max.Y-edge))
		}
	}
	return now, true
}

// title is what systems put above a window, in Fyne's units, and edge what some put below and beside it, in pixels.
const title, edge = 32, 8

// toolsPlace is where the tools for drawing open: below the bar, and beside the window where there is room.
func (w *Window) toolsPlace() board.Place {
	p := board.Place{Low: w.low}
	if w.options.Place == nil || w.bar == nil {
		return p
	}
	bar, ok := w.options.Place(w.bar.Fyne())
	window, there := w.options.Place(w.win)
	if !ok || !there {
		return p
	}
	scale := w.win.Canvas().Scale()
	p.At = beside(window, image.Pt(int(toolsWidth*scale), int(toolsHeight*scale)), bar.Max.Y+int(title*scale), w.monitors)
	return p
}

// toolsWidth and toolsHeight are what the tools for drawing need at most where the monitor is not low, in Fyne's units.
const toolsWidth, toolsHeight = 410, 680

// beside is where something of a size has room beside a window, at its left first, and no higher than top.
func beside(window image.Rectangle, size image.Point, top int, monitors []image.Rectangle) image.Point {
	at := image.Pt(edge, max(top, window.Min.Y))
	for _, m := range monitors {
		if !window.Overlaps(m) {
			continue
		}
		at.Y = max(top, min(at.Y, m.Max.Y-size.Y))
		switch left, right := window.Min.X-size.X-gap, window.Max.X+gap; {
		case left >= m.Min.X:
			at.X = left
		case right+size.X <= m.Max.X:
			at.X = right
		default:
			at.X = m.Min.X + edge
		}
		break
	}
	return at
}

// gap is between windows that belong together, in pixels.
const gap = 16

// scrolls tells whether screens may be higher than the window.
func (w *Window) scrolls() bool { return w.low || theme.Enlarged() }

// Fyne is the window itself.
func (w *Window) Fyne() fyne.Window { return w.win }

// ShowAndRun shows the window and runs the program until it is closed. Sessions have ended then, and with them the writing of their
// journals, which may take a moment longer than what the window shows of them.
func (w *Window) ShowAndRun() {
	w.win.Show()
	w.show.focus()
	kit.Run(w.app)
	if w.session != nil {
		w.session.Close()
	}
	w.sessions.Wait()
}

func (w *Window) open(s screen) {
	w.show = s
	w.content.Objects = []fyne.CanvasObject{s.object()}
	w.content.Refresh()
	w.win.Canvas().Unfocus() // or the keyboard would stay with a button that is no longer there
	s.focus()
}

// joined is called when the channel to the operator stands.
func (w *Window) joined(s Session) {
	w.session = s
	s.SetPlain(w.options.Plain)
	w.journal = &journal{}
	w.listen(s)
	w.sessions.Go(func() {
		<-s.Done()
		kit.Do(w.changed)
	})
	ask := newAskScreen(w, s)
	w.open(ask)
	if w.options.Yes {
		ask.agreeAll()
	}
	w.changed()
}

// heard is an event of the session, or several of the same kind.
type heard struct {
	session.Event
	times int
}

// listen has the window hear the session's events. Chat may come in any number, from an operator whom nobody has agreed to yet:
// it has one place among the events, so that the buttons go on working.
func (w *Window) listen(s Session) {
	events := kit.NewBatch(w.hear, func(waiting *heard, next heard) bool {
		same := next.Type == session.EventChat && waiting.Type == session.EventChat && waiting.From == next.From
		if same {
			waiting.times += next.times
		}
		return same
	})
	w.stop = s.ListenWithoutUpdates(func(e session.Event) {
		if e.Type == session.EventChat {
			events.AddSoon(heard{e, 1})
		} else {
			events.Add(heard{e, 1})
		}
	})
}

// hear takes events of the session.
func (w *Window) hear(events []heard) {
	if w.session == nil || w.closing {
		return
	}
	name, lines := operatorName(w.session), 0
	for _, e := range events {
		w.journal.hear(e.Event, name)
		if e.Type == session.EventChat && e.From == wire.Operator {
			lines += e.times
		}
		w.hearFile(e.Event)
	}
	w.unread.hear(lines)
	w.changed()
}

// changed makes the window agree with the session.
func (w *Window) changed() {
	if w.session == nil || w.closing {
		return
	}
	info := w.session.Info()
	switch info.State {
	case session.Active, session.Reconnecting:
		if _, already := w.show.(*sessionScreen); !already {
			w.open(newSessionScreen(w, w.session))
		}
	case session.Ended:
		w.ended(info)
		return
	}
	w.show.update()
	w.updateBar(info)
	w.countReconnecting(info)
}

// countReconnecting keeps the seconds true that a connection has been away.
func (w *Window) countReconnecting(info customer.Info) {
	if info.State != session.Reconnecting || w.counting {
		return
	}
	w.counting = true
	time.AfterFunc(time.Second, func() {
		kit.Do(func() {
			w.counting = false
			w.changed()
		})
	})
}

func (w *Window) ended(info customer.Info) {
	w.closeFiles()
	s, stop := w.session, w.stop
	w.session, w.stop = nil, nil
	w.stopDrawing()
	w.unread.clear()
	w.closeBar()
	go stop() // it waits for events that are being delivered, and these wait for this thread
	w.open(newEndedScreen(w, s, info))
}

// toggleDrawing is the bar's button for drawing.
func (w *Window) toggleDrawing() {
	if r, ok := w.show.(*sessionScreen); ok {
		r.toggleDrawing()
	}
}

// stopDrawing puts the tools away.
func (w *Window) stopDrawing() {
	if r, ok := w.show.(*sessionScreen); ok && r.drawing != nil {
		r.drawing.Close()
	}
}

// again shows the field for a code.
func (w *Window) again() {
	if w.offered != nil {
		w.offer(w.offered.relay)
		return
	}
	w.code.reset()
	w.open(w.code)
}

// close ends the session and then the program.
func (w *Window) close() {
	if w.closing {
		return
	}
	w.closing = true
	w.closeFiles()
	w.stopDrawing()
	w.code.stop()
	if w.offered != nil {
		w.offered.stop()
	}
	w.closeBar()
	s := w.session
	w.session = nil
	if s == nil {
		kit.End(w.win.Close)
		return
	}
	w.win.Hide()
	go func() {
		s.Close()
		kit.Do(func() { kit.End(w.win.Close) })
	}()
}

// operatorName is who the session is with.
func operatorName(s Session) string {
	if name := s.Operator().Name; name != "" {
		return name
	}
	return text.T("operator")
}

// frame puts a screen below the program's name.
func frame(buttons, body fyne.CanvasObject) fyne.CanvasObject {
	return kit.Pad(24, 24, 20, 24, ordered(buttons, body))
}

// scrolled keeps what is scrolled away from the bar beside it, and its edges visible.
func scrolled(o fyne.CanvasObject) fyne.CanvasObject { return kit.Pad(0, 14, 2, 1, o) }

// withMenu puts the menu above a screen, at the right.
func (w *Window) withMenu(body fyne.CanvasObject) fyne.CanvasObject {
	return kit.Border(kit.Row(0, kit.Spring(), w.menuButton()), nil, nil, nil, body)
}

// ordered puts buttons below the rest and before it in the order of Tab: whoever only has a keyboard comes
// to them first.
func ordered(buttons, body fyne.CanvasObject) fyne.CanvasObject {
	if buttons == nil {
		return body
	}
	return container.New(belowLayout{}, buttons, body)
}

type belowLayout struct{}

const belowGap = 16

func (belowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	below, body := objects[0], objects[1]
	below.Resize(fyne.NewSize(size.Width, below.MinSize().Height))
	height := below.MinSize().Height
	below.Resize(fyne.NewSize(size.Width, height))
	below.Move(fyne.NewPos(0, size.Height-height))
	body.Resize(fyne.NewSize(size.Width, size.Height-height-belowGap))
	body.Move(fyne.Position{})
}

func (belowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	below, body := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(max(below.Width, body.Width), below.Height+belowGap+body.Height)
}
