package input

import (
	"fmt"
	"io"
	"strings"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/screen"
	"handrail/screen/internal/x11"
)

// localWatch reads raw events of XInput2. One goroutine owns everything but conn.
type localWatch struct {
	conn   *xgb.Conn
	input  *x11.Input2
	on     func(screen.LocalEvent)
	gone   chan struct{} // closed when the goroutine has ended
	root   xproto.Window
	keymap *xproto.GetKeyboardMappingReply
	stale  bool // the keyboard map was changed since it was read
}

func watchLocal(o Options, on func(screen.LocalEvent)) (io.Closer, error) {
	conn, info, err := x11.ConnectInput2(o.Display)
	if err != nil {
		return nil, err
	}
	w := &localWatch{conn: conn, root: info.Root, on: on, gone: make(chan struct{})}
	if err := w.setUp(); err != nil {
		conn.Close()
		for { // the library's goroutines end when everything has been read
			if event, xerr := conn.WaitForEvent(); event == nil && xerr == nil {
				break
			}
		}
		return nil, fmt.Errorf("this computer's own mouse and keyboard cannot be told from the operator's: %w", err)
	}
	go w.run()
	return w, nil
}

func (w *localWatch) setUp() error {
	var err error
	if w.input, err = x11.NewInput2(w.conn); err != nil {
		return err
	}
	if err := w.readKeymap(); err != nil {
		return err
	}
	return w.listen()
}

func (w *localWatch) readKeymap() error {
	setup := xproto.Setup(w.conn)
	reply, err := xproto.GetKeyboardMapping(w.conn, setup.MinKeycode, byte(setup.MaxKeycode-setup.MinKeycode+1)).Reply()
	if err == nil {
		w.keymap, w.stale = reply, false
	}
	return err
}

// listen selects the events of all devices but XTEST's, of which each pair of master devices has its own: what
// programs inject does not even arrive here.
func (w *localWatch) listen() error {
	const tries = 5 // a device may go between the question and the selection
	var err error
	for range tries {
		var devices []x11.Device
		if devices, err = w.input.Devices(); err != nil {
			return err
		}
		var real []uint16
		for _, d := range devices {
			if !d.Master && !strings.HasSuffix(d.Name, " XTEST pointer") && !strings.HasSuffix(d.Name, " XTEST keyboard") {
				real = append(real, d.ID)
			}
		}
		if err = w.input.Select(w.root, real); err == nil {
			return nil
		}
	}
	return err
}

// keysym is what a key gives alone.
func (w *localWatch) keysym(code uint32) uint32 {
	at := (int(code) - int(xproto.Setup(w.conn).MinKeycode)) * int(w.keymap.KeysymsPerKeycode)
	if at < 0 || at >= len(w.keymap.Keysyms) {
		return 0
	}
	return uint32(w.keymap.Keysyms[at])
}

// run lives until the connection ends. Requests go out on it as well, so what they fail with is of no interest.
func (w *localWatch) run() {
	defer close(w.gone)
	for {
		event, xerr := w.conn.WaitForEvent()
		if event == nil && xerr == nil {
			return
		}
		switch e := event.(type) {
		case xproto.MappingNotifyEvent:
			if e.Request == xproto.MappingKeyboard {
				w.stale = true
			}
		case x11.RawEvent:
			w.raw(e)
		}
	}
}

func (w *localWatch) raw(e x11.RawEvent) {
	if e.Kind == x11.HierarchyChanged {
		_ = w.listen()
		return
	}
	switch e.Kind {
	case x11.RawKeyPress, x11.RawKeyRelease:
		if w.stale {
			_ = w.readKeymap()
		}
		w.on(screen.LocalEvent{Keysym: w.keysym(e.Detail), Down: e.Kind == x11.RawKeyPress})
	case x11.RawButtonPress, x11.RawTouchBegin:
		w.on(screen.LocalEvent{Down: true})
	case x11.RawButtonRelease, x11.RawMotion, x11.RawTouchUpdate, x11.RawTouchEnd:
		w.on(screen.LocalEvent{})
	}
}

// Close is part of io.Closer.
func (w *localWatch) Close() error {
	w.conn.Close()
	<-w.gone
	return nil
}
