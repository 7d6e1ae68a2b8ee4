// Package bar is the small window at the top edge of the customer's screen that says who can see and control the
// computer, and how to stop it. It is there for as long as a session is, above all other windows, and cannot be
// hidden, only moved along the edge. A coloured frame around each monitor goes with it.
//
//	b := bar.New(app, session, bar.Actions{…})
//	b.Update(info)      // after each change
//	b.Close()           // at the session's end
//
// All methods must be called on Fyne's thread. Where the system does not let a program keep a window on top, the
// bar asks for it; see the files named after systems.
package bar

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"handrail/assets"
	"handrail/session"
	"handrail/session/customer"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// Actions are what the bar's buttons do.
type Actions struct {
	Toggle func(session.Permission) // gives a permission that is not given, takes one that is
	End    func()
	Window func() // shows the program's window
	Draw   func() // opens the tools for drawing on the screen, or puts them away
	Screen func() // is told that the screen has become another; may be nil
}

// Bar is the window.
type Bar struct {
	win     fyne.Window
	name    string // who helps
	actions Actions
	keys    customer.HotKeys
	place   placer // nil until the window is on the screen, and where windows cannot be placed
	border  borders
	closed  bool
	last    customer.Info

	sentence, since  *kit.Text
	holder           *HolderBadge
	switches         *Switches
	draw, more       *kit.Button
	files, clipboard *kit.Button
	first, second    fyne.CanvasObject // the two rows
	words            *atMost           // what says who can do what, in the first
	firsts, seconds  []*kit.Button     // what of them may go without its label, in this order
	edge             *kit.Panel        // along the bottom, as the frame around what is shared
	root             *fyne.Container
}

// placer keeps a window at the top of everything, wherever along the upper edge it is. Whoever makes it is told when the screen
// becomes wider or narrower, on any goroutine; the window has been put where it can be seen by then.
type placer interface {
	move(x int)           // the window's left edge, in pixels of the screen
	at() int              // where it is
	pointer() (int, bool) // where the pointer is
	room() int            // the screen's width now
	middle(width int)     // puts a window of this width into the middle of the edge
	close()
}

// borders is the frame around what is shared. It follows the monitors when they change.
type borders interface {
	show(visible bool)
	close()
}

// New makes the bar and shows it. name is who helps.
func New(app fyne.App, name string, keys customer.HotKeys, actions Actions) *Bar {
	b := &Bar{name: name, actions: actions, keys: keys.Defaults()}
	driver, ok := app.Driver().(desktop.Driver)
	if ok {
		b.win = driver.CreateSplashWindow() // without a frame
	} else {
		b.win = app.NewWindow("")
	}
	b.win.SetTitle(name + " – " + text.T("app.name"))
	b.win.SetIcon(assets.AppIcon())
	b.win.SetPadded(false)
	if top, ok := b.win.(desktop.Window); ok {
		top.RequestAlwaysOnTop()
		top.RequestPosition(200, 0)
	}
	b.build()
	b.win.SetContent(kit.Root(container.New(&newborn{b.hold}, b.root)))
	b.win.SetCloseIntercept(func() {}) // it goes with the session
	return b
}

// Fyne is the window itself.
func (b *Bar) Fyne() fyne.Window { return b.win }

// Show puts the bar onto the screen. It does not get the keyboard, which is in use elsewhere: unfocused shows a window so.
func (b *Bar) Show(unfocused func(show func())) {
	unfocused(b.win.Show)
	b.hold()
	b.border = newBorders(b.place)
	b.fit()
	b.Update(b.last)
}

// hold keeps the window at the top as soon as there is one.
func (b *Bar) hold() {
	if b.place == nil {
		b.place = hold(b.win, func() { kit.Do(b.refit) })
	}
}

// refit makes the bar fit onto a screen that has become another.
func (b *Bar) refit() {
	if b.closed {
		return
	}
	b.fit()
	if b.actions.Screen != nil {
		b.actions.Screen()
	}
}

// newborn is the layout of a window's only object. It calls what is asked of it whenever that object's size is asked for: Fyne
// does so between making the system's window and showing it, and says nothing else about that moment.
type newborn struct{ made func() }

// MinSize is part of fyne.Layout.
func (n *newborn) MinSize(objects []fyne.CanvasObject) fyne.Size {
	n.made()
	return objects[0].MinSize()
}

// Layout is part of fyne.Layout.
func (n *newborn) Layout(objects []fyne.CanvasObject, size fyne.Size) { objects[0].Resize(size) }

func (b *Bar) build() {
	b.sentence = kit.NewText("").Sized(theme.Body)
	b.sentence.Bold = true
	b.sentence.Reserve(text.T("running.paused", "Name", b.name), text.T("running.control", "Name", b.name), text.T("running.view", "Name", b.name))
	b.since = kit.NewText("").Sized(theme.Caption).In(theme.Muted)
	b.holder = NewHolderBadge(func() { b.Update(b.last) })
	button := func(kind kit.Kind, label, icon string, do func()) *kit.Button {
		made := kit.NewButton(kind, label, icon, do)
		made.Low = true
		return made
	}
	toggle := func(p session.Permission) func() { return func() { b.actions.Toggle(p) } }
	b.switches = NewSwitches(b.actions.Toggle)
	b.switches.View.Low, b.switches.Control.Low = true, true
	b.files = button(kit.Quiet, "", "files", toggle(session.Files))
	b.clipboard = button(kit.Quiet, "", "clipboard", toggle(session.Clipboard))
	end := button(kit.Danger, text.T("session.end"), "circle-stop", b.actions.End).WithTip(text.T("session.end"))
	b.more = button(kit.Quiet, "", "chevron-down", b.toggleMore).WithTip(text.T("bar.menu"))
	b.draw = button(kit.Quiet, "", "pencil", b.actions.Draw).WithTip(text.T("running.draw"))
	window := button(kit.Quiet, text.T("bar.window"), "maximize", b.actions.Window).WithTip(text.T("bar.window"))
	keys := kit.NewText(text.T("running.keys", "Control", KeyName(b.keys.Control), "Files", KeyName(b.keys.Files), "Panic", KeyName(b.keys.Panic))).Sized(theme.Caption).In(theme.Muted)

	b.words = &atMost{}
	words := container.New(b.words, kit.Column(3, b.sentence, kit.Row(8, b.holder.Badge, b.since)))
	b.first = kit.Row(8, newGrip(b), kit.Mark(32), words, kit.Spring(), b.switches.View, b.switches.Control, end, b.draw, b.more)
	b.firsts = []*kit.Button{b.switches.Control, b.switches.View, end}
	b.seconds = []*kit.Button{window, b.clipboard, b.files}
	b.second = kit.Column(6, kit.Rule(), kit.Row(8, b.files, b.clipboard, window, kit.Spring(), keys))
	b.second.Hide()
	panel := kit.NewPanel(theme.Card, 0, kit.Pad(4, 8, 4, 4, kit.Column(6, b.first, b.second)))
	b.edge = kit.NewPanel(theme.Accent, 0, kit.Sized(1, borderWidth, kit.Column(0)))
	b.root = kit.Border(nil, b.edge, nil, nil, panel)
}

// toggleMore opens or closes the second row.
func (b *Bar) toggleMore() {
	if b.second.Visible() {
		b.second.Hide()
	} else {
		b.second.Show()
	}
	b.more.SetSelected(b.second.Visible())
	b.fit()
}

// SetDrawing says whether the tools for drawing are open.
func (b *Bar) SetDrawing(open bool) { b.draw.SetSelected(open) }

// fit makes the window as large as what is on it, its middle where it was.
func (b *Bar) fit() {
	if b.place != nil {
		room := float32(b.place.room())/b.win.Canvas().Scale() - around
		b.words.width = 0
		shorten(b.first, room, b.firsts)
		shorten(b.second, room, b.seconds)
		if over := b.first.MinSize().Width - room; over > 0 { // a long name, or a very narrow screen
			b.words.width = max(1, b.words.wanted-over)
		}
	}
	least := b.win.Content().MinSize()
	b.root.Refresh()
	if least != b.win.Canvas().Size() {
		b.win.Resize(least)
	}
	if b.place != nil {
		b.place.middle(int(math.Ceil(float64(least.Width * b.win.Canvas().Scale()))))
	}
}

// around is how much wider the bar is than its rows.
const around = 12

// atMost is the layout of one object that may have to do with less than it wants: texts end with an ellipsis then.
type atMost struct{ width, wanted float32 } // width 0: as wide as it wants

// MinSize is part of fyne.Layout.
func (a *atMost) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := objects[0].MinSize()
	a.wanted = size.Width
	if a.width > 0 {
		size.Width = min(size.Width, a.width)
	}
	return size
}

// Layout is part of fyne.Layout.
func (a *atMost) Layout(objects []fyne.CanvasObject, size fyne.Size) { objects[0].Resize(size) }

// shorten takes labels from buttons, one after another, until their row has room: the icon stays, and the label as its tip.
func shorten(row fyne.CanvasObject, room float32, buttons []*kit.Button) {
	for _, button := range buttons {
		button.SetCompact(false)
	}
	for _, button := range buttons {
		if row.MinSize().Width <= room {
			return
		}
		button.SetCompact(true)
	}
}

// Update makes the bar agree with the session.
func (b *Bar) Update(info customer.Info) {
	if b.closed {
		return
	}
	b.last = info
	sees := info.Permissions.Has(session.View)
	b.edge.SetFill(theme.Grey)
	if sees {
		b.edge.SetFill(theme.Accent)
	}
	switch {
	case info.State == session.Reconnecting:
		b.sentence.SetText(text.Reconnecting(info.Lost))
	case !sees:
		b.sentence.SetText(text.T("running.paused", "Name", b.name))
	case info.Permissions.Has(session.Control):
		b.sentence.SetText(text.T("running.control", "Name", b.name))
	default:
		b.sentence.SetText(text.T("running.view", "Name", b.name))
	}
	if !info.Started.IsZero() {
		b.since.SetText(text.T("bar.since", "Clock", text.Clock(info.Started)))
	}
	b.switches.Update(info)
	relabel(b.files, info.Permissions.Has(session.Files), "bar.no_files", "bar.files")
	relabel(b.clipboard, info.Permissions.Has(session.Clipboard), "bar.no_clipboard", "bar.clipboard")
	b.holder.Update(info)
	if b.border != nil {
		b.border.show(sees && info.State == session.Active)
	}
	b.fit()
}

// Close takes the bar and the frame away.
func (b *Bar) Close() {
	if b.closed {
		return
	}
	b.closed = true
	if b.border != nil {
		b.border.close()
	}
	if b.place != nil {
		b.place.close()
	}
	b.win.SetCloseIntercept(nil)
	b.win.Close()
}
