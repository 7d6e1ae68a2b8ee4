package capture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"handrail/internal/xext"
	"handrail/screen"
	"handrail/screen/internal/x11"
)

// capturer watches an X display over two connections: one of our own for what happens with every picture (what was
// drawn, windows that move, pixels), and one of the library's for the rest. One goroutine for each reads events and
// gathers where something was drawn; Wait takes what they gathered.
//
// XDamage reports what is drawn outside of what it has already reported, until it is told to start afresh. Wait
// tells it so before it returns, and whoever captures does so after Wait: what is drawn in between is in the
// captured pixels.
type capturer struct {
	conn    *xgb.Conn
	hot     *hotLine
	root    xproto.Window
	randr   bool
	news    chan struct{} // holds one while pending or resized have something
	gone    chan struct{} // closed when both connections have ended
	closing sync.Once
	modes

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
		conn: conn, root: info.Root, news: make(chan struct{}, 1), gone: make(chan struct{}), modes: modes{display: o.Display},
	}
	var readers sync.WaitGroup
	err = supported(conn, info)
	if err == nil {
		c.hot, err = openHotLine(o.Display, info.Root)
	}
	if err == nil {
		readers.Go(c.readHot)
		err = c.setUp()
	}
	if err != nil {
		conn.Close()
		for ev, xerr := conn.WaitForEvent(); ev != nil || xerr != nil; ev, xerr = conn.WaitForEvent() {
			continue // until the library's goroutines have ended
		}
		if c.hot != nil {
			c.hot.raw.Close()
		}
		readers.Wait()
		c.images.release()
		return nil, err
	}
	readers.Go(c.readEvents)
	go func() {
		readers.Wait()
		close(c.gone)
	}()
	return c, nil
}

// setUp asks for all events of the library's connection and learns the first size.
func (c *capturer) setUp() error {
	if err := xext.Use(c.conn, xext.XFixes); err != nil {
		return fmt.Errorf("the screen cannot be watched: %w", err)
	}
	if _, err := xfixes.QueryVersion(c.conn, 5, 0).Reply(); err != nil {
		return fmt.Errorf("the screen cannot be watched: %w", err)
	}
	if err := c.watchSize(); err != nil {
		return fmt.Errorf("the screen cannot be watched: %w", err)
	}
	c.mu.Lock()
	c.windows.open(c.conn, c.root)
	c.mu.Unlock()
	c.watchCursor()
	c.images.open(c.conn, c.hot, c.root)
	if err := c.learnDesktop(); err != nil {
		return fmt.Errorf("the size of the screen is not known: %w", err)
	}
	return nil
}

// watchSize asks for events about monitors.
func (c *capturer) watchSize() error {
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

// readEvents runs until the library's connection ends.
func (c *capturer) readEvents() {
	for {
		event, xerr := c.conn.WaitForEvent()
		if event == nil && xerr == nil {
			c.hot.raw.Close()
			return
		}
		c.mu.Lock()
		switch event.(type) {
		case xfixes.CursorNotifyEvent:
			c.cursorNews, c.cursorWake = true, true
		case randr.ScreenChangeNotifyEvent, randr.NotifyEvent:
			c.resized = true
		}
		c.mu.Unlock()
		c.wake()
	}
}

// readHot runs until our own connection ends.
func (c *capturer) readHot() {
	defer close(c.hot.gone)
	defer c.conn.Close()
	for {
		kind, about, err := c.hot.next()
		if err != nil {
			return
		}
		c.mu.Lock()
		switch {
		case kind == drawn:
			c.pending.Add(about.place)
		case kind == configured && about.window == c.root:
			c.resized = true
		default:
			c.windows.handle(kind, about)
		}
		c.mu.Unlock()
		if kind == drawn || about.window == c.root {
			c.wake()
		}
	}
}

func (c *capturer) wake() {
	select {
	case c.news <- struct{}{}:
	default:
	}
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
		if err := c.hot.afresh(); err != nil {
			return ErrClosed
		}
		changed := false
		if c.takeResized() {
			before := c.desktop
			if err := c.learnDesktop(); err != nil {
				return c.reason(err)
			}
			changed = !before.Equal(c.desktop)
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
	if c.randr {
		if a, err := arrange(c.conn, c.root); err == nil {
			d.Modes = a.sizes()
		}
	}
	same := d.Width == c.desktop.Width && d.Height == c.desktop.Height
	c.desktop = d
	if !same {
		c.mu.Lock()
		c.pending.Clear()
		c.pending.Add(image.Rect(0, 0, d.Width, d.Height))
		c.mu.Unlock()
		c.wake()
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
	if errors.Is(err, errMatch) {
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
	case errors.Is(err, io.EOF), errors.Is(err, ErrClosed):
		return ErrClosed
	default:
		return fmt.Errorf("the screen cannot be captured: %w", err)
	}
}

// Close is part of screen.Capturer.
func (c *capturer) Close() error {
	c.closing.Do(func() {
		c.conn.Close()
		c.hot.raw.Close()
		<-c.gone
		c.use.Lock()
		defer c.use.Unlock()
		c.images.release()
	})
	return nil
}
