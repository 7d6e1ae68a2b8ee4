package operator

import (
	"context"
	"image"
	"sync"
	"sync/atomic"

	"handrail/screen"
)

// Picture is the customer's desktop as last received. All methods are safe for concurrent use.
type Picture struct {
	mu      sync.RWMutex
	decoder *screen.Decoder
	whole   bool // at least one update has been applied to its end

	cursor atomic.Pointer[screen.Cursor] // nil: not known
	// pointer is where the customer's own hand has moved the pointer; nil: it has not since the operator's did.
	pointer atomic.Pointer[image.Point]
	depth   atomic.Uint32 // screen.ColorDepth in which pixels came last; 0: none have

	watchMu  sync.Mutex
	watchers map[int]func([]image.Rectangle)
	next     int
}

// applied is what a part of an update did.
type applied struct {
	sequence uint32
	first    bool
	last     bool
	rects    []image.Rectangle // valid until the next
}

func newPicture() *Picture {
	return &Picture{decoder: screen.NewDecoder(screen.RGBA, screen.Limits{}), watchers: map[int]func([]image.Rectangle){}}
}

// View calls fn with the picture, in RGBA, while nothing paints on it; with nil before the first whole one.
// fn must not keep it.
func (p *Picture) View(fn func(fb *screen.Framebuffer)) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if !p.whole {
		fn(nil)
		return
	}
	fn(p.decoder.Framebuffer())
}

// Cursor is what the customer's pointer looks like; nil while that is not known. It must not be changed, and it is the
// same until the next change.
func (p *Picture) Cursor() *screen.Cursor { return p.cursor.Load() }

func (p *Picture) setCursor(c *screen.Cursor) {
	if c != nil {
		p.cursor.Store(c)
	}
}

// Depth is how many bits of colour pixels have on their way at the moment; 0 before the first.
func (p *Picture) Depth() screen.ColorDepth { return screen.ColorDepth(p.depth.Load()) }

// Size is the picture's size in pixels, 0 × 0 before the first whole one.
func (p *Picture) Size() (width, height int) {
	p.View(func(fb *screen.Framebuffer) {
		if fb != nil {
			width, height = fb.Width, fb.Height
		}
	})
	return width, height
}

// Snapshot copies the picture; nil before the first whole one.
func (p *Picture) Snapshot() *image.RGBA {
	var copied *image.RGBA
	p.View(func(fb *screen.Framebuffer) {
		if fb == nil {
			return
		}
		copied = image.NewRGBA(fb.Bounds())
		for y := range fb.Height {
			copy(copied.Pix[y*copied.Stride:], fb.Pix[y*fb.Stride:y*fb.Stride+4*fb.Width])
		}
	})
	return copied
}

// AwaitSnapshot is Snapshot, but waits for the first whole picture until ctx ends.
func (p *Picture) AwaitSnapshot(ctx context.Context) *image.RGBA {
	changed := make(chan struct{}, 1)
	stop := p.OnUpdate(func([]image.Rectangle) {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	defer stop()
	for {
		if copied := p.Snapshot(); copied != nil {
			return copied
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// OnUpdate calls fn with what was painted, after each part of an update, on the goroutine that receives: fn
// must be quick and must not keep rects.
func (p *Picture) OnUpdate(fn func(rects []image.Rectangle)) (stop func()) {
	p.watchMu.Lock()
	defer p.watchMu.Unlock()
	id := p.next
	p.next++
	p.watchers[id] = fn
	return func() {
		p.watchMu.Lock()
		defer p.watchMu.Unlock()
		delete(p.watchers, id)
	}
}

// newPart makes a part for apply.
func (p *Picture) newPart() *screen.Part { return p.decoder.NewPart() }

// apply paints a part that has been prepared.
func (p *Picture) apply(part *screen.Part) (applied, error) {
	p.mu.Lock()
	update, err := p.decoder.Apply(part)
	p.whole = p.whole || err == nil && update.Last
	p.mu.Unlock()
	if err != nil {
		return applied{}, err
	}
	if update.Packed {
		p.depth.Store(uint32(update.Depth))
	}
	done := applied{sequence: update.Sequence, first: update.First, last: update.Last, rects: update.Rects}
	p.watchMu.Lock()
	defer p.watchMu.Unlock()
	for _, fn := range p.watchers {
		fn(update.Rects)
	}
	return done, nil
}
