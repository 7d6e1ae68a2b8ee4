package endtoend

import (
	"encoding/binary"
	"strconv"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/internal/xext"
	"handrail/screen"
	"handrail/screen/screentest"
)

// dragged is a file manager from which files are dragged to another window, as far as the protocol XDND has it.
type dragged struct {
	t      *testing.T
	conn   *xgb.Conn
	window xproto.Window
	target xproto.Window
	list   []byte
}

func (d *dragged) atom(name string) xproto.Atom {
	d.t.Helper()
	reply, err := xproto.InternAtom(d.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		d.t.Fatal(err)
	}
	return reply.Atom
}

func (d *dragged) tell(kind string, data ...uint32) {
	d.t.Helper()
	all := [5]uint32{uint32(d.window)}
	copy(all[1:], data)
	e := xproto.ClientMessageEvent{Format: 32, Window: d.target, Type: d.atom(kind), Data: xproto.ClientMessageDataUnionData32New(all[:])}
	if err := xproto.SendEventChecked(d.conn, false, d.target, 0, string(e.Bytes())).Check(); err != nil {
		d.t.Fatal(err)
	}
}

// drop drags files onto a window, in its middle, and waits until it has taken them.
func drop(t *testing.T, display *screentest.Display, window string, paths ...string) {
	t.Helper()
	conn, err := xext.Connect(display.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	number, err := strconv.ParseUint(window, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	d := &dragged{t: t, conn: conn, target: xproto.Window(number)}
	for _, p := range paths {
		d.list = append(d.list, screen.FileURI(p)+"\r\n"...)
	}
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	d.window, _ = xproto.NewWindowId(conn)
	xproto.CreateWindow(conn, 0, d.window, root, 0, 0, 1, 1, 0, xproto.WindowClassInputOutput, 0, 0, nil)
	xproto.SetSelectionOwner(conn, d.window, d.atom("XdndSelection"), xproto.TimeCurrentTime)
	aware, err := xproto.GetProperty(conn, false, d.target, d.atom("XdndAware"), xproto.GetPropertyTypeAny, 0, 1).Reply()
	if err != nil || len(aware.Value) < 4 {
		t.Fatal("the window takes nothing that is dropped")
	}
	geometry, err := xproto.GetGeometry(conn, xproto.Drawable(d.target)).Reply()
	if err != nil {
		t.Fatal(err)
	}
	at, err := xproto.TranslateCoordinates(conn, d.target, root, int16(geometry.Width/2), int16(geometry.Height/2)).Reply()
	if err != nil {
		t.Fatal(err)
	}
	version := min(binary.LittleEndian.Uint32(aware.Value), 5)
	d.tell("XdndEnter", version<<24, uint32(d.atom("text/uri-list")))
	d.tell("XdndPosition", 0, uint32(at.DstX)<<16|uint32(uint16(at.DstY)), 0, uint32(d.atom("XdndActionCopy")))
	d.follow()
}

// follow answers the window until it has finished.
func (d *dragged) follow() {
	d.t.Helper()
	status, finished := d.atom("XdndStatus"), d.atom("XdndFinished")
	stop := time.AfterFunc(screentest.Limit, d.conn.Close)
	defer stop.Stop()
	for {
		event, xerr := d.conn.WaitForEvent()
		if event == nil && xerr == nil {
			d.t.Fatal("the window does not take what is dropped")
		}
		switch e := event.(type) {
		case xproto.ClientMessageEvent:
			switch e.Type {
			case status:
				if e.Data.Data32[1]&1 == 0 {
					d.t.Fatal("the window refuses what is dropped")
				}
				d.tell("XdndDrop", 0, xproto.TimeCurrentTime)
			case finished:
				return
			}
		case xproto.SelectionRequestEvent:
			xproto.ChangeProperty(d.conn, xproto.PropModeReplace, e.Requestor, e.Property, e.Target, 8, uint32(len(d.list)), d.list)
			answer := xproto.SelectionNotifyEvent{Time: e.Time, Requestor: e.Requestor, Selection: e.Selection, Target: e.Target, Property: e.Property}
			xproto.SendEvent(d.conn, false, e.Requestor, 0, string(answer.Bytes()))
		}
	}
}
