package clipboard

import (
	"encoding/binary"
	"fmt"
	"strings"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"handrail/internal/xext"
	"handrail/screen"
	"handrail/screen/internal/x11"
)

// fileBoard is the CLIPBOARD selection of an X display as file managers use it. Besides text/uri-list, which all of
// them read, GNOME's and its relatives want to be told in a form of their own that the files are copied, not cut.
type fileBoard struct {
	conn   *xgb.Conn
	window xproto.Window
	atoms  map[string]xproto.Atom // fixed after setUp
	on     func([]string)
	gone   chan struct{}

	mu    sync.Mutex
	lines []string // the URIs that were set, or read last: they do not come back
}

const (
	uriList  = "text/uri-list"
	gnome    = "x-special/gnome-copied-files"
	filesAs  = "_HANDRAIL_FILES"
	maxLines = 200 << 10 // bytes of URIs, which X carries in one piece
)

func openFiles(o Options, on func([]string)) (screen.FileClipboard, error) {
	conn, info, err := x11.Connect(o.Display)
	if err != nil {
		return nil, err
	}
	b := &fileBoard{conn: conn, on: on, atoms: map[string]xproto.Atom{}, gone: make(chan struct{})}
	if err := b.setUp(info.Root); err != nil {
		conn.Close()
		return nil, fmt.Errorf("the clipboard cannot be used: %w", err)
	}
	go b.run()
	b.ask("TARGETS") // what has been copied already
	return b, nil
}

func (b *fileBoard) setUp(root xproto.Window) error {
	for _, name := range []string{"CLIPBOARD", "TARGETS", uriList, gnome, filesAs} {
		reply, err := xproto.InternAtom(b.conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			return err
		}
		b.atoms[name] = reply.Atom
	}
	id, err := xproto.NewWindowId(b.conn)
	if err != nil {
		return err
	}
	b.window = id
	err = xproto.CreateWindowChecked(b.conn, 0, id, root, -1, -1, 1, 1, 0, xproto.WindowClassInputOutput, 0,
		xproto.CwOverrideRedirect, []uint32{1}).Check()
	if err != nil {
		return err
	}
	if err := xext.Use(b.conn, xext.XFixes); err != nil {
		return err
	}
	if _, err := xfixes.QueryVersion(b.conn, 5, 0).Reply(); err != nil {
		return err
	}
	return xfixes.SelectSelectionInputChecked(b.conn, id, b.atoms["CLIPBOARD"],
		xfixes.SelectionEventMaskSetSelectionOwner|xfixes.SelectionEventMaskSelectionWindowDestroy|xfixes.SelectionEventMaskSelectionClientClose).Check()
}

// SetFiles is part of screen.FileClipboard.
func (b *fileBoard) SetFiles(paths []string) error {
	if len(paths) == 0 {
		return errNoFiles
	}
	lines := make([]string, len(paths))
	size := 0
	for i, p := range paths {
		lines[i] = screen.FileURI(p)
		size += len(lines[i]) + 2
	}
	if size > maxLines || len(paths) > screen.MaxClipFiles {
		return errTooMany
	}
	b.mu.Lock()
	b.lines = lines
	b.mu.Unlock()
	return xproto.SetSelectionOwnerChecked(b.conn, b.window, b.atoms["CLIPBOARD"], xproto.TimeCurrentTime).Check()
}

// Close is part of screen.FileClipboard.
func (b *fileBoard) Close() error {
	b.conn.Close()
	<-b.gone
	return nil
}

func (b *fileBoard) run() {
	defer close(b.gone)
	for {
		event, xerr := b.conn.WaitForEvent()
		if event == nil && xerr == nil {
			return
		}
		switch e := event.(type) {
		case xfixes.SelectionNotifyEvent:
			switch {
			case e.Owner == 0:
				b.heard(nil)
			case e.Owner != b.window:
				b.ask("TARGETS")
			}
		case xproto.SelectionNotifyEvent:
			b.answered(e)
		case xproto.SelectionRequestEvent:
			b.give(e)
		}
	}
}

func (b *fileBoard) ask(target string) {
	xproto.ConvertSelection(b.conn, b.window, b.atoms["CLIPBOARD"], b.atoms[target], b.atoms[filesAs], xproto.TimeCurrentTime)
}

// answered is the owner's answer: which forms it has, or the files.
func (b *fileBoard) answered(e xproto.SelectionNotifyEvent) {
	var data []byte
	if e.Property != 0 {
		reply, err := xproto.GetProperty(b.conn, true, b.window, b.atoms[filesAs], 0, 0, maxLines/4).Reply()
		if err == nil && reply.BytesAfter == 0 {
			data = reply.Value
		} else {
			xproto.DeleteProperty(b.conn, b.window, b.atoms[filesAs])
		}
	}
	switch e.Target {
	case b.atoms[uriList]:
		b.heard(strings.FieldsFunc(string(data), func(r rune) bool { return r == '\n' || r == '\r' || r == 0 }))
	case b.atoms["TARGETS"]:
		for ; len(data) >= 4; data = data[4:] {
			if xproto.Atom(binary.LittleEndian.Uint32(data)) == b.atoms[uriList] {
				b.ask(uriList)
				return
			}
		}
		b.heard(nil)
	}
}

// heard passes on what was copied, unless it is what was set here.
func (b *fileBoard) heard(lines []string) {
	paths := []string{}
	for _, line := range lines {
		if p := screen.URIPath(line); p != "" && len(paths) < screen.MaxClipFiles {
			paths = append(paths, p)
		}
	}
	b.mu.Lock()
	known := strings.Join(b.lines, "\n") == strings.Join(lines, "\n")
	b.lines = lines
	b.mu.Unlock()
	if !known {
		b.on(paths)
	}
}

// give answers a program that pastes.
func (b *fileBoard) give(e xproto.SelectionRequestEvent) {
	property := e.Property
	if property == 0 {
		property = e.Target // old programs
	}
	b.mu.Lock()
	lines := b.lines
	b.mu.Unlock()
	put := func(kind xproto.Atom, format byte, data []byte) {
		xproto.ChangeProperty(b.conn, xproto.PropModeReplace, e.Requestor, property, kind, format, uint32(len(data))/uint32(format/8), data)
	}
	switch e.Target {
	case b.atoms["TARGETS"]:
		var list []byte
		for _, name := range []string{"TARGETS", uriList, gnome} {
			list = binary.LittleEndian.AppendUint32(list, uint32(b.atoms[name]))
		}
		put(xproto.AtomAtom, 32, list)
	case b.atoms[uriList]:
		put(e.Target, 8, []byte(strings.Join(lines, "\r\n")+"\r\n"))
	case b.atoms[gnome]:
		put(e.Target, 8, []byte("copy\n"+strings.Join(lines, "\n")))
	default:
		property = 0
	}
	answer := xproto.SelectionNotifyEvent{Time: e.Time, Requestor: e.Requestor, Selection: e.Selection, Target: e.Target, Property: property}
	xproto.SendEvent(b.conn, false, e.Requestor, 0, string(answer.Bytes()))
}
