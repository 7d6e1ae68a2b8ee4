package overlay

import (
	"fmt"
	"image"
	"os"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"

	"handrail/internal/xext"
	"handrail/whiteboard"
)

// xSurface is an override-redirect window in the shape of the strokes. Its contents are kept in a pixmap, from which
// one goroutine, the one that reads events, repaints what other windows have uncovered.
type xSurface struct {
	conn   *xgb.Conn
	root   xproto.Window
	depth  byte
	window xproto.Window
	gc     xproto.Gcontext
	pid    xproto.Atom   // names the property that says whose a window is
	limit  int           // bytes of pixels in one request
	gone   chan struct{} // closed when the event goroutine has ended

	// Only in calls of surface.
	mapped bool
	size   image.Point

	mu     sync.Mutex // for what the event goroutine uses, too
	pixmap xproto.Pixmap
	taker  xproto.Window // takes the pointer; 0: none
	on     func(whiteboard.Input)
	raised time.Time
}

func open(o Options) (surface, error) {
	name := o.Display
	if name == "" {
		name = os.Getenv("DISPLAY")
	}
	if name == "" {
		return nil, ErrUnsupported
	}
	conn, err := xext.Connect(name)
	if err != nil {
		return nil, fmt.Errorf("the screen %s cannot be drawn on: %w", name, err)
	}
	s := &xSurface{conn: conn, gone: make(chan struct{})}
	if err := s.setUp(); err != nil {
		conn.Close()
		for ev, xerr := conn.WaitForEvent(); ev != nil || xerr != nil; ev, xerr = conn.WaitForEvent() {
			continue // until the library's goroutines have ended
		}
		return nil, fmt.Errorf("the screen %s cannot be drawn on: %w", name, err)
	}
	go s.readEvents()
	return s, nil
}

func (s *xSurface) setUp() error {
	setup := xproto.Setup(s.conn)
	screen := setup.DefaultScreen(s.conn)
	s.root, s.depth = screen.Root, screen.RootDepth
	s.limit = int(setup.MaximumRequestLength)*4 - 64
	if s.depth != 24 && s.depth != 32 || setup.ImageByteOrder != xproto.ImageOrderLSBFirst {
		return fmt.Errorf("%w: it has %d bits of colour", ErrUnsupported, s.depth)
	}
	if err := xext.Use(s.conn, xext.Shape); err != nil {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	// The input shape came with version 1.1 of the extension.
	if v, err := shape.QueryVersion(s.conn).Reply(); err != nil || v.MajorVersion == 1 && v.MinorVersion < 1 {
		return fmt.Errorf("%w: windows cannot let clicks through", ErrUnsupported)
	}
	window, err := xproto.NewWindowId(s.conn)
	if err != nil {
		return err
	}
	s.window = window
	err = xproto.CreateWindowChecked(s.conn, s.depth, window, s.root, 0, 0, 1, 1, 0, xproto.WindowClassInputOutput, screen.RootVisual,
		xproto.CwBackPixmap|xproto.CwBorderPixel|xproto.CwOverrideRedirect|xproto.CwEventMask,
		[]uint32{0, 0, 1, xproto.EventMaskExposure | xproto.EventMaskVisibilityChange}).Check()
	if err != nil {
		return err
	}
	for _, kind := range []shape.Kind{shape.SkBounding, shape.SkInput} {
		shape.Rectangles(s.conn, shape.SoSet, kind, xproto.ClipOrderingUnsorted, window, 0, 0, nil)
	}
	s.describe()
	if s.gc, err = xproto.NewGcontextId(s.conn); err != nil {
		return err
	}
	return xproto.CreateGCChecked(s.conn, s.gc, xproto.Drawable(window), xproto.GcGraphicsExposures, []uint32{0}).Check()
}

// describe tells compositors that the window is no place for shadows and effects, and people what it is.
func (s *xSurface) describe() {
	atom := func(name string) xproto.Atom {
		reply, err := xproto.InternAtom(s.conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			return 0
		}
		return reply.Atom
	}
	const title = "Handrail drawing"
	xproto.ChangeProperty(s.conn, xproto.PropModeReplace, s.window, xproto.AtomWmName, xproto.AtomString, 8, uint32(len(title)), []byte(title))
	s.pid = atom("_NET_WM_PID")
	kind, dnd := atom("_NET_WM_WINDOW_TYPE"), atom("_NET_WM_WINDOW_TYPE_DND")
	if kind != 0 && dnd != 0 {
		value := []byte{byte(dnd), byte(dnd >> 8), byte(dnd >> 16), byte(dnd >> 24)}
		xproto.ChangeProperty(s.conn, xproto.PropModeReplace, s.window, kind, xproto.AtomAtom, 32, 1, value)
	}
}

func (s *xSurface) hard() bool { return true }

func (s *xSurface) resize(width, height int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	pixmap, err := xproto.NewPixmapId(s.conn)
	if err != nil {
		return s.reason(err)
	}
	if s.pixmap != 0 {
		xproto.FreePixmap(s.conn, s.pixmap)
	}
	s.pixmap, s.size = pixmap, image.Pt(width, height)
	err = xproto.CreatePixmapChecked(s.conn, s.depth, pixmap, xproto.Drawable(s.root), uint16(width), uint16(height)).Check()
	shape.Rectangles(s.conn, shape.SoSet, shape.SkBounding, xproto.ClipOrderingUnsorted, s.window, 0, 0, nil)
	mask := uint16(xproto.ConfigWindowWidth | xproto.ConfigWindowHeight)
	xproto.ConfigureWindow(s.conn, s.window, mask, []uint32{uint32(width), uint32(height)})
	if s.taker != 0 {
		xproto.ConfigureWindow(s.conn, s.taker, mask, []uint32{uint32(width), uint32(height)})
	}
	return s.reason(err)
}

func (s *xSurface) present(img *image.RGBA, changed []image.Rectangle, empty bool) error {
	for _, r := range changed {
		s.put(img, r)
		there, free := spans(img, r)
		s.reshape(shape.SoUnion, there)
		xproto.CopyArea(s.conn, xproto.Drawable(s.pixmap), xproto.Drawable(s.window), s.gc,
			int16(r.Min.X), int16(r.Min.Y), int16(r.Min.X), int16(r.Min.Y), uint16(r.Dx()), uint16(r.Dy()))
		s.reshape(shape.SoSubtract, free)
	}
	switch {
	case empty && s.mapped:
		xproto.UnmapWindow(s.conn, s.window)
		s.mapped = false
	case !empty && !s.mapped:
		s.raise()
		xproto.MapWindow(s.conn, s.window)
		s.mapped = true
	}
	_, err := xproto.GetInputFocus(s.conn).Reply() // it has done all that it was asked
	return s.reason(err)
}

// put copies a part of the picture into the pixmap, some rows at a time.
func (s *xSurface) put(img *image.RGBA, r image.Rectangle) {
	row := 4 * r.Dx()
	rows := max(1, s.limit/row)
	for y := r.Min.Y; y < r.Max.Y; y += rows {
		n := min(rows, r.Max.Y-y)
		data := make([]byte, 0, n*row)
		for i := range n {
			from := img.Pix[img.PixOffset(r.Min.X, y+i):][:row]
			for x := 0; x < row; x += 4 {
				data = append(data, from[x+2], from[x+1], from[x], 0)
			}
		}
		xproto.PutImage(s.conn, xproto.ImageFormatZPixmap, xproto.Drawable(s.pixmap), s.gc, uint16(r.Dx()), uint16(n),
			int16(r.Min.X), int16(y), 0, s.depth, data)
	}
}

// spans are the pieces of a part's rows where something is drawn, and those where nothing is.
func spans(img *image.RGBA, r image.Rectangle) (there, free []xproto.Rectangle) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := img.Pix[img.PixOffset(r.Min.X, y):][:4*r.Dx()]
		for x := 0; x < r.Dx(); {
			start, set := x, row[4*x+3] != 0
			for x < r.Dx() && (row[4*x+3] != 0) == set {
				x++
			}
			span := xproto.Rectangle{X: int16(r.Min.X + start), Y: int16(y), Width: uint16(x - start), Height: 1}
			if set {
				there = append(there, span)
			} else {
				free = append(free, span)
			}
		}
	}
	return there, free
}

// reshape changes the window's shape by rectangles that are ordered by row and column.
func (s *xSurface) reshape(how shape.Op, rects []xproto.Rectangle) {
	const most = 8000 // in one request
	for len(rects) > 0 {
		n := min(most, len(rects))
		shape.Rectangles(s.conn, how, shape.SkBounding, xproto.ClipOrderingYXBanded, s.window, 0, 0, rects[:n])
		rects = rects[n:]
	}
}

// raise puts the window on top, but never over what this program itself keeps on top: nothing that is drawn may hide who
// is watching, and how to stop that.
func (s *xSurface) raise() {
	if above := s.lowest(0); above != 0 {
		s.stackBelow(s.window, above)
		return
	}
	xproto.ConfigureWindow(s.conn, s.window, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove})
}

func (s *xSurface) stackBelow(window, above xproto.Window) {
	xproto.ConfigureWindow(s.conn, window, xproto.ConfigWindowSibling|xproto.ConfigWindowStackMode,
		[]uint32{uint32(above), xproto.StackModeBelow})
}

// lowest is the lowest of the windows that stay above: the one that is named, and those that this program keeps away
// from the window manager; 0 if there are none.
func (s *xSurface) lowest(named xproto.Window) xproto.Window {
	tree, err := xproto.QueryTree(s.conn, s.root).Reply()
	if err != nil {
		return named
	}
	for _, child := range tree.Children { // the lowest first
		if child == named || s.held(child) {
			return child
		}
	}
	return named
}

// held tells whether a window is this program's, is to be seen, and has no window manager.
func (s *xSurface) held(window xproto.Window) bool {
	owner, err := xproto.GetProperty(s.conn, false, window, s.pid, xproto.AtomCardinal, 0, 1).Reply()
	if err != nil || len(owner.Value) != 4 || int(xgb.Get32(owner.Value)) != os.Getpid() {
		return false
	}
	has, err := xproto.GetWindowAttributes(s.conn, window).Reply()
	return err == nil && has.OverrideRedirect && has.MapState == xproto.MapStateViewable
}

// raiseAgain is how often the window comes back to the top when others come above it: often enough to be seen, too
// seldom to quarrel with another window that wants the same.
const raiseAgain = 300 * time.Millisecond

// readEvents runs until the connection ends.
func (s *xSurface) readEvents() {
	defer close(s.gone)
	for {
		event, xerr := s.conn.WaitForEvent()
		if event == nil && xerr == nil {
			return
		}
		switch e := event.(type) {
		case xproto.ExposeEvent:
			s.mu.Lock()
			xproto.CopyArea(s.conn, xproto.Drawable(s.pixmap), xproto.Drawable(s.window), s.gc,
				int16(e.X), int16(e.Y), int16(e.X), int16(e.Y), e.Width, e.Height)
			s.mu.Unlock()
		case xproto.VisibilityNotifyEvent:
			if e.State != xproto.VisibilityUnobscured && time.Since(s.raised) > raiseAgain {
				s.raised = time.Now()
				s.raise()
			}
		case xproto.ButtonPressEvent:
			s.tell(whiteboard.Input{X: int(e.RootX), Y: int(e.RootY), Button: int(e.Detail), Pressed: true})
		case xproto.ButtonReleaseEvent:
			s.tell(whiteboard.Input{X: int(e.RootX), Y: int(e.RootY), Button: int(e.Detail)})
		case xproto.MotionNotifyEvent:
			s.tell(whiteboard.Input{X: int(e.RootX), Y: int(e.RootY)})
		}
	}
}

func (s *xSurface) tell(in whiteboard.Input) {
	s.mu.Lock()
	on := s.on
	s.mu.Unlock()
	if on != nil {
		on(in)
	}
}

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

// reason is an error as it is told.
func (s *xSurface) reason(err error) error {
	if err == nil {
		return nil
	}
	select {
	case <-s.gone:
		return ErrClosed
	default:
		return fmt.Errorf("drawing over the screen: %w", err)
	}
}

func (s *xSurface) close() {
	s.conn.Close()
	<-s.gone
}
