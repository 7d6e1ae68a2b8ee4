package overlay

import (
	"fmt"
	"image"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/damage"
	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"handrail/internal/xext"
	"handrail/whiteboard"
)

// xSurface is an override-redirect window in the shape of the strokes, and in it another one, the paper, that they are
// drawn on. The paper's contents are kept in a pixmap, from which one goroutine, the one that reads events, repaints what
// other windows have uncovered. See compositor for what a compositor changes.
type xSurface struct {
	conn   *xgb.Conn
	root   xproto.Window
	depth  byte // of the window, the paper and the pixmap
	window xproto.Window
	paper  xproto.Window
	gc     xproto.Gcontext
	pid    xproto.Atom // names the property that says whose a window is
	comp   compositor
	limit  int           // bytes of pixels in one request
	tools  atomic.Uint32 // the window of the tools, which stays above what is drawn; 0: none so far
	gone   chan struct{} // closed when the event goroutine has ended

	// Only in calls of surface.
	mapped bool
	size   image.Point

	mu      sync.Mutex // for what the event goroutine uses, too
	pixmap  xproto.Pixmap
	taker   xproto.Window // takes the pointer; 0: none
	on      func(whiteboard.Input)
	raised  time.Time
	raising bool // in a moment
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
	s.root = screen.Root
	s.limit = int(setup.MaximumRequestLength)*4 - 64
	if screen.RootDepth != 24 && screen.RootDepth != 32 || setup.ImageByteOrder != xproto.ImageOrderLSBFirst {
		return fmt.Errorf("%w: it has %d bits of colour", ErrUnsupported, screen.RootDepth)
	}
	if err := xext.Use(s.conn, xext.Shape); err != nil {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	// The input shape came with version 1.1 of the extension.
	if v, err := shape.QueryVersion(s.conn).Reply(); err != nil || v.MajorVersion == 1 && v.MinorVersion < 1 {
		return fmt.Errorf("%w: windows cannot let clicks through", ErrUnsupported)
	}
	if err := s.comp.watch(s.conn, s.root); err != nil {
		return err
	}
	if err := s.create(screen); err != nil {
		return err
	}
	s.describe()
	var err error
	if s.gc, err = xproto.NewGcontextId(s.conn); err != nil {
		return err
	}
	err = xproto.CreateGCChecked(s.conn, s.gc, xproto.Drawable(s.paper), xproto.GcGraphicsExposures, []uint32{0}).Check()
	if err == nil && s.comp.blends {
		s.show() // a window that is there already is not faded in
	}
	return err
}

// create makes the window and the paper. The paper's number comes before the window's: when the program dies, the X server
// destroys it first.
func (s *xSurface) create(screen *xproto.ScreenInfo) error {
	var err error
	if s.paper, err = xproto.NewWindowId(s.conn); err != nil {
		return err
	}
	if s.window, err = xproto.NewWindowId(s.conn); err != nil {
		return err
	}
	visual := screen.RootVisual
	s.depth = screen.RootDepth
	var colors xproto.Colormap // of the parent
	if s.comp.blends {
		s.depth, visual = 32, s.comp.visual
		if colors, err = xproto.NewColormapId(s.conn); err != nil {
			return err
		}
		xproto.CreateColormap(s.conn, xproto.ColormapAllocNone, colors, s.root, visual)
	}
	err = xproto.CreateWindowChecked(s.conn, s.depth, s.window, s.root, 0, 0, 1, 1, 0, xproto.WindowClassInputOutput, visual,
		xproto.CwBackPixel|xproto.CwBorderPixel|xproto.CwOverrideRedirect|xproto.CwEventMask|xproto.CwColormap,
		[]uint32{0, 0, 1, xproto.EventMaskVisibilityChange, uint32(colors)}).Check()
	if err != nil {
		return err
	}
	for _, kind := range []shape.Kind{shape.SkBounding, shape.SkInput} {
		shape.Rectangles(s.conn, shape.SoSet, kind, xproto.ClipOrderingUnsorted, s.window, 0, 0, nil)
	}
	err = xproto.CreateWindowChecked(s.conn, s.depth, s.paper, s.window, 0, 0, 1, 1, 0, xproto.WindowClassInputOutput, visual,
		xproto.CwBackPixmap|xproto.CwBorderPixel|xproto.CwEventMask|xproto.CwColormap,
		[]uint32{0, 0, xproto.EventMaskExposure, uint32(colors)}).Check()
	if err != nil {
		return err
	}
	return xproto.MapWindowChecked(s.conn, s.paper).Check()
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
	s.name(s.window, "Handrail drawing")
	s.pid = atom("_NET_WM_PID")
	set := func(property string, kind xproto.Atom, value uint32) {
		data := make([]byte, 4)
		xgb.Put32(data, value)
		xproto.ChangeProperty(s.conn, xproto.PropModeReplace, s.window, atom(property), kind, 32, 1, data)
	}
	set("_NET_WM_WINDOW_TYPE", xproto.AtomAtom, uint32(atom("_NET_WM_WINDOW_TYPE_DND")))
	set("_COMPTON_SHADOW", xproto.AtomCardinal, 0) // picom would darken the whole screen
}

func (s *xSurface) name(window xproto.Window, title string) {
	xproto.ChangeProperty(s.conn, xproto.PropModeReplace, window, xproto.AtomWmName, xproto.AtomString, 8, uint32(len(title)), []byte(title))
}

func (s *xSurface) hard() bool { return !s.comp.blends }

func (s *xSurface) stale() bool { return s.comp.other() }

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
	for _, window := range []xproto.Window{s.window, s.paper} {
		xproto.ConfigureWindow(s.conn, window, mask, []uint32{uint32(width), uint32(height)})
	}
	if s.taker != 0 {
		xproto.ConfigureWindow(s.conn, s.taker, mask, []uint32{uint32(width), uint32(height)})
	}
	return s.reason(err)
}

func (s *xSurface) present(img *image.RGBA, changed []image.Rectangle, empty bool) error {
	s.comp.expect(s.conn, s.root)
	for _, r := range changed {
		s.put(img, r)
		there, free := spans(img, r)
		s.reshape(shape.SoUnion, there)
		xproto.CopyArea(s.conn, xproto.Drawable(s.pixmap), xproto.Drawable(s.paper), s.gc,
			int16(r.Min.X), int16(r.Min.Y), int16(r.Min.X), int16(r.Min.Y), uint16(r.Dx()), uint16(r.Dy()))
		s.reshape(shape.SoSubtract, free)
	}
	switch {
	case s.comp.blends: // it stays, in a shape without pixels
		s.comeBack()
	case empty && s.mapped:
		xproto.UnmapWindow(s.conn, s.window)
		s.mapped = false
	case !empty && !s.mapped:
		s.show()
	}
	_, err := xproto.GetInputFocus(s.conn).Reply() // it has done all that it was asked
	s.comp.await(s.conn, changed)
	return s.reason(err)
}

func (s *xSurface) show() {
	s.raise()
	xproto.MapWindow(s.conn, s.window)
	s.mapped = true
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
				data = append(data, from[x+2], from[x+1], from[x], from[x+3])
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
			xproto.CopyArea(s.conn, xproto.Drawable(s.pixmap), xproto.Drawable(s.paper), s.gc,
				int16(e.X), int16(e.Y), int16(e.X), int16(e.Y), e.Width, e.Height)
			s.mu.Unlock()
		case xproto.VisibilityNotifyEvent:
			if e.State != xproto.VisibilityUnobscured {
				s.comeBack()
			}
		case xproto.MapNotifyEvent:
			if e.Window != s.window {
				s.comeBack()
			}
		case xproto.ConfigureNotifyEvent:
			if e.Window != s.window {
				s.comeBack()
			}
		case damage.NotifyEvent:
			s.comp.painted(e.Area)
		case xfixes.SelectionNotifyEvent:
			s.comp.changed(e.Owner != 0)
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
	// A compositor that fades windows out has nothing left to fade.
	shape.Rectangles(s.conn, shape.SoSet, shape.SkBounding, xproto.ClipOrderingUnsorted, s.window, 0, 0, nil)
	_, _ = xproto.GetInputFocus(s.conn).Reply()
	s.conn.Close()
	<-s.gone
}
