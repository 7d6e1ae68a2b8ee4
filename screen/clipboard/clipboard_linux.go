package clipboard

import (
	"encoding/binary"
	"strings"
	"sync"

	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"handrail/screen"
)

// board is the CLIPBOARD selection of an X display. Its goroutine reads what others offer and gives what was set
// to those who ask; large things go in pieces (INCR, in the conventions ICCCM).
type board struct {
	*selection
	on   func(screen.Clip)
	gone chan struct{}

	reading reading             // owned by the goroutine
	giving  map[giveKey]*giving // owned by the goroutine

	mu   sync.Mutex
	clip screen.Clip // what was set, or read last: does not come back
}

// reading is what is being read from another program.
type reading struct {
	target xproto.Atom // asked for, 0: nothing
	best   xproto.Atom // to be asked for next, if it is no secret
	incr   bool        // it comes in pieces
	data   []byte
}

// giving is a large thing on its way to another program.
type giving struct {
	kind xproto.Atom
	data []byte
	last bool // the empty piece that ends it is out
}

type giveKey struct {
	window   xproto.Window
	property xproto.Atom
}

const (
	piece     = 64 << 10 // bytes in one property
	maxGiving = 8        // programs that may read in pieces at once
)

var atomNames = []string{
	"UTF8_STRING", "STRING", "TEXT", "text/plain", "text/plain;charset=utf-8", "image/png", "INCR", "ATOM", "_HANDRAIL_CLIP",
}

func open(o Options, on func(screen.Clip)) (screen.Clipboard, error) {
	s, err := openSelection(o, atomNames, xfixes.SelectionEventMaskSetSelectionOwner)
	if err != nil {
		return nil, err
	}
	b := &board{selection: s, on: on, gone: make(chan struct{}), giving: map[giveKey]*giving{}}
	go b.run()
	return b, nil
}

// Set is part of screen.Clipboard.
func (b *board) Set(clip screen.Clip) error {
	if err := clip.Check(); err != nil {
		return err
	}
	b.mu.Lock()
	b.clip = clip
	b.mu.Unlock()
	return b.own()
}

// Close is part of screen.Clipboard.
func (b *board) Close() error {
	b.conn.Close()
	<-b.gone
	return nil
}

func (b *board) run() {
	defer close(b.gone)
	for {
		event, xerr := b.conn.WaitForEvent()
		if event == nil && xerr == nil {
			return
		}
		switch e := event.(type) {
		case xfixes.SelectionNotifyEvent:
			if e.Owner != b.window && e.Owner != 0 {
				b.read(b.atoms["TARGETS"])
			}
		case xproto.SelectionNotifyEvent:
			b.answered(e)
		case xproto.PropertyNotifyEvent:
			b.property(e)
		case xproto.SelectionRequestEvent:
			b.give(e, func(property xproto.Atom) bool { return b.write(e.Requestor, property, e.Target) })
		}
	}
}

// read asks the owner for the selection in some form.
func (b *board) read(target xproto.Atom) {
	b.reading = reading{target: target}
	b.ask(target, b.atoms["_HANDRAIL_CLIP"])
}

// answered is the owner's answer.
func (b *board) answered(e xproto.SelectionNotifyEvent) {
	if e.Target != b.reading.target || e.Property == 0 {
		return
	}
	kind, data := b.take()
	switch {
	case e.Target == b.atoms["TARGETS"]:
		b.choose(data)
	case e.Target == b.atoms[secretHint]:
		if best, value := b.reading.best, strings.TrimRight(string(data), "\x00\r\n"); kind != b.atoms["INCR"] && value != "" && value != secretValue {
			b.read(best)
		}
	case kind == b.atoms["INCR"]:
		b.reading.incr = true
	default:
		b.reading.data = data
		b.finish()
	}
}

// take reads our property and deletes it, which tells the owner to go on. More than what is allowed is not read.
func (b *board) take() (kind xproto.Atom, data []byte) {
	reply, err := xproto.GetProperty(b.conn, true, b.window, b.atoms["_HANDRAIL_CLIP"], 0, 0, (screen.MaxClipPNG+4)/4).Reply()
	if err != nil {
		return 0, nil
	}
	if reply.BytesAfter > 0 {
		xproto.DeleteProperty(b.conn, b.window, b.atoms["_HANDRAIL_CLIP"])
		return 0, nil
	}
	return reply.Type, reply.Value
}

// choose asks for the best form that the owner offers: text where there is text, because what gives text may
// give a picture of it as well. Where the owner has something to say about secrets, that is read before: without an answer that
// can be understood, what was copied is left alone.
func (b *board) choose(targets []byte) {
	offered := map[xproto.Atom]bool{}
	for ; len(targets) >= 4; targets = targets[4:] {
		offered[xproto.Atom(binary.LittleEndian.Uint32(targets))] = true
	}
	for _, name := range []string{"UTF8_STRING", "text/plain;charset=utf-8", "image/png", "STRING"} {
		target := b.atoms[name]
		if !offered[target] {
			continue
		}
		if hint := b.atoms[secretHint]; offered[hint] {
			b.read(hint)
			b.reading.best = target
			return
		}
		b.read(target)
		return
	}
}

// property is a piece that has arrived, or one that was taken.
func (b *board) property(e xproto.PropertyNotifyEvent) {
	if e.State == xproto.PropertyDelete {
		b.giveOn(giveKey{e.Window, e.Atom})
		return
	}
	if e.Window != b.window || e.Atom != b.atoms["_HANDRAIL_CLIP"] || !b.reading.incr {
		return
	}
	_, data := b.take()
	if len(data) == 0 {
		b.finish()
		return
	}
	if len(b.reading.data)+len(data) > screen.MaxClipPNG {
		b.reading = reading{} // too large: the owner may go on, nobody listens
		return
	}
	b.reading.data = append(b.reading.data, data...)
}

// finish passes on what was read.
func (b *board) finish() {
	r := b.reading
	b.reading = reading{}
	clip := screen.Clip{Text: string(r.data)}
	switch r.target {
	case b.atoms["image/png"]:
		clip = screen.Clip{PNG: r.data}
	case b.atoms["STRING"]: // Latin-1
		runes := make([]rune, len(r.data))
		for i, c := range r.data {
			runes[i] = rune(c)
		}
		clip.Text = string(runes)
	}
	if clip.Check() != nil {
		return
	}
	b.mu.Lock()
	known := b.clip.Equal(clip)
	b.clip = clip
	b.mu.Unlock()
	if !known {
		b.on(clip)
	}
}

// write gives a program what was set, in the form it wants.
func (b *board) write(to xproto.Window, property, target xproto.Atom) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := []string{"UTF8_STRING", "text/plain;charset=utf-8", "text/plain", "TEXT"}
	forms := text
	data := []byte(b.clip.Text)
	if len(b.clip.PNG) > 0 {
		forms, data = []string{"image/png"}, b.clip.PNG
	}
	if target == b.atoms["TARGETS"] {
		list := binary.LittleEndian.AppendUint32(nil, uint32(target))
		for _, name := range forms {
			list = binary.LittleEndian.AppendUint32(list, uint32(b.atoms[name]))
		}
		xproto.ChangeProperty(b.conn, xproto.PropModeReplace, to, property, xproto.AtomAtom, 32, uint32(len(list)/4), list)
		return true
	}
	for _, name := range forms {
		if target != b.atoms[name] {
			continue
		}
		if len(data) <= piece {
			xproto.ChangeProperty(b.conn, xproto.PropModeReplace, to, property, target, 8, uint32(len(data)), data)
			return true
		}
		if len(b.giving) >= maxGiving {
			return false
		}
		b.giving[giveKey{to, property}] = &giving{kind: target, data: data}
		xproto.ChangeWindowAttributes(b.conn, to, xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange})
		size := binary.LittleEndian.AppendUint32(nil, uint32(len(data)))
		xproto.ChangeProperty(b.conn, xproto.PropModeReplace, to, property, b.atoms["INCR"], 32, 1, size)
		return true
	}
	return false
}

// giveOn writes the next piece after one was taken.
func (b *board) giveOn(key giveKey) {
	g := b.giving[key]
	if g == nil {
		return
	}
	if g.last {
		delete(b.giving, key)
		return
	}
	n := min(len(g.data), piece)
	xproto.ChangeProperty(b.conn, xproto.PropModeReplace, key.window, key.property, g.kind, 8, uint32(n), g.data[:n])
	g.data = g.data[n:]
	g.last = n == 0
}
