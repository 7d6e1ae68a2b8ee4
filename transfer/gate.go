package transfer

import (
	"sync"
	"sync/atomic"
)

// gate is what everything of a transfer goes through that becomes visible under a name which the other side has
// given: a file getting its name, a folder being made. Nothing that takes long goes through it, neither syncing nor
// sending, so that it can be shut at any time and whoever does so is certain that nothing more appears.
type gate struct {
	mu     sync.Mutex
	barred atomic.Bool
}

// through does something, or gives Gone if the gate is shut.
func (g *gate) through(do func() error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.barred.Load() {
		return Gone
	}
	return do()
}

// bar shuts the gate; what is just going through still does.
func (g *gate) bar() { g.barred.Store(true) }

// wait waits until nothing is going through any more.
func (g *gate) wait() {
	g.mu.Lock()
	defer g.mu.Unlock()
}
