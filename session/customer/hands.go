package customer

import (
	"sync"
	"time"

	"handrail/session"
)

// A press by the operator's hands is taken into account for as long as windows may be late in hearing of it.
const (
	pressLasts = 10 * time.Second
	// pressFresh is how long after it nobody waits for a press of the customer's own: it would not be what was meant.
	pressFresh = time.Second
)

// hands remember whose pressed something last: a button on the screen does not know who has pressed it.
type hands struct {
	mu       sync.Mutex
	own      time.Time     // the customer's last press
	operator time.Time     // when something the operator pressed, typed or let go of was injected last
	down     map[down]bool // what the operator holds
}

// pressed says that the customer's own hand has pressed something.
func (h *hands) pressed(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.own = now
}

// injected says that an input of the operator's is being or has been done.
func (h *hands) injected(in session.Input, now time.Time) {
	if in.Kind == session.InputMove || in.Kind == session.InputScroll || in.Kind == session.InputWheel {
		return
	}
	if in.Kind == session.InputRelease {
		h.released(now)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.operator = now
	switch d, holds := downOf(in); {
	case !holds:
	case !in.Down:
		delete(h.down, d)
	default:
		if h.down == nil {
			h.down = map[down]bool{}
		}
		h.down[d] = true
	}
}

// released says that everything the operator held was let go of, for which a button on the screen waits.
func (h *hands) released(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.down) > 0 {
		h.operator = now
		clear(h.down)
	}
}

// whose tells whether a button that was just pressed was pressed by the customer; settled says that waiting for more does not
// change that.
func (h *hands) whose(now time.Time) (customers, settled bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case len(h.down) > 0:
		return false, true
	case h.operator.IsZero() || now.Sub(h.operator) > pressLasts || h.own.After(h.operator):
		return true, true
	}
	return false, now.Sub(h.operator) < pressFresh
}
