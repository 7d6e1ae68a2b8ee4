package main

import (
	"runtime/debug"
	"sync"
	"time"

	"handrail/session"
)

const (
	// gcPercent makes the collector run more often than usual: somebody else's computer is to keep its memory.
	gcPercent = 40
	// gcPercentSharing is that while the screen is shared, when next to nothing is allocated.
	gcPercentSharing = 15
	// settled is how long after sharing has begun the windows are drawn and the first pictures have been sent.
	settled = 2 * time.Second
)

// thrift gives memory back to the customer's computer while the screen is shared: what opening the windows took, and
// what the session's beginning took.
type thrift struct {
	mu    sync.Mutex
	timer *time.Timer
	done  bool
}

// event is for the session's events.
func (t *thrift) event(e session.Event) {
	if e.Type != session.EventState || e.State != session.Active {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer == nil && !t.done {
		t.timer = time.AfterFunc(settled, save)
	}
}

// end lets nothing happen from now on.
func (t *thrift) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done = true
	if t.timer != nil {
		t.timer.Stop()
	}
}

func save() {
	debug.SetGCPercent(gcPercentSharing)
	debug.FreeOSMemory()
	giveBackCode()
}
