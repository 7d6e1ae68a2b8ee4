package clipboard

import (
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"handrail/internal/xext"
	"handrail/screen"
	"handrail/screen/internal/x11"
)

// board is the CLIPBOARD selection of an X display. Its goroutine reads what others offer and gives what was set
// to those who ask; large things go in pieces (INCR, in the conventions ICCCM).
type board struct {
	conn   *xgb.Conn
	window xproto.Window
	atoms  map[string]xproto.Atom
	on     func(screen.Clip)
	gone   chan struct{}

	reading reading             // owned by the goroutine
	giving  map[giveKey]*giving // owned by the goroutine

	mu   sync.Mutex
	clip screen.Clip // what was set, or read last: does not come back
}

// reading is what is being read from another program.
type reading struct {
	target xproto.Atom // asked for, 0: nothing
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
	"CLIPBOARD", "TARGETS", "UTF8_STRING", "STRING", "TEXT", "text/plain", "text/plain;charset=utf-8", "image/png", "INCR", "ATOM", "_HANDRAIL_CLIP",
}

func open(o Options, on func(screen.Clip)) (screen.Clipboard, error) {
	conn, info, err := x11.Connect(o.Display)
	if err != nil {
		return nil, err
	}
	b := &board{conn: conn, on: on, atoms: map[string]xproto.Atom{}, gone: make(chan struct{}), giving: map[giveKey]*giving{}}
	go b.run()
	if err := b.setUp(info.Root); err != nil {
		_ = b.Close()
		return nil, fmt.Errorf("the clipboard cannot be used: %w", err)
	}
	return b, nil
}

func (b *board) setUp(root xproto.Window) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, name := range atomNames {
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
		xproto.CwOverrideRedirect|xproto.CwEventMask, []uint32{1, xproto.EventMaskPropertyChange}).Check()
	if err != nil {
		return err
	}
	if err := xext.Use(b.conn, xext.XFixes); err != nil {
		return err
	}
	if _, err := xfixes.QueryVersion(b.conn, 5, 0).Reply(); err != nil {
		return err
	}
	return xfixes.SelectSelectionInputChecked(b.conn, id, b.atoms["CLIPBOARD"], xfixes.SelectionEventMaskSetSelectionOwner).Check()
}

// Set is part of screen.Clipboard.
func (b *board) Set(clip screen.Clip) error {
	if err := clip.Check(); err != nil {
		return err
	}
	b.mu.Lock()
	b.clip = clip
	b.mu.Unlock()
	return xproto.SetSelectionOwnerChecked(b.conn, b.window, b.atoms["CLIPBOARD"], xproto.TimeCurrentTime).Check()
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
				b.ask(b.atom("TARGETS"))
			}
		case xproto.SelectionNotifyEvent:
			b.answered(e)
		case xproto.PropertyNotifyEvent:
			b.property(e)
		case xproto.SelectionRequestEvent:
			b.give(e)
		}
	}
}

func (b *board) atom(name string) xproto.Atom {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.atoms[name]
}

// ask asks the owner for the selection in some form.
func (b *board) ask(target xproto.Atom) {
	b.reading = reading{target: target}
	xproto.ConvertSelection(b.conn, b.window, b.atom("CLIPBOARD"), target, b.atom("_HANDRAIL_CLIP"), xproto.TimeCurrentTime)
}

// answered is the owner's answer.
func (b *board) answered(e xproto.SelectionNotifyEvent) {
	if e.Target != b.reading.target || e.Property == 0 {
		return
	}
	kind, data := b.take()
	switch {
	case e.Target == b.atom("TARGETS"):
		b.choose(data)
	case kind == b.atom("INCR"):
		b.reading.incr = true
	default:
		b.reading.data = data
		b.finish()
	}
}

// take reads our property and deletes it, which tells the owner to go on. More than what is allowed is not read.
func (b *board) take() (kind xproto.Atom, data []byte) {
	reply, err := xproto.GetProperty(b.conn, true, b.window, b.atom("_HANDRAIL_CLIP"), 0, 0, (screen.MaxClipPNG+4)/4).Reply()
	if err != nil {
		return 0, nil
	}
	if reply.BytesAfter > 0 {
		xproto.DeleteProperty(b.conn, b.window, b.atom("_HANDRAIL_CLIP"))
		return 0, nil
	}
	return reply.Type, reply.Value
}

// choose asks for the best form that the owner offers: text where there is text, because what gives text may
// give a picture of it as well.
func (b *board) choose(targets []byte) {
	offered := map[xproto.Atom]bool{}
	for ; len(targets) >= 4; targets = targets[4:] {
		offered[xproto.Atom(binary.LittleEndian.Uint32(targets))] = true
	}
	for _, name := range []string{"UTF8_STRING", "text/plain;charset=utf-8", "image/png", "STRING"} {
		if target := b.atom(name); offered[target] {
			b.ask(target)
			return
		}
	}
}

// property is a piece that has arrived, or one that was taken.
func (b *board) property(e xproto.PropertyNotifyEvent) {
	if e.State == xproto.PropertyDelete {
		b.giveOn(giveKey{e.Window, e.Atom})
		return
	}
	if e.Window != b.window || e.Atom != b.atom("_HANDRAIL_CLIP") || !b.reading.incr {
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
	case b.atom("image/png"):
		clip = screen.Clip{PNG: r.data}
	case b.atom("STRING"): // Latin-1
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

// give answers a program that wants what was set.
func (b *board) give(e xproto.SelectionRequestEvent) {
	property := e.Property
	if property == 0 {
		property = e.Target // old programs
	}
	if !b.write(e.Requestor, property, e.Target) {
		property = 0
	}
	answer := xproto.SelectionNotifyEvent{Time: e.Time, Requestor: e.Requestor, Selection: e.Selection, Target: e.Target, Property: property}
	xproto.SendEvent(b.conn, false, e.Requestor, 0, string(answer.Bytes()))
}

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
