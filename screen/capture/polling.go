//go:build windows || darwin

package capture

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"sync"
	"time"

	"github.com/kbinani/screenshot"

	"handrail/screen"
)

// The time between two looks at the whole desktop: while things change, and after a while without.
const (
	soonest = 30 * time.Millisecond
	latest  = 100 * time.Millisecond
)

// nextPause is how long to leave the desktop alone, after so long a pause and a look that took so long: looking takes a
// third of a processor at most.
func nextPause(pause time.Duration, changed bool, took time.Duration) time.Duration {
	if changed {
		pause = soonest
	} else {
		pause = min(pause+pause/2, latest)
	}
	return max(pause, soonest, 2*took)
}

// polling captures a desktop whose system does not tell what was drawn.
type polling struct {
	modes
	closed  chan struct{}
	closing sync.Once

	// Owned by the goroutine that captures.
	desktop screen.Desktop
	origin  image.Point // of the desktop in the system's coordinates
	last    time.Time   // when Wait last reported
	pause   time.Duration

	use     sync.Mutex // held while the grabber is used, and to give it back
	grabber grabber
	over    bool
}

func openPolling() (screen.Capturer, error) {
	p := &polling{closed: make(chan struct{})}
	desktop, origin := lookAround()
	if desktop.Width == 0 {
		return nil, fmt.Errorf("no screen can be seen; if the system asks whether this program may record the screen, " +
			"please allow it and start the program again")
	}
	desktop.Modes = p.of(desktop.Monitors, origin)
	p.desktop, p.origin = desktop, origin
	return p, nil
}

// lookAround is the present desktop, and where its top left pixel is in the system's coordinates.
func lookAround() (screen.Desktop, image.Point) {
	var all image.Rectangle
	var d screen.Desktop
	for i := range screenshot.NumActiveDisplays() {
		r := screenshot.GetDisplayBounds(i)
		all = all.Union(r)
		d.Monitors = append(d.Monitors, screen.Monitor{Name: fmt.Sprintf("Monitor %d", i+1), Bounds: r, Primary: i == 0})
	}
	for i := range d.Monitors {
		d.Monitors[i].Bounds = d.Monitors[i].Bounds.Sub(all.Min)
	}
	d.Width, d.Height = all.Dx(), all.Dy()
	return d, all.Min
}

// Desktop is part of screen.Capturer.
func (p *polling) Desktop() screen.Desktop { return p.desktop }

// Wait is part of screen.Capturer.
func (p *polling) Wait(ctx context.Context, dirty *screen.Region) error {
	timer := time.NewTimer(time.Until(p.last.Add(p.pause)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-p.closed:
		return ErrClosed
	case <-timer.C:
	}
	p.last = time.Now()
	if desktop, origin := lookAround(); desktop.Width > 0 {
		desktop.Modes = p.of(desktop.Monitors, origin)
		p.desktop, p.origin = desktop, origin
	}
	dirty.Add(image.Rect(0, 0, p.desktop.Width, p.desktop.Height))
	return nil
}

// Capture is part of screen.Capturer.
func (p *polling) Capture(into *screen.Framebuffer, rects []image.Rectangle) error {
	select {
	case <-p.closed:
		return ErrClosed
	default:
	}
	if into.Format != screen.BGRX {
		return fmt.Errorf("capture: the picture's format must be BGRX")
	}
	if into.Width != p.desktop.Width || into.Height != p.desktop.Height {
		return screen.ErrResized
	}
	p.use.Lock()
	defer p.use.Unlock()
	if p.over {
		return ErrClosed
	}
	began := time.Now()
	changed, err := p.grabber.grab(into, rects, p.origin)
	p.pause = nextPause(p.pause, changed, time.Since(began))
	return err
}

// takeRow copies a row of pixels, and tells whether they are others than before.
func takeRow(dst, src []byte) (changed bool) {
	src = src[:len(dst)]
	if bytes.Equal(dst, src) {
		return false
	}
	copy(dst, src)
	return true
}

// Close is part of screen.Capturer.
func (p *polling) Close() error {
	p.closing.Do(func() {
		close(p.closed)
		p.use.Lock()
		defer p.use.Unlock()
		p.over = true
		p.grabber.release()
	})
	return nil
}
