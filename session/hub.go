package session

import "sync"

// Hub hands events to whoever listens. The zero value is ready; all methods are safe for concurrent use.
type Hub struct {
	mu        sync.Mutex
	listeners map[*listener]struct{}
}

type listener struct {
	updates bool // wants these as well
	mu      sync.Mutex
	wake    chan struct{} // buffered 1: something is in queue
	stopped chan struct{} // closed by stop
	queue   []Event
}

// Events that a listener which does not keep up may have waiting; beyond that, updates are left out first.
const maxWaiting = 4096

// Listen calls fn for every event published from now on, in order, on one goroutine of its own. stop ends
// that; it returns when fn will not be called again, and must not be called by fn itself.
func (h *Hub) Listen(fn func(Event)) (stop func()) { return h.listen(fn, true) }

// ListenWithoutUpdates is Listen for whoever does not want to hear of each update of the picture, of which there are up
// to 60 a second: it is not woken for them.
func (h *Hub) ListenWithoutUpdates(fn func(Event)) (stop func()) { return h.listen(fn, false) }

func (h *Hub) listen(fn func(Event), updates bool) (stop func()) {
	l := &listener{updates: updates, wake: make(chan struct{}, 1), stopped: make(chan struct{})}
	h.mu.Lock()
	if h.listeners == nil {
		h.listeners = map[*listener]struct{}{}
	}
	h.listeners[l] = struct{}{}
	h.mu.Unlock()

	done := make(chan struct{})
	go func() {
		defer close(done)
		l.run(fn)
	}()
	var once sync.Once
	return func() {
		once.Do(func() {
			h.mu.Lock()
			delete(h.listeners, l)
			h.mu.Unlock()
			close(l.stopped)
			<-done
		})
	}
}

// Publish gives an event to all listeners. It never waits for them.
func (h *Hub) Publish(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.listeners {
		if l.updates || e.Type != EventUpdate {
			l.add(e)
		}
	}
}

// updatesWanted tells whether anybody listens to updates.
func (h *Hub) updatesWanted() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.listeners {
		if l.updates {
			return true
		}
	}
	return false
}

func (l *listener) add(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) >= maxWaiting && e.Type == EventUpdate || len(l.queue) >= 2*maxWaiting {
		return // it does not read; what is replaceable goes first, and memory stays bounded
	}
	l.queue = append(l.queue, e)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *listener) run(fn func(Event)) {
	for {
		select {
		case <-l.stopped:
			l.deliver(fn) // what was published before stop still arrives
			return
		case <-l.wake:
			l.deliver(fn)
		}
	}
}

func (l *listener) deliver(fn func(Event)) {
	l.mu.Lock()
	events := l.queue
	l.queue = nil
	l.mu.Unlock()
	for _, e := range events {
		fn(e)
	}
}
