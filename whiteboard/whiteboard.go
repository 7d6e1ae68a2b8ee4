// Package whiteboard is what peers draw on a customer's screen: a small document of items (strokes, lines,
// arrows, rectangles, ellipses, texts), how edits of several people at once become the same document
// everywhere, and how items become pixels. It knows no windows and no network.
//
//	hub := whiteboard.NewHub("Anna's computer")          // the customer's program
//	link := hub.Join("Help desk 1")                      // once for each operator
//	…                                                    // messages of link.Next go to the peer, its own to link.Take
//	pad := whiteboard.NewLeaf()                          // the operator's program
//	id, err := pad.Begin(style, place, whiteboard.At(10, 10))
//	err = pad.Extend(id, whiteboard.At(11, 12))
//	pad.Finish(id)
//	marks := pad.Marks(monitors)                         // what is to be drawn, in pixels of the desktop
//
// # How edits merge
//
// Every item has an ID of its author and a clock (Lamport's: one more than any that the author has seen). Only
// its author adds to an item, ends it, takes it back (undo) or restores it, and an author's messages arrive in
// order: nothing can conflict there. What others do to an item commutes:
//
//   - an eraser is an item, too, that names pieces of other items; an item lacks what any living eraser names;
//   - clearing kills what has an earlier ID than the clearing, whenever it arrives;
//   - the hub kills single items: those whose time is over, and those of a peer who may not draw.
//
// What is dead stays so: later messages about it mean nothing. So boards that have had the same messages are
// equal, in whatever order those of different authors came.
//
// # Not twice in the operator's picture
//
// An operator's program draws a stroke at once, over the picture. The customer's program puts the same stroke
// on the customer's screen, from where it comes back in the picture. To draw it there once, the hub tells in a
// Shown message which messages the screen shows, and in which update of the picture that is. When that update
// has been painted, the operator's program no longer draws what the picture has (Pad.Marks leaves it out). Where the
// customer's computer has no overlay, nothing is ever shown, and the operator's program goes on to draw everything.
//
// # Bounds
//
// A peer may have MaxItems items with MaxAllPoints points and MaxAllCuts erased pieces. A program keeps to that for its own
// author; because a hub learns of everything that dies before that author's program does, it never sees more from an
// honest one, and refuses it as ErrRefused.
package whiteboard

import (
	"cmp"
	"errors"
	"image"
)

// The bounds of what one author may have on a board.
const (
	MaxItems     = 2000    // items, erasers included
	MaxPoints    = 20_000  // points of one item
	MaxAllPoints = 200_000 // points of all items
	MaxAllCuts   = 50_000  // erased pieces
	MaxText      = 1000    // bytes of a text
	MaxName      = 200     // bytes of a monitor's or author's name
	MaxWidth     = 100     // pixels
	MaxLife      = 60      // seconds
	MaxAuthors   = 64      // of a board
)

// Errors that callers test for.
var (
	// ErrFull says that an author has as much on the board as is allowed.
	ErrFull = errors.New("the board is full; clear it to go on drawing")
	// ErrRefused says that a peer sent what the rules do not allow.
	ErrRefused = errors.New("whiteboard: refused")
	// ErrNotReady says that the hub has not yet let this program in.
	ErrNotReady = errors.New("whiteboard: not connected")
)

// Author is who drew something. The hub's is 1; 0 is nobody.
type Author uint16

// ID names an item. IDs are in the order in which items are drawn: later ones lie above.
type ID struct {
	Clock  uint64
	Author Author
}

// Compare orders IDs.
func (id ID) Compare(other ID) int {
	return cmp.Or(cmp.Compare(id.Clock, other.Clock), cmp.Compare(id.Author, other.Author))
}

// Kind is what an item is.
type Kind uint8

// The kinds of items.
const (
	Pen         Kind = iota + 1 // a curve through its points
	Highlighter                 // the same, so that one can see through it
	Line                        // straight from point to point
	Arrow                       // a line with a head at its last point
	Rectangle                   // outline; two opposite corners
	Ellipse                     // outline; two opposite corners of what surrounds it
	Text                        // one line of text whose top left is its point
	Eraser                      // takes away pieces of other items
	kinds
)

// dragged tells whether an item has two points, of which the second moves while it is drawn.
func (k Kind) dragged() bool { return k == Arrow || k == Rectangle || k == Ellipse }

// Color is red, green and blue.
type Color struct{ R, G, B uint8 }

// The colours that people choose from; others can be had by ParseColor.
var (
	Red    = Color{0xE8, 0x1C, 0x1C}
	Orange = Color{0xF2, 0x7A, 0x00}
	Yellow = Color{0xFF, 0xD4, 0x00}
	Green  = Color{0x12, 0x9B, 0x3A}
	Blue   = Color{0x15, 0x65, 0xD8}
	Violet = Color{0x8E, 0x24, 0xAA}
	Black  = Color{0x10, 0x10, 0x10}
	White  = Color{0xFF, 0xFF, 0xFF}
)

// DefaultWidth is the width of a pen at first, in pixels.
const DefaultWidth = 4

// Style is what an author chooses before drawing.
type Style struct {
	Kind  Kind
	Color Color
	Width int // of the line in pixels, 1 to MaxWidth; of a text: the height of its line
	Life  int // seconds after its end until the hub takes it away; 0: it stays
}

// Place is the monitor that something is drawn on, and its size then. An item follows its monitor, and grows and
// shrinks with it.
type Place struct {
	Monitor string
	Size    image.Point // pixels
}

// Point is a position on a monitor in eighths of a pixel from the monitor's top left, the middle of the first pixel
// being (4, 4).
type Point struct{ X, Y int32 }

// unit is how many steps of a Point a pixel has.
const unit = 8

// farthest is how far a point may lie from its monitor's corner, in steps of a Point.
const farthest = 1 << 15 * unit

// At is the middle of a pixel of a monitor.
func At(x, y int) Point {
	return Point{clampPoint(x*unit + unit/2), clampPoint(y*unit + unit/2)}
}

func clampPoint(v int) int32 { return int32(max(-farthest, min(v, farthest))) }

func (p Point) valid() bool {
	return p.X >= -farthest && p.X <= farthest && p.Y >= -farthest && p.Y <= farthest
}

// Cut is an erased piece of an item: from one place on its line to another. A place is 256 × the number of the
// point before it, plus the part of the way to the next one.
type Cut struct {
	Target   ID
	From, To uint32
}

// step is how many places there are from one point to the next.
const step = 256

// Item is something on the board.
type Item struct {
	ID ID
	Style
	Place
	Points   []Point
	Text     string
	Finished bool // its author has ended it
	Removed  bool // its author has taken it back

	cuts   []Cut   // an eraser's
	hidden []piece // what erasers take of it, ordered and apart
	erased []ID    // the erasers that name it, ordered
	change uint64  // counts up with every change
}

// piece is a part of an item's line.
type piece struct{ from, to uint32 }
