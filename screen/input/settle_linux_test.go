package input

import (
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/screen"
	"handrail/screen/internal/x11"
	"handrail/screen/screentest"
)

// slowProgram takes 15 ms for each key, asks only then what the keycode means, and answers pings.
type slowProgram struct {
	conn            *xgb.Conn
	root, window    xproto.Window
	protocols, ping xproto.Atom
	got             chan rune
}

func startSlowProgram(t *testing.T, display string) *slowProgram {
	t.Helper()
	conn, info, err := x11.Connect(display)
	if err != nil {
		t.Fatal(err)
	}
	p := &slowProgram{conn: conn, root: info.Root, got: make(chan rune, 1000)}
	p.window, err = xproto.NewWindowId(conn)
	if err != nil {
		t.Fatal(err)
	}
	xproto.CreateWindow(conn, 0, p.window, p.root, 0, 0, 100, 100, 0, xproto.WindowClassInputOutput, 0,
		xproto.CwEventMask, []uint32{xproto.EventMaskKeyPress | xproto.EventMaskStructureNotify})
	for name, atom := range map[string]*xproto.Atom{"WM_PROTOCOLS": &p.protocols, "_NET_WM_PING": &p.ping} {
		reply, err := xproto.InternAtom(conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			t.Fatal(err)
		}
		*atom = reply.Atom
	}
	value := make([]byte, 4)
	xgb.Put32(value, uint32(p.ping))
	xproto.ChangeProperty(conn, xproto.PropModeReplace, p.window, p.protocols, xproto.AtomAtom, 32, 1, value)
	xproto.MapWindow(conn, p.window)
	for mapped := false; !mapped; {
		event, xerr := conn.WaitForEvent()
		if event == nil && xerr == nil {
			t.Fatal("the display has gone")
		}
		_, mapped = event.(xproto.MapNotifyEvent)
	}
	if err := xproto.SetInputFocusChecked(conn, 0, p.window, 0).Check(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go p.run(ended)
	t.Cleanup(func() { conn.Close(); <-ended })
	return p
}

func (p *slowProgram) run(ended chan struct{}) {
	defer close(ended)
	for {
		event, xerr := p.conn.WaitForEvent()
		if event == nil && xerr == nil {
			return
		}
		switch e := event.(type) {
		case xproto.KeyPressEvent:
			time.Sleep(15 * time.Millisecond) // it is slow
			reply, err := xproto.GetKeyboardMapping(p.conn, e.Detail, 1).Reply()
			if err == nil {
				p.got <- screen.RuneOfKeysym(uint32(reply.Keysyms[0]))
			}
		case xproto.ClientMessageEvent:
			if e.Type == p.protocols && xproto.Atom(e.Data.Data32[0]) == p.ping {
				e.Window = p.root
				xproto.SendEvent(p.conn, false, p.root,
					xproto.EventMaskSubstructureNotify|xproto.EventMaskSubstructureRedirect, string(e.Bytes()))
			}
		}
	}
}

func TestWaitsForOneThatAnswersPings(t *testing.T) {
	d := screentest.Start(t, 640, 480)
	i := openOn(t, d)
	p := startSlowProgram(t, d.Name)
	text := "가각간갇갈갉갊감갑값갓갔강갖갗같갚갛개객갠갤갬갭갯갰갱갸갹갼걀걋걍걔걘걜거걱건걷걸걺검겁것겄겅겆겉겊겋게"
	if err := i.Type(text); err != nil {
		t.Fatal(err)
	}
	for _, want := range text {
		got := rune(0)
		for got == 0 { // the key without meaning that came first
			got = <-p.got
		}
		if got != want {
			t.Fatalf("got %q instead of %q", got, want)
		}
	}
}
