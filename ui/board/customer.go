package board

import (
	"image"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
	"fyne.io/fyne/v2/driver/desktop"

	"handrail/assets"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
	"handrail/whiteboard"
)

// Own is the part of a customer's session with which the customer draws over the own screen. StartDrawing gives what
// the pointer does to on instead of to the programs, except above the window with this handle; it may block. Drawn is the
// screen with what is drawn on it.
type Own interface {
	Board() *whiteboard.Pad
	Drawn() (*image.RGBA, error)
	Monitors() []whiteboard.Monitor
	StartDrawing(above uintptr, on func(whiteboard.Input)) error
	StopDrawing()
}

// Window is the customer's panel of tools, in a small window of its own that stays on top. While it is open with a tool
// in the hand, the pointer draws.
type Window struct {
	win   fyne.Window
	own   Own
	hand  *whiteboard.Hand
	tools *Tools
	panel *Panel
	taken bool
	over  bool // the window is closed
	close func()
}

// Place is where a Window has room.
type Place struct {
	Low bool        // the monitor is low
	At  image.Point // of the window's content, as desktop.Window has it; 0, 0: the window system decides
}

// OpenWindow opens the panel with a pen in the hand; closed is called when it is closed.
func OpenWindow(app fyne.App, own Own, place Place, closed func()) *Window {
	w := &Window{own: own, close: closed, win: app.NewWindow(text.T("running.draw"))}
	w.hand = &whiteboard.Hand{
		Pad: own.Board(), Monitors: own.Monitors,
		Write: func(x, y int) { kit.Do(func() { w.write(x, y) }) },
	}
	w.tools = NewTools(w.hand, whiteboard.Blue)
	pad := own.Board()
	w.panel = NewWidePanel(w.tools, place.Low, Actions{
		Undo: func() { pad.Undo() }, Redo: func() { pad.Redo() }, Clear: func() { _ = pad.Clear() }, Save: w.save, Close: w.Close,
	})
	w.tools.OnChange = func() {
		w.panel.Update()
		w.follow()
	}
	w.win.SetIcon(assets.AppIcon())
	w.win.SetPadded(false)
	w.win.SetFixedSize(true)
	w.win.SetContent(kit.Root(kit.NewPanel(theme.Card, 0, kit.PadAll(10, w.panel.Object))))
	w.win.SetOnClosed(w.stopped)
	if top, ok := w.win.(desktop.Window); ok {
		top.RequestAlwaysOnTop()
		if place.At != (image.Point{}) {
			top.RequestPosition(place.At.X, place.At.Y)
		}
	}
	w.win.Show()
	time.AfterFunc(settle, func() { kit.Do(func() { w.tools.Choose(whiteboard.ToolOf(whiteboard.Pen)) }) })
	return w
}

// settle is how long the window system gets to show the window before the pointer is taken below it.
const settle = 300 * time.Millisecond

// Fyne is the window itself.
func (w *Window) Fyne() fyne.Window { return w.win }

// Close puts the tools away.
func (w *Window) Close() { w.win.Close() }

func (w *Window) stopped() {
	w.over = true
	w.hand.Hold(whiteboard.Cursor, whiteboard.Style{})
	w.own.StopDrawing()
	if w.close != nil {
		w.close()
	}
}

// follow takes the pointer while something is in the hand that draws, and gives it back otherwise.
func (w *Window) follow() {
	if w.over {
		return
	}
	switch holds := w.hand.Holds(); {
	case holds && !w.taken:
		w.taken = true
		handle := w.handle()
		go func() {
			if w.own.StartDrawing(handle, w.hand.Take) != nil {
				kit.Do(func() {
					w.taken = false
					w.tools.Choose(whiteboard.Cursor)
				})
			}
		}()
	case !holds && w.taken:
		w.taken = false
		w.own.StopDrawing()
	}
}

// handle is the window as the system names it; 0 where that is not known.
func (w *Window) handle() (handle uintptr) {
	native, ok := w.win.(driver.NativeWindow)
	if !ok {
		return 0
	}
	native.RunNative(func(context any) {
		switch c := context.(type) {
		case driver.X11WindowContext:
			handle = c.WindowHandle
		case driver.WindowsWindowContext:
			handle = c.HWND
		}
	})
	return handle
}

// write asks for a text in the panel's window, and puts it where the pointer was.
func (w *Window) write(x, y int) {
	if !w.over {
		w.panel.Ask(w.win, func(line string) { w.hand.Put(x, y, line) })
	}
}

// aside is how long the window system gets to show what the tools were over.
const aside = 300 * time.Millisecond

// save keeps a picture of the screen with what is drawn on it, without the tools.
func (w *Window) save() {
	tool := w.tools.Tool()
	w.tools.Choose(whiteboard.Cursor)
	w.win.Hide()
	go func() {
		time.Sleep(aside)
		picture, err := w.own.Drawn()
		path := ""
		if err == nil {
			path, err = SavePicture(PicturesFolder(), PictureName(text.T("app.name"), time.Now()), picture)
		}
		kit.Do(func() { w.saved(tool, path, err) })
	}()
}

func (w *Window) saved(tool whiteboard.Tool, path string, err error) {
	if w.over {
		return
	}
	w.win.Show()
	if err != nil {
		w.panel.Say(text.T("viewer.snapshot.failed"))
	} else {
		w.panel.Say(text.T("viewer.snapshot.saved", "Path", path))
	}
	time.AfterFunc(settle, func() { kit.Do(func() { w.tools.Choose(tool) }) })
}
