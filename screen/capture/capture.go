// Package capture watches the desktop of this computer and copies its pixels.
//
// On X11 it speaks the protocol itself: XDamage says what was drawn, MIT-SHM copies just that, RandR tells of
// monitors. On Windows and macOS, where nothing tells what was drawn, the whole desktop is looked at again at a bounded rate.
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

	"handrail/screen"
)

// Options says what to capture.
type Options struct {
	// Display is the name of an X display; empty is $DISPLAY. Other systems ignore it.
	Display string
}

// ErrClosed is what Wait and Capture return after Close or after the display has gone.
var ErrClosed = errors.New("the screen is no longer there")

// Open starts to watch the desktop. The first Wait reports all of it. An error is a sentence for a person.
func Open(o Options) (screen.Capturer, error) { return open(o) }
