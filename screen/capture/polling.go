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

// polling captures a desktop by looking at it: all of it again and again, or, while there are witnesses, where they have
// seen something.
type polling struct {
	modes
	closed  chan struct{}
	closing sync.Once

	// Owned by the goroutine that captures.
	desktop screen.Desktop
	origin  image.Point // of the desktop in the system's coordinates
	last    time.Time   // when Wait last reported
	pause   time.Duration
	free    time.Time         // no look before, so that looking does not take all of a processor
	rung    bool              // there is news to look after
	bounds  []image.Rectangle // of the monitors, in the system's coordinates
	changes screen.Region     // that a check has found

	use       sync.Mutex // held while the grabber and attention are used, and to give them back
	grabber   grabber
	attention attention
	over      bool
}

func openPolling(o Options, call summon) (screen.Capturer, error) {
	p := &polling{closed: make(chan struct{}), attention: newAttention(call, o.Log)}
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

// Moves is part of screen.MoveGuesser.
func (p *polling) Moves(moves []screen.Move) []screen.Move {
	p.use.Lock()
	defer p.use.Unlock()
	return p.attention.moves.guesses(moves)
}

// Wait is part of screen.Capturer.
func (p *polling) Wait(ctx context.Context, dirty *screen.Region) error {
	for {
		due, err := p.due()
		if err != nil {
			return err
		}
		timer := time.NewTimer(time.Until(due))
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-p.closed:
			timer.Stop()
			return ErrClosed
		case <-p.attention.bell:
			timer.Stop()
			p.rung = true
			continue
		case <-timer.C:
		}
		if found, err := p.look(dirty); found || err != nil {
			return err
		}
	}
}

// due is when the desktop is looked at next.
func (p *polling) due() (time.Time, error) {
	p.use.Lock()
	defer p.use.Unlock()
	if p.over {
		return time.Time{}, ErrClosed
	}
	if p.rung && !p.attention.on() {
		p.attention.attend(time.Now(), p.bounds)
		p.rung = p.attention.on()
	}
	switch {
	case !p.attention.on():
		return p.last.Add(p.pause), nil
	case p.rung || p.attention.due().Before(p.free):
		return p.free, nil
	default:
		return p.attention.due(), nil
	}
}

// look adds where something may have changed, and tells whether there is anything, or another desktop than before.
func (p *polling) look(dirty *screen.Region) (found bool, err error) {
	p.use.Lock()
	defer p.use.Unlock()
	if p.over {
		return false, ErrClosed
	}
	p.last, p.rung = time.Now(), false
	before := p.desktop
	if desktop, origin := lookAround(); desktop.Width > 0 {
		desktop.Modes = p.of(desktop.Monitors, origin)
		p.desktop, p.origin = desktop, origin
	}
	p.bounds = p.bounds[:0]
	for _, m := range p.desktop.Monitors {
		p.bounds = append(p.bounds, m.Bounds.Add(p.origin))
	}
	p.attention.attend(p.last, p.bounds)
	all := image.Rect(0, 0, p.desktop.Width, p.desktop.Height)
	if !p.attention.on() {
		dirty.Add(all)
		return true, nil
	}
	return p.attention.take(p.last, dirty, all, p.origin) || !before.Equal(p.desktop), nil
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
	began, seldom := time.Now(), p.attention.checking // what comes once a second needs no rest after it
	changed, err := p.grab(into, rects)
	took := time.Since(began)
	p.pause = nextPause(p.pause, changed, took)
	if p.free = began; !seldom {
		p.free = began.Add(3 * took)
	}
	return err
}

// grab copies rectangles and, if the look is a check, finds out what has changed that nobody has told of.
func (p *polling) grab(into *screen.Framebuffer, rects []image.Rectangle) (changed bool, err error) {
	check := p.attention.checks(into, rects)
	defer func() {
		if err != nil {
			p.attention.failed()
		}
	}()
	if !check {
		return p.grabber.grab(into, rects, p.origin, nil)
	}
	if _, err = p.grabber.grab(into, p.attention.reported.Rects(), p.origin, nil); err != nil {
		return false, err
	}
	p.changes.Clear()
	changed, err = p.grabber.grab(into, rects, p.origin, &p.changes)
	p.attention.checked(time.Now(), &p.changes)
	return changed, err
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
		p.attention.close()
	})
	return nil
}
