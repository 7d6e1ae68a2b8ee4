package bar

import (
	"image"

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
	conn    *xgb.Conn
	root    xproto.Window
	windows []xproto.Window
	shown   bool
	gone    chan struct{}
}

func newBorders() borders {
	conn, err := xext.Connect("")
	if err != nil {
		return nil
	}
	if xext.Use(conn, xext.Shape) != nil {
		conn.Close()
		return nil
	}
	f := &frames{conn: conn, root: xproto.Setup(conn).DefaultScreen(conn).Root, gone: make(chan struct{})}
	go func() { // errors and events have no other reader
		defer close(f.gone)
		for {
			if event, xerr := conn.WaitForEvent(); event == nil && xerr == nil {
				return
			}
		}
	}()
	return f
}

// monitors are the rectangles of the monitors; the whole screen where they are not known.
func (f *frames) monitors() []image.Rectangle {
	var list []image.Rectangle
	if xext.Use(f.conn, xext.RandR) == nil {
		if v, err := randr.QueryVersion(f.conn, 1, 5).Reply(); err == nil && (v.MajorVersion > 1 || v.MinorVersion >= 5) {
			if reply, err := randr.GetMonitors(f.conn, f.root, true).Reply(); err == nil {
				for _, m := range reply.Monitors {
					list = append(list, image.Rect(int(m.X), int(m.Y), int(m.X)+int(m.Width), int(m.Y)+int(m.Height)))
				}
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
	if visible == f.shown {
		return
	}
	f.shown = visible
	for _, w := range f.windows {
		xproto.DestroyWindow(f.conn, w)
	}
	f.windows = nil
	if !visible {
		return
	}
	for _, m := range f.monitors() {
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
