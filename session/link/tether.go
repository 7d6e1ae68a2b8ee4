package link

import (
	"context"
	"sync"
)

// tether lets a context end the link while a call made with it is under way, as the WebSocket's own functions would.
// These need several new objects for each call; nearly all calls come with the same context as the one before, and a tether
// stays tied to it. One call is under way at a time.
type tether struct {
	end func() error // ends the link

	mu   sync.Mutex
	ctx  context.Context // of the last call
	stop func() bool     // unties it
	held bool            // a call is under way
}

// hold begins a call, unless its context has ended; letGo ends it.
func (t *tether) hold(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if ctx != t.ctx {
		t.untieLocked()
		t.ctx = ctx
		t.stop = context.AfterFunc(ctx, func() {
			if t.holds(ctx) {
				_ = t.end()
			}
		})
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	t.held = true
	return nil
}

func (t *tether) holds(ctx context.Context) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.held && t.ctx == ctx
}

func (t *tether) letGo() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held = false
}

// cut is for when no further call will come.
func (t *tether) cut() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.untieLocked()
}

func (t *tether) untieLocked() {
	if t.stop != nil {
		t.stop()
		t.ctx, t.stop = nil, nil
	}
}
