// Package capture watches the desktop of this computer and copies its pixels.
//
// On X11 it speaks the protocol itself: XDamage says what was drawn, MIT-SHM copies just that, RandR tells of
// monitors. On Windows GDI copies the pixels and DXGI's desktop duplication says where something was drawn, on macOS
// CGDisplayStream does; that is not relied on: once a second the whole desktop is compared. Where neither is to be had, the
// whole desktop is looked at again and again: every 30 ms while things change, every 100 ms otherwise, and never for more
// than a third of a processor's time.
//
//	c, err := capture.Open(capture.Options{})
//	…
//	var dirty screen.Region
//	for c.Wait(ctx, &dirty) == nil {
//		err := c.Capture(fb, dirty.Rects())
//		…
//	}
package capture

import (
	"errors"
	"log/slog"

	"handrail/screen"
)

// Options says what to capture.
type Options struct {
	// Display is the name of an X display; empty is $DISPLAY. Other systems ignore it.
	Display string
	// Log gets a line when the way in which the screen is watched changes; nil: no log. Only Windows and macOS have several.
	Log *slog.Logger
}

// ErrClosed is what Wait and Capture return after Close or after the display has gone.
var ErrClosed = errors.New("the screen is no longer there")

// Open starts to watch the desktop. The first Wait reports all of it. An error is a sentence for a person.
func Open(o Options) (screen.Capturer, error) { return open(o) }
