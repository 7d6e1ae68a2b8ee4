package viewer

import (
	"sync"

	"handrail/screen"
)

// Hands are where input goes to in the end. Calls may block while the way to the other computer is full.
type Hands interface {
	Move(x, y int) error
	Button(b screen.Button, down bool) error
	Scroll(dx, dy int) error
	Key(keysym uint32, down bool) error
	Type(text string) error
	ReleaseAll() error
}

// Queue is a Sink that never blocks: it hands everything on in order, on a goroutine of its own. Of
// positions that follow each other only the last one waits. When maxQueued things wait, further ones are
// dropped, and all that is held is released in the end, so that nothing stays pressed.
type Queue struct {
	hands Hands
	wg    sync.WaitGroup
	wake  chan struct{} // buffered 1
	done  chan struct{} // closed by Close

	mu       sync.Mutex
	waiting  []action
	overflow bool
}

const maxQueued = 2048

type action struct {
	move bool
	do   func(Hands) error
}

// NewQueue makes a Queue. Close it when the viewer is closed.
func NewQueue(hands Hands) *Queue {
	q := &Queue{hands: hands, wake: make(chan struct{}, 1), done: make(chan struct{})}
	q.wg.Go(q.run)
	return q
}

// Close hands on what still waits and stops. It does not wait for that. What comes afterwards is dropped: of keys that are pressed and
// released the goroutine might otherwise take only the first half with it.
func (q *Queue) Close() { close(q.done) }

// Wait waits until the goroutine has ended, after Close.
func (q *Queue) Wait() { q.wg.Wait() }

func (q *Queue) add(a action) {
	select {
	case <-q.done:
		return
	default:
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	n := len(q.waiting)
	switch {
	case a.move && n > 0 && q.waiting[n-1].move:
		q.waiting[n-1] = a
	case n >= maxQueued:
		q.overflow = true
	default:
		q.waiting = append(q.waiting, a)
	}
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *Queue) run() {
	for {
		select {
		case <-q.done:
			q.drain()
			return
		case <-q.wake:
			q.drain()
		}
	}
}

// drain hands on what waits. Errors say that there is no control now, which the window shows anyway.
func (q *Queue) drain() {
	for {
		q.mu.Lock()
		if len(q.waiting) == 0 {
			overflow := q.overflow
			q.overflow = false
			q.mu.Unlock()
			if overflow {
				_ = q.hands.ReleaseAll()
			}
			return
		}
		next := q.waiting[0]
		q.waiting = q.waiting[1:]
		q.mu.Unlock()
		_ = next.do(q.hands)
	}
}

// Move is for Sink, as are the following.
func (q *Queue) Move(x, y int) {
	q.add(action{move: true, do: func(h Hands) error { return h.Move(x, y) }})
}

// Button is for Sink.
func (q *Queue) Button(b screen.Button, down bool) {
	q.add(action{do: func(h Hands) error { return h.Button(b, down) }})
}

// Scroll is for Sink.
func (q *Queue) Scroll(dx, dy int) {
	q.add(action{do: func(h Hands) error { return h.Scroll(dx, dy) }})
}

// Key is for Sink.
func (q *Queue) Key(keysym uint32, down bool) {
	q.add(action{do: func(h Hands) error { return h.Key(keysym, down) }})
}

// KeyAt is for PositionSink. Hands that know no positions drop it.
func (q *Queue) KeyAt(position uint16, down bool) {
	q.add(action{do: func(h Hands) error {
		if by, ok := h.(interface {
			KeyAt(position uint16, down bool) error
		}); ok {
			return by.KeyAt(position, down)
		}
		return nil
	}})
}

// Type is for Sink.
func (q *Queue) Type(text string) {
	q.add(action{do: func(h Hands) error { return h.Type(text) }})
}

// ReleaseAll is for Sink.
func (q *Queue) ReleaseAll() {
	q.add(action{do: func(h Hands) error { return h.ReleaseAll() }})
}
