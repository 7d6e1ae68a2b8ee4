package capture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"handrail/internal/xext"
	"handrail/screen"
	"handrail/screen/internal/x11"
)

// capturer watches an X display over two connections: one of our own for what happens with every picture (what was
// drawn, windows that move, pixels), and one of the library's for the rest. A goroutine reads the library's. Ours is read
// by Wait and Capture themselves, and while neither is called for long, now and then by a timer, so that nothing piles
// up in the X server.
//
// XDamage reports what is drawn outside of what it has already reported, until it is told to start afresh. That is sent
// before Capture's requests, in the same breath: what is drawn in between is in the captured pixels, and what is drawn
// later is reported again.
type capturer struct {
	conn    *xgb.Conn
	hot     *hotLine
	root    xproto.Window
	randr   bool
	gone    chan struct{} // closed when the library's connection has ended
	closing sync.Once
	idle    *time.Timer // reads our own connection while nobody waits
	modes

	// Owned by the goroutine that captures.
	desktop      screen.Desktop
	cursorSerial uint32          // of the cursor given last
	waiting      context.Context // that interrupts waits when it ends
	unhook       func() bool     // ends that

	use    sync.Mutex // held while the connection's images are used, and to give them back
	images images

	mu      sync.Mutex
	pending screen.Region
	told    bool // of something drawn, since XDamage was last told to start afresh
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
		conn: conn, root: info.Root, gone: make(chan struct{}), modes: modes{display: o.Display},
	}
	err = supported(conn, info)
	if err == nil {
		c.hot, err = openHotLine(o.Display, info.Root)
	}
	if err == nil {
		c.hot.heard = c.hear
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
		c.images.release()
		return nil, err
	}
	c.idle = time.AfterFunc(idleTime, c.tidy)
	go c.readEvents()
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
	defer close(c.gone)
	defer c.hot.raw.Close()
	for {
		event, xerr := c.conn.WaitForEvent()
		if event == nil && xerr == nil {
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
		c.hot.raw.Interrupt()
	}
}

// hear takes in what our own connection tells.
func (c *capturer) hear(kind news, about subject) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case kind == drawn:
		c.pending.Add(about.place)
		c.told = true
	case kind == configured && about.window == c.root:
		c.resized = true
	default:
		c.windows.handle(kind, about)
	}
}

const (
	// idleTime is how long our own connection may be left alone.
	idleTime = 2 * time.Second
	// tidyTime is how long it is read then, at most.
	tidyTime = time.Millisecond
)

// tidy takes in what has come while nobody waited.
func (c *capturer) tidy() {
	c.hot.reading.Lock()
	defer c.hot.reading.Unlock()
	c.hot.raw.Until(time.Now().Add(tidyTime))
	var err error
	for err == nil {
		err = c.hot.hear()
	}
	c.hot.raw.Resume()
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		c.lost()
		return
	}
	c.idle.Reset(idleTime)
}

// lost ends both connections, because one has ended.
func (c *capturer) lost() {
	c.conn.Close()
	c.hot.raw.Close()
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
	c.idle.Stop()
	defer c.idle.Reset(idleTime)
	c.interruptAt(ctx)
	c.hot.reading.Lock()
	defer c.hot.reading.Unlock()
	for {
		c.hot.raw.Resume() // before looking at what somebody may interrupt for
		select {
		case <-c.gone:
			return ErrClosed
		default:
		}
		if found, err := c.take(dirty); found || err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := c.hot.raw.Flush(); err != nil {
			return ErrClosed
		}
		if err := c.hot.hear(); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			c.lost()
			return ErrClosed
		}
	}
}

// interruptAt has Wait look up when a context ends. It stays so: nearly all waits come with the same context, and an
// interruption while nobody waits does nothing.
func (c *capturer) interruptAt(ctx context.Context) {
	if ctx == c.waiting {
		return
	}
	if c.unhook != nil {
		c.unhook()
	}
	c.waiting, c.unhook = ctx, context.AfterFunc(ctx, c.hot.raw.Interrupt)
}

// take adds what is known to have happened to dirty, and tells whether anything has.
func (c *capturer) take(dirty *screen.Region) (found bool, err error) {
	if c.takeResized() {
		before := c.desktop
		if err := c.learnDesktop(); err != nil {
			return false, c.reason(err)
		}
		found = !before.Equal(c.desktop)
	}
	return c.takePending(dirty) || c.cursorChanged() || found, nil
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
	if c.told {
		c.told = false
		c.hot.afresh()
	}
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
		c.told = true // or it may have been, before anybody listened
		c.mu.Unlock()
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
	c.hot.reading.Lock()
	err := c.images.capture(into, rects)
	c.hot.reading.Unlock()
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
		c.idle.Stop()
		c.lost()
		<-c.gone
		c.use.Lock()
		defer c.use.Unlock()
		c.images.release()
	})
	return nil
}
