package whiteboard

import (
	"encoding/binary"
	"fmt"
	"image"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Messages between a hub and a leaf, and what follows the byte of their type. Numbers are uvarints unless said
// otherwise; a string is its length and its UTF-8; a point is two signed varints, from the point before it in
// the same message. Several messages follow each other in one packet of the stream.
//
//	begin    id · kind u8 · red u8 · green u8 · blue u8 · width · life · monitor string · width · height ·
//	         text string · count · points
//	extend   id · count · points          pen, highlighter and line grow; others get another second point
//	finish   id
//	erase    id · count · cuts            a cut is an id, and two places on its line
//	remove   id                           undo
//	restore  id                           redo
//	clear    id                           everything before this id
//	expire   id                           from the hub alone: this item is gone for good
//	known    id                           from the hub alone: items up to this one may have existed
//	pointer  author · monitor string · width · height · point · on u8
//	author   author · name string · red u8 · green u8 · blue u8 · you u8      from the hub alone
//	shown    taken · given · update       from the hub alone: see Shown
//
// An id is its clock and its author.
type opType uint8

const (
	opBegin opType = iota + 1
	opExtend
	opFinish
	opErase
	opRemove
	opRestore
	opClear
	opExpire
	opKnown
	opPointer
	opAuthor
	opShown
	opTypes
)

// counted tells whether messages of the type count for Shown.
func (t opType) counted() bool { return t <= opExpire }

// op is one message. Which fields count depends on the type.
type op struct {
	kind   opType
	id     ID
	style  Style
	place  Place
	text   string
	points []Point
	cuts   []Cut
	person Person // author
	you    bool   // author: the receiver's own
	on     bool   // pointer: shown
	shown  Shown
}

// Person is an author as the others see him.
type Person struct {
	Author Author
	Name   string
	Color  Color
}

// Shown says what of a board the customer's screen shows.
type Shown struct {
	Taken  uint64 // messages that the hub has taken from this leaf
	Given  uint64 // messages that the hub has given to this leaf
	Update uint32 // the update of the picture with which it has arrived
}

func (o op) appendTo(b []byte) []byte {
	b = append(b, byte(o.kind))
	switch o.kind {
	case opPointer:
		b = binary.AppendUvarint(b, uint64(o.id.Author))
		b = appendPlace(b, o.place)
		b = appendPoints(b, o.points)
		return append(b, flag(o.on))
	case opAuthor:
		b = binary.AppendUvarint(b, uint64(o.person.Author))
		b = appendString(b, o.person.Name)
		return append(b, o.person.Color.R, o.person.Color.G, o.person.Color.B, flag(o.you))
	case opShown:
		b = binary.AppendUvarint(b, o.shown.Taken)
		b = binary.AppendUvarint(b, o.shown.Given)
		return binary.AppendUvarint(b, uint64(o.shown.Update))
	}
	b = appendID(b, o.id)
	switch o.kind {
	case opBegin:
		b = append(b, byte(o.style.Kind), o.style.Color.R, o.style.Color.G, o.style.Color.B)
		b = binary.AppendUvarint(b, uint64(o.style.Width))
		b = binary.AppendUvarint(b, uint64(o.style.Life))
		b = appendPlace(b, o.place)
		b = appendString(b, o.text)
		b = binary.AppendUvarint(b, uint64(len(o.points)))
		b = appendPoints(b, o.points)
	case opExtend:
		b = binary.AppendUvarint(b, uint64(len(o.points)))
		b = appendPoints(b, o.points)
	case opErase:
		b = binary.AppendUvarint(b, uint64(len(o.cuts)))
		for _, c := range o.cuts {
			b = appendID(b, c.Target)
			b = binary.AppendUvarint(b, uint64(c.From))
			b = binary.AppendUvarint(b, uint64(c.To))
		}
	}
	return b
}

func appendID(b []byte, id ID) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, id.Clock), uint64(id.Author))
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendPlace(b []byte, p Place) []byte {
	b = appendString(b, p.Monitor)
	b = binary.AppendUvarint(b, uint64(p.Size.X))
	return binary.AppendUvarint(b, uint64(p.Size.Y))
}

func appendPoints(b []byte, points []Point) []byte {
	last := Point{}
	for _, p := range points {
		b = binary.AppendVarint(b, int64(p.X-last.X))
		b = binary.AppendVarint(b, int64(p.Y-last.Y))
		last = p
	}
	return b
}

func flag(v bool) byte {
	if v {
		return 1
	}
	return 0
}

// reader takes a message apart. After the first thing that is wrong it gives zeros.
type reader struct {
	data []byte
	bad  bool
}

func (r *reader) byte() byte {
	if len(r.data) == 0 {
		r.bad = true
		return 0
	}
	b := r.data[0]
	r.data = r.data[1:]
	return b
}

// number reads a number of at most limit.
func (r *reader) number(limit uint64) uint64 {
	v, n := binary.Uvarint(r.data)
	if n <= 0 || v > limit {
		r.bad, r.data = true, nil
		return 0
	}
	r.data = r.data[n:]
	return v
}

func (r *reader) signed() int64 {
	v, n := binary.Varint(r.data)
	if n <= 0 {
		r.bad, r.data = true, nil
		return 0
	}
	r.data = r.data[n:]
	return v
}

func (r *reader) flag() bool {
	b := r.byte()
	r.bad = r.bad || b > 1
	return b == 1
}

func (r *reader) string(limit int) string {
	n := int(r.number(uint64(limit)))
	if n > len(r.data) {
		r.bad, r.data = true, nil
		return ""
	}
	s := string(r.data[:n])
	r.data = r.data[n:]
	r.bad = r.bad || !utf8.ValidString(s)
	return s
}

func (r *reader) id() ID {
	return ID{r.number(1<<63 - 1), Author(r.number(MaxAuthors))}
}

func (r *reader) color() Color { return Color{r.byte(), r.byte(), r.byte()} }

func (r *reader) place() Place {
	return Place{r.string(MaxName), image.Pt(int(r.number(1<<15)), int(r.number(1<<15)))}
}

// count reads how many things follow, each of at least so many bytes.
func (r *reader) count(limit, least int) int {
	n := int(r.number(uint64(limit)))
	if n*least > len(r.data) {
		r.bad, r.data = true, nil
		return 0
	}
	return n
}

func (r *reader) points(n int) []Point {
	points := make([]Point, 0, n)
	x, y := int64(0), int64(0)
	for range n {
		dx, dy := r.signed(), r.signed()
		if max(dx, -dx, dy, -dy) > 4*farthest {
			r.bad = true
		}
		x, y = x+dx, y+dy
		p := Point{int32(x), int32(y)}
		if r.bad || x != int64(p.X) || y != int64(p.Y) || !p.valid() {
			r.bad = true
			return nil
		}
		points = append(points, p)
	}
	return points
}

// op reads one message.
func (r *reader) op() op {
	o := op{kind: opType(r.byte())}
	switch o.kind {
	case opPointer:
		o.id.Author = Author(r.number(MaxAuthors))
		o.place, o.points, o.on = r.place(), r.points(1), r.flag()
		return o
	case opAuthor:
		o.person = Person{Author(r.number(MaxAuthors)), cleanLine(r.string(MaxName)), r.color()}
		o.you = r.flag()
		return o
	case opShown:
		o.shown = Shown{r.number(1<<63 - 1), r.number(1<<63 - 1), uint32(r.number(1<<32 - 1))}
		return o
	}
	o.id = r.id()
	switch o.kind {
	case opBegin:
		o.style.Kind, o.style.Color = Kind(r.byte()), r.color()
		o.style.Width, o.style.Life = int(r.number(MaxWidth)), int(r.number(MaxLife))
		o.place = r.place()
		o.text = r.string(MaxText)
		o.points = r.points(r.count(MaxPoints, 2))
		r.bad = r.bad || !wellFormed(o)
	case opExtend:
		o.points = r.points(r.count(MaxPoints, 2))
		r.bad = r.bad || len(o.points) == 0
	case opErase:
		n := r.count(MaxAllCuts, 4)
		for range n {
			c := Cut{r.id(), uint32(r.number(step * MaxPoints)), uint32(r.number(step * MaxPoints))}
			r.bad = r.bad || c.From > c.To
			o.cuts = append(o.cuts, c)
		}
	}
	return o
}

// wellFormed tells whether a new item is one that exists.
func wellFormed(o op) bool {
	s := o.style
	if s.Kind == 0 || s.Kind >= kinds || s.Width < 1 || o.place.Size.X < 1 || o.place.Size.Y < 1 {
		return false
	}
	if (s.Kind == Text) != (o.text != "") || o.text != cleanLine(o.text) {
		return false
	}
	switch {
	case s.Kind == Eraser:
		return len(o.points) == 0
	case s.Kind == Text:
		return len(o.points) == 1
	case s.Kind.dragged():
		return len(o.points) == 2
	}
	return len(o.points) >= 1
}

// parse reads all messages of a packet.
func parse(packet []byte) ([]op, error) {
	r := &reader{data: packet}
	var ops []op
	for len(r.data) > 0 {
		o := r.op()
		if r.bad || o.kind == 0 || o.kind >= opTypes {
			return nil, fmt.Errorf("%w: packet of %d bytes, message %d", ErrRefused, len(packet), len(ops)+1)
		}
		ops = append(ops, o)
	}
	return ops, nil
}

// cleanLine makes a text fit to be drawn in one line: without control characters and without the marks that
// turn the direction of what stands around them.
func cleanLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' {
			return ' '
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\uFEFF' || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
