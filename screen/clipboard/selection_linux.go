package clipboard

import (
	"fmt"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"handrail/internal/xext"
	"handrail/screen/internal/x11"
)

// selection is the CLIPBOARD selection of an X display, seen from a window of our own that nobody sees. The fields do not
// change once it is open.
type selection struct {
	conn   *xgb.Conn
	window xproto.Window
	atoms  map[string]xproto.Atom
}

// secretHint is offered besides what was copied by password managers, with the value secretValue for what is not for programs
// like this one. It comes from KDE; KeePassXC and others offer it on all desktops.
const secretHint, secretValue = "x-kde-passwordManagerHint", "secret"

// openSelection opens it with the atoms named, besides CLIPBOARD, TARGETS and secretHint. events are those of XFixes that are wanted.
func openSelection(o Options, names []string, events uint32) (*selection, error) {
	conn, info, err := x11.Connect(o.Display)
	if err != nil {
		return nil, err
	}
	s := &selection{conn: conn, atoms: map[string]xproto.Atom{}}
	if err := s.setUp(info.Root, append([]string{"CLIPBOARD", "TARGETS", secretHint}, names...), events); err != nil {
		conn.Close()
		return nil, fmt.Errorf("the clipboard cannot be used: %w", err)
	}
	return s, nil
}

func (s *selection) setUp(root xproto.Window, names []string, events uint32) error {
	for _, name := range names {
		reply, err := xproto.InternAtom(s.conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			return err
		}
		s.atoms[name] = reply.Atom
	}
	id, err := xproto.NewWindowId(s.conn)
	if err != nil {
		return err
	}
	s.window = id
	err = xproto.CreateWindowChecked(s.conn, 0, id, root, -1, -1, 1, 1, 0, xproto.WindowClassInputOutput, 0,
		xproto.CwOverrideRedirect|xproto.CwEventMask, []uint32{1, xproto.EventMaskPropertyChange}).Check()
	if err != nil {
		return err
	}
	if err := xext.Use(s.conn, xext.XFixes); err != nil {
		return err
	}
	if _, err := xfixes.QueryVersion(s.conn, 5, 0).Reply(); err != nil {
		return err
	}
	return xfixes.SelectSelectionInputChecked(s.conn, id, s.atoms["CLIPBOARD"], events).Check()
}

// own makes this window the one that is asked for what was copied.
func (s *selection) own() error {
	return xproto.SetSelectionOwnerChecked(s.conn, s.window, s.atoms["CLIPBOARD"], xproto.TimeCurrentTime).Check()
}

// ask asks the owner for the selection in some form, to be put into a property of our window.
func (s *selection) ask(target, property xproto.Atom) {
	xproto.ConvertSelection(s.conn, s.window, s.atoms["CLIPBOARD"], target, property, xproto.TimeCurrentTime)
}

// give answers a program that asks: write puts the form it wants into the property, or tells that there is none.
func (s *selection) give(e xproto.SelectionRequestEvent, write func(property xproto.Atom) bool) {
	property := e.Property
	if property == 0 {
		property = e.Target // old programs
	}
	if !write(property) {
		property = 0
	}
	answer := xproto.SelectionNotifyEvent{Time: e.Time, Requestor: e.Requestor, Selection: e.Selection, Target: e.Target, Property: property}
	xproto.SendEvent(s.conn, false, e.Requestor, 0, string(answer.Bytes()))
}
