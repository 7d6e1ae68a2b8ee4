package capture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"slices"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/damage"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"handrail/internal/xext"
	"handrail/screen"
	"handrail/screen/internal/x11"
)

// capturer watches an X display. One goroutine reads events and gathers where something was drawn; Wait takes
// what it gathered.
//
// XDamage reports what is drawn outside of what it has already reported, until it is told to start afresh. Wait
// tells it so before it returns, and whoever captures does so after Wait: what is drawn in between is in the
// captured pixels.
type capturer struct {
	conn    *xgb.Conn
	root    xproto.Window
	damage  damage.Damage
	randr   bool
	news    chan struct{} // holds one while pending or resized have something
	gone    chan struct{} // closed when the event goroutine has ended
	closing sync.Once

	// Owned by the goroutine that captures.
	desktop      screen.Desktop
	cursorSerial uint32 // of the cursor given last

	use    sync.Mutex // held while the connection's images are used, and to give them back
	images images

	mu      sync.Mutex
	pending screen.Region
	resized bool
	windows windows

	cursorNews bool // the cursor has another image
	cursorWake bool // and Wait has not returned for it
}

func open(o Options) (screen.Capturer, error) {
	conn, info, err := x11.Connect(o.Display)
	if err != nil {
		return nil, err
	}
	c := &capturer{
		conn: conn, root: info.Root, news: make(chan struct{}, 1), gone: make(chan struct{}),
	}
	if err := c.setUp(info); err != nil {
		conn.Close()
		for ev, xerr := conn.WaitForEvent(); ev != nil || xerr != nil; ev, xerr = conn.WaitForEvent() {
			continue // until the library's goroutines have ended
		}
		c.images.release(nil)
		return nil, err
	}
	go c.readEvents()
	return c, nil
}

// setUp asks for all events and learns the first size.
func (c *capturer) setUp(info *xproto.ScreenInfo) error {
	if err := supported(c.conn, info); err != nil {
		return err
	}
	if err := xext.Use(c.conn, xext.XFixes); err != nil {
		return fmt.Errorf("the screen cannot be watched: %w", err)
	}
	if _, err := xfixes.QueryVersion(c.conn, 5, 0).Reply(); err != nil {
		return fmt.Errorf("the screen cannot be watched: %w", err)
	}
	if err := xext.Use(c.conn, xext.Damage); err != nil {
		return fmt.Errorf("this X server does not tell what is drawn (it has no XDamage): %w", err)
	}
	if _, err := damage.QueryVersion(c.conn, 1, 1).Reply(); err != nil {
		return fmt.Errorf("the screen cannot be watched: %w", err)
	}
	if err := c.watchSize(); err != nil {
		return fmt.Errorf("the screen cannot be watched: %w", err)
	}
	id, err := damage.NewDamageId(c.conn)
	if err != nil {
		return fmt.Errorf("the screen cannot be watched: %w", err)
	}
	c.damage = id
	err = damage.CreateChecked(c.conn, id, xproto.Drawable(c.root), damage.ReportLevelDeltaRectangles).Check()
	if err != nil {
		return fmt.Errorf("the screen cannot be watched: %w", err)
	}
	c.watchCursor()
	c.images.open(c.conn, c.root)
	if err := c.learnDesktop(); err != nil {
		return fmt.Errorf("the size of the screen is not known: %w", err)
	}
	return nil
}

// watchSize asks for events about the size of the root window and about monitors.
func (c *capturer) watchSize() error {
	err := xproto.ChangeWindowAttributesChecked(c.conn, c.root, xproto.CwEventMask,
		[]uint32{xproto.EventMaskStructureNotify | xproto.EventMaskSubstructureNotify}).Check()
	if err != nil {
		return err
	}
	c.windows.open(c.conn, c.root)
	if xext.Use(c.conn, xext.RandR) != nil {
		return nil
	}
	version, err := randr.QueryVersion(c.conn, 1, 5).Reply()
	if err != nil || version.MajorVersion == 1 && version.MinorVersion < 5 {
		return nil
	}
	c.randr = true
	return randr.SelectInputChecked(c.conn, c.root,
		randr.NotifyMaskScreenChange|randr.NotifyMaskCrtcChange|randr.NotifyMaskOutputChange).Check()
}

// readEvents runs until the connection ends.
func (c *capturer) readEvents() {
	defer close(c.gone)
	for {
		event, xerr := c.conn.WaitForEvent()
		if event == nil && xerr == nil {
			return
		}
		if c.aboutWindow(event) {
			continue
		}
		switch e := event.(type) {
		case damage.NotifyEvent:
			x, y := int(e.Area.X), int(e.Area.Y)
			c.mu.Lock()
			c.pending.Add(image.Rect(x, y, x+int(e.Area.Width), y+int(e.Area.Height)))
			c.mu.Unlock()
		case xfixes.CursorNotifyEvent:
			c.mu.Lock()
			c.cursorNews, c.cursorWake = true, true
			c.mu.Unlock()
		case xproto.ConfigureNotifyEvent, randr.ScreenChangeNotifyEvent, randr.NotifyEvent:
			c.mu.Lock()
			c.resized = true
			c.mu.Unlock()
		default:
			continue
		}
		select {
		case c.news <- struct{}{}:
		default:
		}
	}
}

// aboutWindow takes in an event about a top-level window; false: it is about something else.
func (c *capturer) aboutWindow(event xgb.Event) bool {
	switch e := event.(type) {
	case xproto.ConfigureNotifyEvent:
		if e.Window == c.root {
			return false
		}
	case xproto.CreateNotifyEvent, xproto.DestroyNotifyEvent, xproto.ReparentNotifyEvent:
	default:
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.windows.handle(event)
	return true
}

// Moves is part of screen.MoveGuesser.
func (c *capturer) Moves(moves []screen.Move) []screen.Move {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.windows.guesses(moves)
}

// Desktop is part of screen.Capturer.
func (c *capturer) Desktop() screen.Desktop { return c.desktop }

// Wait is part of screen.Capturer.
func (c *capturer) Wait(ctx context.Context, dirty *screen.Region) error {
	for {
		select {
		case <-c.gone:
			return ErrClosed
		default:
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.gone:
			return ErrClosed
		case <-c.news:
		}
		// Afresh first: what is drawn from here on is reported again.
		damage.Subtract(c.conn, c.damage, 0, 0)
		changed := false
		if c.takeResized() {
			before := c.desktop.Monitors
			if err := c.learnDesktop(); err != nil {
				return c.reason(err)
			}
			changed = !slices.Equal(before, c.desktop.Monitors)
		}
		if c.takePending(dirty) || changed || c.cursorChanged() {
			return nil
		}
	}
}

// cursorChanged is true once for each change.
func (c *capturer) cursorChanged() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	wake := c.cursorWake
	c.cursorWake = false
	return wake
}

func (c *capturer) takeResized() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	resized := c.resized
	c.resized = false
	return resized
}

func (c *capturer) takePending(dirty *screen.Region) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending.Clip(image.Rect(0, 0, c.desktop.Width, c.desktop.Height))
	if c.pending.Empty() {
		return false
	}
	dirty.AddRegion(&c.pending)
	c.pending.Clear()
	return true
}

// learnDesktop asks for size and monitors. When the size is another one, all of the desktop is dirty.
func (c *capturer) learnDesktop() error {
	size, err := xproto.GetGeometry(c.conn, xproto.Drawable(c.root)).Reply()
	if err != nil {
		return err
	}
	d := screen.Desktop{Width: int(size.Width), Height: int(size.Height)}
	d.Monitors = c.monitors(d.Width, d.Height)
	same := d.Width == c.desktop.Width && d.Height == c.desktop.Height
	c.desktop = d
	if !same {
		c.mu.Lock()
		c.pending.Clear()
		c.pending.Add(image.Rect(0, 0, d.Width, d.Height))
		c.mu.Unlock()
		select {
		case c.news <- struct{}{}:
		default:
		}
	}
	return nil
}

// Capture is part of screen.Capturer.
func (c *capturer) Capture(into *screen.Framebuffer, rects []image.Rectangle) error {
	if into.Format != screen.BGRX {
		return fmt.Errorf("capture: the picture's format must be BGRX")
	}
	if c.takeResized() {
		before := image.Pt(c.desktop.Width, c.desktop.Height)
		if err := c.learnDesktop(); err != nil {
			return c.reason(err)
		}
		if before != image.Pt(c.desktop.Width, c.desktop.Height) {
			return screen.ErrResized
		}
	}
	if into.Width != c.desktop.Width || into.Height != c.desktop.Height {
		return screen.ErrResized
	}
	c.use.Lock()
	err := c.images.capture(into, rects)
	c.use.Unlock()
	if _, ok := err.(xproto.MatchError); ok {
		// The desktop got smaller, and the event is not here yet.
		if err := c.learnDesktop(); err != nil {
			return c.reason(err)
		}
		return screen.ErrResized
	}
	return c.reason(err)
}

// reason is an error as it is told: all that fails once the connection has ended fails for that.
func (c *capturer) reason(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF):
		return ErrClosed
	default:
		return fmt.Errorf("the screen cannot be captured: %w", err)
	}
}

// Close is part of screen.Capturer.
func (c *capturer) Close() error {
	c.closing.Do(func() {
		c.conn.Close()
		<-c.gone
		c.use.Lock()
		defer c.use.Unlock()
		c.images.release(nil)
	})
	return nil
}
