package kit

import (
	"sync"
	"sync/atomic"

	"fyne.io/fyne/v2"
)

// Do runs fn on Fyne's thread, where widgets may be touched. It does not wait.
func Do(fn func()) {
	if collected.add(fn) {
		return
	}
	waiting.Add(1)
	fyne.Do(func() {
		waiting.Add(-1)
		fn()
	})
	if wake := waker.Load(); wake != nil {
		(*wake)()
	}
}

var (
	waiting atomic.Int32 // what Do was given and Fyne's thread has not taken up yet
	waker   atomic.Pointer[func()]
)

// Waiting says whether something that Do was given has not begun yet.
func Waiting() bool { return waiting.Load() > 0 }

// OnDo has wake called after each Do, on the goroutine that called Do, until stop.
func OnDo(wake func()) (stop func()) {
	waker.Store(&wake)
	return func() { waker.CompareAndSwap(&wake, nil) }
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
