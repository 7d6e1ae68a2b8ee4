package input

import (
	"fmt"
	"time"

	"github.com/jezek/xgb/xproto"
)

// atoms are names that the X server knows by numbers.
type atoms struct {
	mark, protocols, ping xproto.Atom
}

// makeWindow makes the window that marks are sent to.
func (i *injector) makeWindow() error {
	for name, to := range map[string]*xproto.Atom{
		"_HANDRAIL_MARK": &i.atoms.mark, "WM_PROTOCOLS": &i.atoms.protocols, "_NET_WM_PING": &i.atoms.ping,
	} {
		reply, err := xproto.InternAtom(i.conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			return err
		}
		*to = reply.Atom
	}
	id, err := xproto.NewWindowId(i.conn)
	if err != nil {
		return err
	}
	i.window = id
	return xproto.CreateWindowChecked(i.conn, 0, id, i.root, -1, -1, 1, 1, 0, xproto.WindowClassInputOnly, 0,
		xproto.CwOverrideRedirect, []uint32{1}).Check()
}

// readEvents runs until the connection ends.
func (i *injector) readEvents() {
	defer close(i.gone)
	for {
		event, xerr := i.conn.WaitForEvent()
		if event == nil && xerr == nil {
			return
		}
		switch e := event.(type) {
		case xproto.MappingNotifyEvent:
			if e.Request != xproto.MappingPointer {
				i.stale.Store(true)
			}
		case xproto.ClientMessageEvent:
			data := e.Data.Data32
			switch {
			case e.Type == i.atoms.mark && e.Window == i.window:
				i.answer(data[0])
			case e.Type == i.atoms.protocols && xproto.Atom(data[0]) == i.atoms.ping:
				i.answer(data[1])
			}
		}
	}
}

func (i *injector) answer(serial uint32) {
	for {
		select {
		case i.answers <- serial:
			return
		default:
		}
		select {
		case <-i.answers:
		default:
		}
	}
}

// syncLimit is how long the X server may take to answer.
const syncLimit = 10 * time.Second

// sync waits until the X server has done all that it was asked for, and all events of that have been read.
func (i *injector) sync() error {
	i.serial++
	i.message(i.window, i.window, i.atoms.mark, i.serial, 0, 0)
	ok, err := i.await(i.serial, syncLimit, nil)
	if err == nil && !ok {
		err = fmt.Errorf("the X server does not answer")
	}
	return err
}

// await waits for an answer, at most so long.
func (i *injector) await(serial uint32, limit time.Duration, stop <-chan struct{}) (bool, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		select {
		case got := <-i.answers:
			if got == serial {
				return true, nil
			}
		case <-timer.C:
			return false, nil
		case <-stop:
			return false, ErrInterrupted
		case <-i.gone:
			return false, ErrClosed
		}
	}
}

// message sends a client message.
func (i *injector) message(to, window xproto.Window, kind xproto.Atom, data ...uint32) {
	five := make([]uint32, 5)
	copy(five, data)
	event := xproto.ClientMessageEvent{
		Format: 32, Window: window, Type: kind, Data: xproto.ClientMessageDataUnionData32New(five),
	}
	xproto.SendEvent(i.conn, false, to, 0, string(event.Bytes()))
}
