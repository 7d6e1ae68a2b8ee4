package overlay

import (
	"time"

	"github.com/jezek/xgb/xproto"

	"handrail/whiteboard"
)

// grab puts a window that nobody sees over everything, or below the one that is named, and takes what the pointer does
// there.
func (s *xSurface) grab(below uintptr, on func(whiteboard.Input)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taker != 0 {
		xproto.DestroyWindow(s.conn, s.taker)
		s.taker = 0
	}
	s.on = on
	if below != 0 {
		s.tools.Store(uint32(below))
		time.AfterFunc(0, s.comeBack) // which takes the lock that is held here
	}
	if on == nil {
		_, err := xproto.GetInputFocus(s.conn).Reply()
		return s.reason(err)
	}
	root, err := xproto.GetGeometry(s.conn, xproto.Drawable(s.root)).Reply()
	if err != nil {
		return s.reason(err)
	}
	taker, err := xproto.NewWindowId(s.conn)
	if err != nil {
		return s.reason(err)
	}
	err = xproto.CreateWindowChecked(s.conn, 0, taker, s.root, 0, 0, root.Width, root.Height, 0, xproto.WindowClassInputOnly, 0,
		xproto.CwOverrideRedirect|xproto.CwEventMask|xproto.CwCursor,
		[]uint32{1, xproto.EventMaskButtonPress | xproto.EventMaskButtonRelease | xproto.EventMaskPointerMotion, uint32(s.crosshair())}).Check()
	if err != nil {
		return s.reason(err)
	}
	s.taker = taker
	s.name(taker, "Handrail takes the pointer")
	if above := s.lowest(s.frameOf(xproto.Window(below))); above != 0 {
		s.stackBelow(taker, above)
	}
	return s.reason(xproto.MapWindowChecked(s.conn, taker).Check())
}

// frameOf is the window that stands for another one among the children of the root: its window manager's frame.
func (s *xSurface) frameOf(window xproto.Window) xproto.Window {
	for window != 0 {
		tree, err := xproto.QueryTree(s.conn, window).Reply()
		if err != nil || window == s.root {
			return 0
		}
		if tree.Parent == s.root {
			return window
		}
		window = tree.Parent
	}
	return 0
}

// crosshair is the cursor while drawing; 0 is the usual one.
func (s *xSurface) crosshair() xproto.Cursor {
	const name, glyph = "cursor", 34 // XC_crosshair
	font, err := xproto.NewFontId(s.conn)
	if err != nil {
		return 0
	}
	if xproto.OpenFontChecked(s.conn, font, uint16(len(name)), name).Check() != nil {
		return 0
	}
	defer xproto.CloseFont(s.conn, font)
	cursor, err := xproto.NewCursorId(s.conn)
	if err != nil {
		return 0
	}
	if xproto.CreateGlyphCursorChecked(s.conn, cursor, font, font, glyph, glyph+1, 0, 0, 0, 65535, 65535, 65535).Check() != nil {
		return 0
	}
	return cursor
}
