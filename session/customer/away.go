package customer

import (
	"context"
	"sync"
	"time"

	"handrail/session"
)

// staleAfter is how long a link may be broken before what was sent by hand ahead of that comes too late: who clicked on something
// does not mean what lies there minutes later.
const staleAfter = 5 * time.Second

// away is what a broken link does to the operator's input. While the link is broken nothing is injected: nobody could let go of it.
// What has come waits until the link stands again. If that took long it is dropped, up to the release that the operator's program
// sends first when it is back; only movements of the pointer still arrive.
type away struct {
	mu    sync.Mutex
	since time.Time     // when the link broke
	back  chan struct{} // closed when it stands again; nil while it stands
	stale time.Time     // until when older input may still come; zero: none is expected
}

// broke says that the link is broken.
func (a *away) broke(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.back == nil {
		a.since, a.back = now, make(chan struct{})
	}
}

// came says that the link stands again.
func (a *away) came(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.back == nil {
		return
	}
	close(a.back)
	a.back = nil
	if now.Sub(a.since) > staleAfter {
		a.stale = now.Add(staleAfter)
	}
}

// broken tells whether the link is.
func (a *away) broken() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.back != nil
}

// wait returns when the link stands, or ctx has ended.
func (a *away) wait(ctx context.Context) {
	a.mu.Lock()
	back := a.back
	a.mu.Unlock()
	if back == nil {
		return
	}
	select {
	case <-back:
	case <-ctx.Done():
	}
}

// late tells whether an input comes too late to be done.
func (a *away) late(in session.Input, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.stale.IsZero() {
		return false
	}
	if in.Kind == session.InputRelease || now.After(a.stale) {
		a.stale = time.Time{}
		return false
	}
	return in.Kind != session.InputMove
}
