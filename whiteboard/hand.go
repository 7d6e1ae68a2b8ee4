package whiteboard

import (
	"sync"
)

// Input is what a pointer does over the desktop.
type Input struct {
	X, Y    int  // pixels of the desktop
	Button  int  // 1 left, 2 middle, 3 right; 0: only moved
	Pressed bool // Button went down, not up
}

// Tool is what a hand holds.
type Tool uint8

// The tools beside those that make items, which are ToolOf their kind.
const (
	Cursor Tool = iota // draws nothing
	Spot               // the pointer that others see
	toolKinds
)

// ToolOf is the tool that makes items of a kind.
func ToolOf(k Kind) Tool { return toolKinds + Tool(k) }

// Kind is the kind of items that a tool makes; 0 for others.
func (t Tool) Kind() Kind {
	if t <= toolKinds {
		return 0
	}
	return Kind(t - toolKinds)
}

// thin is how far apart in pixels the points of a stroke are that are kept; curves go through those.
const thin = 2

// Hand turns what a pointer does into items on a board, with the tool that it holds. All methods are safe for concurrent
// use.
type Hand struct {
	Pad      *Pad
	Monitors func() []Monitor
	// Failed, if set, is told why nothing could be drawn.
	Failed func(error)
	// Write, if set, is asked for the text that belongs at a position of the desktop.
	Write func(x, y int)

	mu      sync.Mutex
	tool    Tool
	style   Style
	drawing bool
	id      ID
	place   Place
	last    Point // the last that is on the board
	latest  Point // where the pointer is
	x, y    int   // the last, in pixels
}

// Hold takes a tool and what it draws with; a stroke that is being drawn ends.
func (h *Hand) Hold(tool Tool, style Style) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.endLocked()
	if h.tool == Spot && tool != Spot {
		h.Pad.Point(h.place, h.latest, false)
	}
	h.tool, h.style = tool, style
	h.style.Kind = tool.Kind()
}

// Holds tells whether the hand draws or points, so that the pointer is no longer what clicks.
func (h *Hand) Holds() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tool != Cursor
}

// Take does what the pointer did.
func (h *Hand) Take(in Input) {
	switch {
	case in.Button == 1 && in.Pressed:
		h.Press(in.X, in.Y)
	case in.Button == 1:
		h.Move(in.X, in.Y)
		h.Release()
	case in.Button == 0:
		h.Move(in.X, in.Y)
	}
}

// Press begins something.
func (h *Hand) Press(x, y int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.endLocked()
	switch {
	case h.tool == Cursor:
	case h.tool == Spot:
		h.pointLocked(x, y)
	case h.style.Kind == Text:
		if h.Write != nil {
			h.Write(x, y)
		}
	default:
		h.beginLocked(x, y)
	}
}

func (h *Hand) beginLocked(x, y int) {
	var at Point
	h.place, at = PlaceAt(h.Monitors(), x, y)
	id, err := h.Pad.Begin(h.style, h.place, at)
	if err != nil {
		h.failLocked(err)
		return
	}
	h.drawing, h.id, h.last, h.latest, h.x, h.y = true, id, at, at, x, y
	if h.style.Kind == Eraser {
		h.failLocked(h.Pad.Erase(id, h.Monitors(), at, at))
	}
}

func (h *Hand) failLocked(err error) {
	if err == nil {
		return
	}
	h.drawing = false
	if h.Failed != nil {
		h.Failed(err)
	}
}

func (h *Hand) pointLocked(x, y int) {
	h.place, h.latest = PlaceAt(h.Monitors(), x, y)
	h.Pad.Point(h.place, h.latest, true)
}

// Move goes on with it.
func (h *Hand) Move(x, y int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.tool == Spot {
		h.pointLocked(x, y)
		return
	}
	if !h.drawing {
		return
	}
	h.latest = On(h.place, h.Monitors(), x, y)
	dx, dy := x-h.x, y-h.y
	if h.style.Kind.curved() && dx*dx+dy*dy < thin*thin {
		return
	}
	h.x, h.y = x, y
	h.addLocked()
}

// addLocked adds where the pointer is. A stroke that is as long as one may be goes on in another.
func (h *Hand) addLocked() {
	if h.latest == h.last {
		return
	}
	from := h.last
	h.last = h.latest
	if h.style.Kind == Eraser {
		h.failLocked(h.Pad.Erase(h.id, h.Monitors(), from, h.latest))
		return
	}
	err := h.Pad.Extend(h.id, h.latest)
	if err == nil {
		return
	}
	h.Pad.Finish(h.id)
	if h.id, err = h.Pad.Begin(h.style, h.place, from); err == nil {
		err = h.Pad.Extend(h.id, h.latest)
	}
	h.failLocked(err)
}

// Release ends it.
func (h *Hand) Release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.endLocked()
}

func (h *Hand) endLocked() {
	if !h.drawing {
		return
	}
	h.addLocked()
	h.drawing = false
	h.Pad.Finish(h.id)
}

// Put writes a text at a position that Write was asked for.
func (h *Hand) Put(x, y int, text string) {
	h.mu.Lock()
	style := h.style
	h.mu.Unlock()
	place, at := PlaceAt(h.Monitors(), x, y)
	if cleanLine(text) == "" {
		return
	}
	if _, err := h.Pad.Write(style, place, at, text); err != nil && h.Failed != nil {
		h.Failed(err)
	}
}
