package operator

import (
	"image"
	"image/color"
	"sync"
	"time"

	"handrail/screen"
)

// PixelSeen says that a pixel had the colour that somebody waited for.
type PixelSeen struct {
	Color     color.RGBA
	Time      time.Time
	Monotonic int64 // CLOCK_MONOTONIC in nanoseconds; on systems without it since some fixed moment
}

// WatchPixel watches a pixel from now on: found gets one value when its colour is the wanted one, the channels'
// differences adding up to near at most. A picture that has the colour already counts. Call stop when done.
func (p *Picture) WatchPixel(x, y int, want color.RGBA, near int) (found <-chan PixelSeen, stop func()) {
	seen := make(chan PixelSeen, 1)
	at := image.Pt(x, y)
	var once sync.Once
	look := func() {
		p.View(func(fb *screen.Framebuffer) {
			if fb == nil || !at.In(fb.Bounds()) {
				return
			}
			c := fb.RGBA().RGBAAt(x, y)
			if distance(c.R, want.R)+distance(c.G, want.G)+distance(c.B, want.B) <= near {
				once.Do(func() { seen <- PixelSeen{c, time.Now(), monotonic()} })
			}
		})
	}
	stop = p.OnUpdate(func(rects []image.Rectangle) {
		for _, r := range rects {
			if at.In(r) {
				look()
				return
			}
		}
	})
	look()
	return seen, stop
}

func distance(a, b uint8) int { return max(int(a), int(b)) - min(int(a), int(b)) }
