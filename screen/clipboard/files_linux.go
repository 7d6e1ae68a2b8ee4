package clipboard

import (
	"encoding/binary"
	"strings"
	"sync"

	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"handrail/screen"
)

// fileBoard is the CLIPBOARD selection of an X display as file managers use it. Besides text/uri-list, which all of
// them read, GNOME's and its relatives want to be told in a form of their own that the files are copied, not cut.
type fileBoard struct {
	*selection
	on   func([]string)
	gone chan struct{}

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
	s, err := openSelection(o, []string{uriList, gnome, filesAs},
		xfixes.SelectionEventMaskSetSelectionOwner|xfixes.SelectionEventMaskSelectionWindowDestroy|xfixes.SelectionEventMaskSelectionClientClose)
	if err != nil {
		return nil, err
	}
	b := &fileBoard{selection: s, on: on, gone: make(chan struct{})}
	go b.run()
	b.read("TARGETS") // what has been copied already
	return b, nil
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
	return b.own()
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
				b.read("TARGETS")
			}
		case xproto.SelectionNotifyEvent:
			b.answered(e)
		case xproto.SelectionRequestEvent:
			b.give(e, func(property xproto.Atom) bool { return b.write(e.Requestor, property, e.Target) })
		}
	}
}

func (b *fileBoard) read(target string) { b.ask(b.atoms[target], b.atoms[filesAs]) }

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
		files, secret := false, false
		for ; len(data) >= 4; data = data[4:] {
			switch xproto.Atom(binary.LittleEndian.Uint32(data)) {
			case b.atoms[uriList]:
				files = true
			case b.atoms[secretHint]: // whatever its value: file managers do not offer it
				secret = true
			}
		}
		if files && !secret {
			b.read(uriList)
			return
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

// write gives a program that pastes what was set, in the form it wants.
func (b *fileBoard) write(to xproto.Window, property, target xproto.Atom) bool {
	b.mu.Lock()
	lines := b.lines
	b.mu.Unlock()
	put := func(kind xproto.Atom, format byte, data []byte) bool {
		xproto.ChangeProperty(b.conn, xproto.PropModeReplace, to, property, kind, format, uint32(len(data))/uint32(format/8), data)
		return true
	}
	switch target {
	case b.atoms["TARGETS"]:
		var list []byte
		for _, name := range []string{"TARGETS", uriList, gnome} {
			list = binary.LittleEndian.AppendUint32(list, uint32(b.atoms[name]))
		}
		return put(xproto.AtomAtom, 32, list)
	case b.atoms[uriList]:
		return put(target, 8, []byte(strings.Join(lines, "\r\n")+"\r\n"))
	case b.atoms[gnome]:
		return put(target, 8, []byte("copy\n"+strings.Join(lines, "\n")))
	}
	return false
}
