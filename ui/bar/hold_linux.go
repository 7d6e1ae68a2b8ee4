package bar

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/internal/xext"
)

// held is a window of an X display that no window manager has a hand in: such windows are above all others,
// also those in full screen, and are raised again when anything covers them.
type held struct {
	along
	conn    *xgb.Conn
	window  xproto.Window
	root    xproto.Window
	changed func() // called when the screen has become wider or narrower
	gone    chan struct{}
}

// hold takes the window from the window manager, at best before that has seen it: one that it has seen got the keyboard
// from it for a moment. changed is called when the screen's width has changed, on a goroutine that close waits for. nil: this is
// not X, or there is no window yet.
func hold(w fyne.Window, changed func()) placer {
	var window xproto.Window
	if native, ok := w.(driver.NativeWindow); ok {
		native.RunNative(func(context any) {
			if x, ok := context.(driver.X11WindowContext); ok {
				window = xproto.Window(x.WindowHandle)
			}
		})
	}
	if window == 0 {
		return nil
	}
	if h := holdWindow(window, changed); h != nil {
		return h
	}
	return nil
}

func holdWindow(window xproto.Window, changed func()) *held {
	conn, err := xext.Connect("")
	if err != nil {
		return nil
	}
	screen := xproto.Setup(conn).DefaultScreen(conn)
	h := &held{conn: conn, window: window, root: screen.Root, changed: changed, gone: make(chan struct{})}
	h.put, h.screen = h.place, int(screen.WidthInPixels)
	xproto.ChangeWindowAttributes(conn, h.root, xproto.CwEventMask, []uint32{xproto.EventMaskStructureNotify})
	if size, err := xproto.GetGeometry(conn, xproto.Drawable(h.root)).Reply(); err == nil { // what it is since the server tells
		h.screen = int(size.Width)
	}
	if !h.unseen() {
		h.take()
	}
	go h.run()
	return h
}

// unseen takes a window that has never been shown, and says whether it is one.
func (h *held) unseen() bool {
	attributes, err := xproto.GetWindowAttributes(h.conn, h.window).Reply()
	return err == nil && attributes.MapState == xproto.MapStateUnmapped && h.override() == nil
}

// override keeps window managers from the window from when it is shown next, and has the server tell what covers it.
func (h *held) override() error {
	return xproto.ChangeWindowAttributesChecked(h.conn, h.window, xproto.CwOverrideRedirect|xproto.CwEventMask,
		[]uint32{1, xproto.EventMaskVisibilityChange}).Check()
}

// reparentLimit is how long a window manager may take to let go of a window.
const reparentLimit = time.Second

// take has the window manager let go of the window.
func (h *held) take() {
	xproto.UnmapWindow(h.conn, h.window)
	for end := time.Now().Add(reparentLimit); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		tree, err := xproto.QueryTree(h.conn, h.window).Reply()
		if err != nil || tree.Parent == h.root {
			break
		}
	}
	_ = h.override() // the window may be gone
	h.place(0)
	xproto.MapWindow(h.conn, h.window)
	h.raise()
}

// raiseEvery bounds how often the window is raised when another one wants to be on top as well.
const raiseEvery = 100 * time.Millisecond

func (h *held) run() {
	defer close(h.gone)
	var last time.Time
	for {
		event, xerr := h.conn.WaitForEvent()
		if event == nil && xerr == nil {
			return
		}
		switch e := event.(type) {
		case xproto.ConfigureNotifyEvent:
			if e.Window == h.root && h.onto(int(e.Width)) {
				h.changed()
			}
		case xproto.VisibilityNotifyEvent:
			if e.State == xproto.VisibilityUnobscured {
				continue
			}
			if wait := raiseEvery - time.Since(last); wait > 0 {
				time.Sleep(wait)
			}
			last = time.Now()
			h.raise()
		}
	}
}

func (h *held) raise() {
	xproto.ConfigureWindow(h.conn, h.window, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove})
}

func (h *held) place(x int) {
	xproto.ConfigureWindow(h.conn, h.window, xproto.ConfigWindowX|xproto.ConfigWindowY, []uint32{uint32(x), 0})
}

func (h *held) pointer() (int, bool) {
	reply, err := xproto.QueryPointer(h.conn, h.root).Reply()
	if err != nil {
		return 0, false
	}
	return int(reply.RootX), true
}

func (h *held) close() {
	h.conn.Close()
	<-h.gone
}
