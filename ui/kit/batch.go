package kit

import (
	"slices"
	"sync"
	"time"
)

// Batch hands what comes to Fyne's thread, what comes in quick succession together: one call at a time waits there, however much
// comes. Add and AddSoon are safe for concurrent use and wait for nothing.
type Batch[T any] struct {
	take  func([]T)
	merge func(waiting *T, next T) bool

	mu      sync.Mutex
	waiting []T
	posted  bool      // Fyne's thread will take it
	delayed bool      // a pause runs
	last    time.Time // when take had done
}

// maxBatch is how many may wait; of more the oldest go. batchPause is how long what is in no hurry leaves the thread to others.
const (
	maxBatch   = 1000
	batchPause = 50 * time.Millisecond
)

// NewBatch makes a batch. take is called on Fyne's thread, with what has come in order. merge, which may be nil, tells whether
// something needs no place of its own because it has been added to what waits.
func NewBatch[T any](take func([]T), merge func(waiting *T, next T) bool) *Batch[T] {
	return &Batch[T]{take: take, merge: merge}
}

// Add gives the next one.
func (b *Batch[T]) Add(v T) {
	if b.add(v, 0) {
		Do(b.run)
	}
}

// AddSoon is Add for what may come in any number: it leaves the thread time for other work.
func (b *Batch[T]) AddSoon(v T) {
	if b.add(v, batchPause) {
		Do(b.run)
	}
}

// add tells whether Fyne's thread has to be asked now.
func (b *Batch[T]) add(v T, pause time.Duration) (post bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	merged := false
	for i := 0; b.merge != nil && !merged && i < len(b.waiting); i++ {
		merged = b.merge(&b.waiting[i], v)
	}
	if !merged {
		if len(b.waiting) == maxBatch {
			b.waiting = slices.Delete(b.waiting, 0, 1)
		}
		b.waiting = append(b.waiting, v)
	}
	switch left := pause - time.Since(b.last); {
	case b.posted:
		return false
	case left <= 0:
		b.posted = true
		return true
	case !b.delayed:
		b.delayed = true
		time.AfterFunc(left, b.late)
	}
	return false
}

func (b *Batch[T]) late() {
	b.mu.Lock()
	b.delayed = false
	post := !b.posted && len(b.waiting) > 0
	b.posted = b.posted || post
	b.mu.Unlock()
	if post {
		Do(b.run)
	}
}

func (b *Batch[T]) run() {
	b.mu.Lock()
	all := b.waiting
	b.waiting, b.posted = nil, false
	b.mu.Unlock()
	b.take(all)
	b.mu.Lock()
	b.last = time.Now()
	b.mu.Unlock()
}
