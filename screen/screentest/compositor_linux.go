package screentest

import (
	"image/color"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/screen/internal/x11"
)

// Compositor starts the compositor picom, which fades windows in and out and gives them shadows, and waits until it
// paints the display, with a background of this colour.
func (d *Display) Compositor(background color.RGBA) *Process {
	d.t.Helper()
	if err := d.setBackground(background); err != nil {
		d.t.Fatal(err)
	}
	p := d.Run("picom", "--config", "/dev/null", "--backend", "xrender", "--fading", "--shadow")
	WaitFor(d.t, "picom paints the display", func() bool {
		conn, _, err := x11.Connect(d.Name)
		if err != nil {
			return false
		}
		defer conn.Close()
		const name = "_NET_WM_CM_S0"
		atom, err := xproto.InternAtom(conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			return false
		}
		owner, err := xproto.GetSelectionOwner(conn, atom.Atom).Reply()
		return err == nil && owner.Owner != 0
	})
	return p
}

// setBackground gives the display a background where compositors look for it: in a pixmap that outlives who made it.
func (d *Display) setBackground(c color.RGBA) error {
	conn, info, err := x11.Connect(d.Name)
	if err != nil {
		return err
	}
	defer conn.Close()
	pixmap, err := xproto.NewPixmapId(conn)
	if err != nil {
		return err
	}
	gc, err := xproto.NewGcontextId(conn)
	if err != nil {
		return err
	}
	width, height := uint16(d.Width), uint16(d.Height)
	xproto.CreatePixmap(conn, info.RootDepth, pixmap, xproto.Drawable(info.Root), width, height)
	pixel := uint32(c.R)<<16 | uint32(c.G)<<8 | uint32(c.B)
	xproto.CreateGC(conn, gc, xproto.Drawable(pixmap), xproto.GcForeground, []uint32{pixel})
	xproto.PolyFillRectangle(conn, xproto.Drawable(pixmap), gc, []xproto.Rectangle{{Width: width, Height: height}})
	const name = "_XROOTPMAP_ID"
	atom, err := xproto.InternAtom(conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return err
	}
	data := make([]byte, 4)
	xgb.Put32(data, uint32(pixmap))
	xproto.ChangeProperty(conn, xproto.PropModeReplace, info.Root, atom.Atom, xproto.AtomPixmap, 32, 1, data)
	return xproto.SetCloseDownModeChecked(conn, xproto.CloseDownRetainPermanent).Check()
}
