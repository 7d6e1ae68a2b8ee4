//go:build windows || darwin

package capture

import (
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"sync"
	"time"

	"github.com/kbinani/screenshot"

	"handrail/screen"
)

// pollInterval is how long Wait leaves between two reports of the whole desktop.
const pollInterval = 100 * time.Millisecond

// polling captures a desktop whose system does not tell what was drawn.
type polling struct {
	closed  chan struct{}
	closing sync.Once

	// Owned by the goroutine that captures.
	desktop screen.Desktop
	origin  image.Point // of the desktop in the system's coordinates
	last    time.Time   // when Wait last reported
}

func openPolling() (screen.Capturer, error) {
	p := &polling{closed: make(chan struct{})}
	desktop, origin := lookAround()
	if desktop.Width == 0 {
		return nil, fmt.Errorf("no screen can be seen; if the system asks whether this program may record the screen, " +
			"please allow it and start the program again")
	}
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
	timer := time.NewTimer(time.Until(p.last.Add(pollInterval)))
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
	for _, r := range rects {
		r = r.Intersect(into.Bounds())
		if r.Empty() {
			continue
		}
		img, err := screenshot.CaptureRect(r.Add(p.origin))
		if err != nil {
			return fmt.Errorf("the screen cannot be captured: %w", err)
		}
		if img.Rect.Dx() < r.Dx() || img.Rect.Dy() < r.Dy() {
			return screen.ErrResized
		}
		for y := range r.Dy() {
			swap(into.Pix[(r.Min.Y+y)*into.Stride+4*r.Min.X:][:4*r.Dx()], img.Pix[y*img.Stride:])
		}
	}
	return nil
}

// swap writes RGBA pixels as BGRX.
func swap(dst, src []byte) {
	for x := 0; x+4 <= len(dst); x += 4 {
		v := binary.LittleEndian.Uint32(src[x:])
		binary.LittleEndian.PutUint32(dst[x:], v&0xff<<16|v&0xff00|v>>16&0xff)
	}
}

// Close is part of screen.Capturer.
func (p *polling) Close() error {
	p.closing.Do(func() { close(p.closed) })
	return nil
}
