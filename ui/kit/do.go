package kit

import (
	"sync"

	"fyne.io/fyne/v2"
)

// Do runs fn on Fyne's thread, where widgets may be touched. It does not wait.
func Do(fn func()) {
	if !collected.add(fn) {
		fyne.Do(fn)
	}
}

// collected is what tests run themselves: Fyne's test driver has no thread of its own and would run fn on
// whatever goroutine asks for it, beside the test.
var collected queue

type queue struct {
	mu      sync.Mutex
	on      bool
	waiting []func()
}

func (q *queue) add(fn func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.on {
		q.waiting = append(q.waiting, fn)
	}
	return q.on
}

// Collect is for tests: from now on Do only keeps what it is given, until RunCollected. What was kept before
// is forgotten.
func Collect() {
	collected.mu.Lock()
	defer collected.mu.Unlock()
	collected.on, collected.waiting = true, nil
}

// RunCollected runs what Do was given since Collect, on the caller's goroutine.
func RunCollected() {
	collected.mu.Lock()
	waiting := collected.waiting
	collected.waiting = nil
	collected.mu.Unlock()
	for _, fn := range waiting {
		fn()
	}
}
