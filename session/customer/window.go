package customer

import "sync"

// How many updates and bytes may be on their way to the operator without having been acknowledged. One
// update may always be on its way, however large.
const (
	maxUpdates = 4
	maxBytes   = 2 << 20
)

// window bounds what is on its way. While it is full nothing is captured: what changes meanwhile is only
// remembered as dirty, so pictures that a newer one replaces are never queued.
type window struct {
	mu      sync.Mutex
	flying  []flight // in order of sequence
	bytes   int
	changed chan struct{} // buffered 1: something was acknowledged
}

type flight struct {
	sequence uint32
	bytes    int
}

func newWindow() *window { return &window{changed: make(chan struct{}, 1)} }

// open tells whether another update may be sent.
func (w *window) open() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.flying) == 0 || len(w.flying) < maxUpdates && w.bytes < maxBytes
}

// sent notes a part of an update, before it is on its way.
func (w *window) sent(sequence uint32, bytes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.flying); n > 0 && w.flying[n-1].sequence == sequence {
		w.flying[n-1].bytes += bytes
	} else {
		w.flying = append(w.flying, flight{sequence, bytes})
	}
	w.bytes += bytes
}

// acknowledge notes that this update, and with it all before, has been painted. Numbers that were never sent
// mean nothing.
func (w *window) acknowledge(sequence uint32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, f := range w.flying {
		if f.sequence != sequence {
			continue
		}
		for _, done := range w.flying[:i+1] {
			w.bytes -= done.bytes
		}
		w.flying = append(w.flying[:0], w.flying[i+1:]...)
		select {
		case w.changed <- struct{}{}:
		default:
		}
		return
	}
}

// reset forgets everything that is on its way.
func (w *window) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flying, w.bytes = w.flying[:0], 0
}
