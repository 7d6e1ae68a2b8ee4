package bar

import (
	"image"
	"slices"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"

	"handrail/internal/xext"
)

// borderColor is the accent.
const borderColor = 0x0B7A75

// frames are four narrow windows around each monitor. Clicks go through them.
type frames struct {
	conn  *xgb.Conn
	root  xproto.Window
	randr bool // the server knows of monitors
	gone  chan struct{}

	mu      sync.Mutex
	windows []xproto.Window
	around  []image.Rectangle // the monitors that have them
	shown   bool
}

func newBorders(placer) borders {
	conn, err := xext.Connect("")
	if err != nil {
		return nil
	}
	if xext.Use(conn, xext.Shape) != nil {
		conn.Close()
		return nil
	}
	f := &frames{conn: conn, root: xproto.Setup(conn).DefaultScreen(conn).Root, gone: make(chan struct{})}
	f.listen()
	go f.run()
	return f
}

// listen has the server tell when monitors change: also those that are not whole outputs, which only the root window is told of.
func (f *frames) listen() {
	xproto.ChangeWindowAttributes(f.conn, f.root, xproto.CwEventMask, []uint32{xproto.EventMaskStructureNotify})
	if xext.Use(f.conn, xext.RandR) != nil {
		return
	}
	v, err := randr.QueryVersion(f.conn, 1, 5).Reply()
	f.randr = err == nil && (v.MajorVersion > 1 || v.MinorVersion >= 5)
	if f.randr {
		randr.SelectInput(f.conn, f.root, randr.NotifyMaskScreenChange|randr.NotifyMaskCrtcChange)
	}
}

// run lays the windows out anew when monitors have changed.
func (f *frames) run() {
	defer close(f.gone)
	for {
		event, xerr := f.conn.WaitForEvent()
		if event == nil && xerr == nil {
			return
		}
		switch event.(type) {
		case xproto.ConfigureNotifyEvent, randr.ScreenChangeNotifyEvent, randr.NotifyEvent:
			f.mu.Lock()
			f.layOutLocked()
			f.mu.Unlock()
		}
	}
}

// monitors are the rectangles of the monitors; the whole screen where they are not known.
func (f *frames) monitors() []image.Rectangle {
	var list []image.Rectangle
	if f.randr {
		if reply, err := randr.GetMonitors(f.conn, f.root, true).Reply(); err == nil {
			for _, m := range reply.Monitors {
				list = append(list, image.Rect(int(m.X), int(m.Y), int(m.X)+int(m.Width), int(m.Y)+int(m.Height)))
			}
		}
	}
	if len(list) > 0 {
		return list
	}
	size, err := xproto.GetGeometry(f.conn, xproto.Drawable(f.root)).Reply()
	if err != nil {
		return nil
	}
	return []image.Rectangle{image.Rect(0, 0, int(size.Width), int(size.Height))}
}

func (f *frames) show(visible bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if visible != f.shown {
		f.shown = visible
		f.layOutLocked()
	}
}

// layOutLocked makes the windows that belong around the present monitors, or none.
func (f *frames) layOutLocked() {
	var around []image.Rectangle
	if f.shown {
		around = f.monitors()
	}
	if slices.Equal(around, f.around) {
		return
	}
	for _, w := range f.windows {
		xproto.DestroyWindow(f.conn, w)
	}
	f.windows, f.around = nil, around
	for _, m := range around {
		for _, side := range sides(m) {
			f.side(side)
		}
	}
}

func (f *frames) side(r image.Rectangle) {
	id, err := xproto.NewWindowId(f.conn)
	if err != nil {
		return
	}
	xproto.CreateWindow(f.conn, xproto.WindowClassCopyFromParent, id, f.root, int16(r.Min.X), int16(r.Min.Y),
		uint16(r.Dx()), uint16(r.Dy()), 0, xproto.WindowClassInputOutput, 0,
		xproto.CwBackPixel|xproto.CwOverrideRedirect, []uint32{borderColor, 1})
	shape.Rectangles(f.conn, shape.SoSet, shape.SkInput, xproto.ClipOrderingUnsorted, id, 0, 0, nil)
	const title = "Handrail frame"
	xproto.ChangeProperty(f.conn, xproto.PropModeReplace, id, xproto.AtomWmName, xproto.AtomString, 8, uint32(len(title)), []byte(title))
	xproto.MapWindow(f.conn, id)
	f.windows = append(f.windows, id)
}

func (f *frames) close() {
	f.conn.Close()
	<-f.gone
}
