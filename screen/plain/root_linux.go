package plain

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/internal/xext"
)

// root is the X server's own desktop, the root window, as plain window managers leave it to feh, hsetroot, nitrogen and the like.
// These keep a pixmap and name it in a property, which compositors and terminals with a see-through background look at as well.
type root struct {
	conn   *xgb.Conn
	screen *xproto.ScreenInfo

	named, own xproto.Atom // properties: the pixmap of the wallpaper, and the one that was put in its place
}

// plainColor is the colour in place of the wallpaper, as the X server writes it: a calm grey on which names of icons can be read.
const plainColor = 0x39424e

// Values of the root's knob beside a pixmap's number.
const (
	rootPlain = "plain"
	rootNone  = "none" // no program has named a wallpaper
)

// openRoot looks at the X server's desktop; "" is $DISPLAY.
func openRoot(display string) (*bench, error) {
	conn, err := xext.Connect(display)
	if err != nil {
		return nil, err
	}
	r := &root{conn: conn, screen: xproto.Setup(conn).DefaultScreen(conn)}
	b := &bench{close: conn.Close}
	if err := r.look(b); err != nil {
		conn.Close()
		return nil, err
	}
	return b, nil
}

// look finds out what there is to take off.
func (r *root) look(b *bench) (err error) {
	if r.named, err = r.atom("_XROOTPMAP_ID"); err != nil {
		return err
	}
	if r.own, err = r.atom("_HANDRAIL_PLAIN"); err != nil {
		return err
	}
	covered, err := r.covered()
	if err != nil {
		return err
	}
	if covered { // a file manager draws the desktop, and how it keeps its wallpaper is not known
		b.leave(Wallpaper)
	} else {
		b.knobs = append(b.knobs, knob{name: "root", kind: Wallpaper, plain: rootPlain, read: r.read, write: r.write})
	}
	composited, err := r.composited()
	if composited { // no compositor can be told to do without effects in a way that others know, too
		b.leave(Effects)
	}
	return err
}

func (r *root) atom(name string) (xproto.Atom, error) {
	reply, err := xproto.InternAtom(r.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return 0, err
	}
	return reply.Atom, nil
}

// property is a list of 32-bit numbers; empty if there is none.
func (r *root) property(w xproto.Window, name, kind xproto.Atom) ([]uint32, error) {
	reply, err := xproto.GetProperty(r.conn, false, w, name, kind, 0, 4096).Reply()
	if err != nil || reply.Format != 32 {
		return nil, err
	}
	list := make([]uint32, len(reply.Value)/4)
	for i := range list {
		list[i] = binary.LittleEndian.Uint32(reply.Value[4*i:])
	}
	return list, nil
}

// covered says whether a window lies over all of the root as the desktop.
func (r *root) covered() (bool, error) {
	clients, err := r.atom("_NET_CLIENT_LIST")
	if err != nil {
		return false, err
	}
	kind, err := r.atom("_NET_WM_WINDOW_TYPE")
	if err != nil {
		return false, err
	}
	desktop, err := r.atom("_NET_WM_WINDOW_TYPE_DESKTOP")
	if err != nil {
		return false, err
	}
	windows, err := r.property(r.screen.Root, clients, xproto.AtomWindow)
	if err != nil {
		return false, err
	}
	for _, w := range windows {
		kinds, err := r.property(xproto.Window(w), kind, xproto.AtomAtom)
		if err != nil {
			continue // it has just been closed
		}
		for _, k := range kinds {
			if xproto.Atom(k) == desktop {
				return true, nil
			}
		}
	}
	return false, nil
}

// composited says whether a compositor runs.
func (r *root) composited() (bool, error) {
	selection, err := r.atom(fmt.Sprintf("_NET_WM_CM_S%d", r.conn.DefaultScreen))
	if err != nil {
		return false, err
	}
	owner, err := xproto.GetSelectionOwner(r.conn, selection).Reply()
	return err == nil && owner.Owner != 0, err
}

func (r *root) pixmap(name xproto.Atom) (uint32, error) {
	list, err := r.property(r.screen.Root, name, xproto.AtomPixmap)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0], nil
}

func (r *root) read() (string, error) {
	now, err := r.pixmap(r.named)
	if err != nil {
		return "", err
	}
	own, err := r.pixmap(r.own)
	switch {
	case err != nil:
		return "", err
	case now == 0:
		return rootNone, nil
	case now == own:
		return rootPlain, nil
	}
	return strconv.FormatUint(uint64(now), 16), nil
}

func (r *root) write(value string) error {
	switch value {
	case rootNone:
		return nil
	case rootPlain:
		return r.cover()
	}
	id, err := strconv.ParseUint(value, 16, 32)
	if err != nil {
		return err
	}
	return errors.Join(r.show(xproto.Pixmap(id)), xproto.DeletePropertyChecked(r.conn, r.screen.Root, r.own).Check())
}

// cover puts one colour in place of the wallpaper, whose pixmap stays as it is with the program that made it.
func (r *root) cover() error {
	if now, err := r.read(); err != nil || now == rootNone {
		return err
	}
	id, err := xproto.NewPixmapId(r.conn)
	if err != nil {
		return err
	}
	if err := xproto.CreatePixmapChecked(r.conn, r.screen.RootDepth, id, xproto.Drawable(r.screen.Root), 1, 1).Check(); err != nil {
		return err
	}
	gc, err := xproto.NewGcontextId(r.conn)
	if err != nil {
		return err
	}
	xproto.CreateGC(r.conn, gc, xproto.Drawable(id), xproto.GcForeground, []uint32{plainColor})
	xproto.PolyFillRectangle(r.conn, xproto.Drawable(id), gc, []xproto.Rectangle{{Width: 1, Height: 1}})
	xproto.FreeGC(r.conn, gc)
	if err := r.name(r.own, id); err != nil {
		return err
	}
	return r.show(id)
}

// show makes a pixmap the wallpaper.
func (r *root) show(id xproto.Pixmap) error {
	if err := xproto.ChangeWindowAttributesChecked(r.conn, r.screen.Root, xproto.CwBackPixmap, []uint32{uint32(id)}).Check(); err != nil {
		return err
	}
	if err := r.name(r.named, id); err != nil {
		return err
	}
	return xproto.ClearAreaChecked(r.conn, false, r.screen.Root, 0, 0, 0, 0).Check()
}

func (r *root) name(property xproto.Atom, id xproto.Pixmap) error {
	value := binary.LittleEndian.AppendUint32(nil, uint32(id))
	return xproto.ChangePropertyChecked(r.conn, xproto.PropModeReplace, r.screen.Root, property, xproto.AtomPixmap, 32, 1, value).Check()
}
