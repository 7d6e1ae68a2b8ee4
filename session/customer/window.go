package customer

import (
	"sync"
	"time"
)

const (
	// rateSpan is over how long the best rate counts, roundSpan over how long the shortest way there and back.
	rateSpan  = 2 * time.Second
	roundSpan = 8 * time.Second

	// Before anything is known of the link this much may be on its way, and never less than leastFlight.
	firstFlight = 256 << 10
	leastFlight = 8 << 10
	// mostFlight bounds what is on its way on the fastest links, in bytes, and maxUpdates in updates.
	mostFlight = 8 << 20
	maxUpdates = 32
	// queueing is how many seconds beyond twice the shortest way there and back show that an update has waited.
	queueing = 0.010
	// coldFlight is how much what is cold may pass a full window by.
	coldFlight = 8 << 10
)

// window bounds what is on its way to the operator without having been acknowledged, by what the way holds: the bytes
// that pass in the time of one way there and back. While it is full nothing is captured: what changes meanwhile is
// only remembered as dirty, so pictures that a newer one replaces are never queued. One update may always be on its
// way, however large.
//
// The rate is measured as BBR does it: what was acknowledged between the sending of an update and its own
// acknowledgement, over that time or the time in which it was sent, whichever is longer. An update that had the way for itself says less than the way could do, and counts
// only when it says more than is known.
type window struct {
	changed chan struct{} // buffered 1: something was acknowledged

	mu      sync.Mutex
	flying  []flight // in order of sequence
	bytes   int
	done    int64     // acknowledged so far
	doneAt  time.Time // when last
	sentAt  time.Time // when the one acknowledged last was sent
	rate    float64   // bytes a second; 0: not known
	rates   []sample  // of the last rateSpan, where the way was full
	rounds  []sample  // of the last roundSpan, in seconds
	waiting bool      // somebody wants to know when the hot window opens
	opened  func()    // called then, with mu held
}

type flight struct {
	sequence uint32
	bytes    int
	sent     time.Time
	done     int64     // acknowledged when it was sent
	doneAt   time.Time // when that was
	sentAt   time.Time // when the one acknowledged last before it had been sent
	full     bool      // the way was full when it was sent
}

type sample struct {
	at    time.Time
	value float64
}

func newWindow() *window { return &window{changed: make(chan struct{}, 1)} }

// open tells whether another update may be sent.
func (w *window) open() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.openLocked(w.limitLocked()*8/5 + coldFlight)
}

// openForHot tells whether what is hot may be sent too.
func (w *window) openForHot() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.openLocked(w.limitLocked())
}

func (w *window) openLocked(limit int) bool {
	return len(w.flying) == 0 || len(w.flying) < maxUpdates && w.bytes < limit
}

// limitLocked is what the way holds.
func (w *window) limitLocked() int {
	if w.rate == 0 || len(w.rounds) == 0 {
		return firstFlight
	}
	return min(max(int(w.rate*w.roundLocked()), leastFlight), mostFlight)
}

// roundLocked is the shortest way there and back in seconds.
func (w *window) roundLocked() float64 {
	shortest := w.rounds[0].value
	for _, s := range w.rounds[1:] {
		shortest = min(shortest, s.value)
	}
	return shortest
}

// pace is what is known of the way: bytes a second (0: not yet), and there and back.
func (w *window) pace() (rate float64, round time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.rounds) > 0 {
		round = time.Duration(w.roundLocked() * float64(time.Second))
	}
	return w.rate, round
}

// sent notes a part of an update, before it is on its way.
func (w *window) sent(sequence uint32, bytes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.flying)
	if n == 0 || w.flying[n-1].sequence != sequence {
		now := time.Now()
		f := flight{sequence: sequence, sent: now, done: w.done, doneAt: w.doneAt, sentAt: w.sentAt}
		if n == 0 {
			f.doneAt, f.sentAt = now, now // nothing was on its way: the time before does not count
		}
		w.flying = append(w.flying, f)
		n++
	}
	f := &w.flying[n-1]
	f.bytes += bytes
	w.bytes += bytes
	f.full = w.bytes >= max(w.limitLocked()*3/4, 2*leastFlight)
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
			w.done += int64(done.bytes)
		}
		w.doneAt, w.sentAt = time.Now(), f.sent
		w.learnLocked(f)
		w.flying = append(w.flying[:0], w.flying[i+1:]...)
		w.tellLocked()
		return
	}
}

func (w *window) tellLocked() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
	if w.waiting && w.opened != nil && w.openLocked(w.limitLocked()) {
		w.waiting = false
		w.opened()
	}
}

// learnLocked takes an acknowledged update into the estimates.
func (w *window) learnLocked(f flight) {
	round := w.doneAt.Sub(f.sent).Seconds()
	w.rounds = learn(w.rounds, sample{w.doneAt, round}, roundSpan)
	took := max(w.doneAt.Sub(f.doneAt), f.sent.Sub(f.sentAt)).Seconds()
	if took <= 0 {
		return
	}
	rate := float64(w.done-f.done) / took
	// What had to queue filled the way too, however much is thought to fit: the link has become slower.
	full := f.full || w.done-f.done >= 2*leastFlight && round > 2*w.roundLocked()+queueing
	if !full && rate <= w.rate {
		return
	}
	w.rates = learn(w.rates, sample{w.doneAt, rate}, rateSpan)
	if !full && w.rate == 0 {
		return // a small first update says nothing
	}
	w.rate = 0
	for _, s := range w.rates {
		w.rate = max(w.rate, s.value)
	}
}

// maxSamples bounds the estimates' memory.
const maxSamples = 128

// learn appends a sample and drops those that are too old, or too many.
func learn(list []sample, s sample, span time.Duration) []sample {
	first := 0
	for first < len(list) && (s.at.Sub(list[first].at) > span || len(list)-first >= maxSamples) {
		first++
	}
	n := copy(list, list[first:])
	return append(list[:n], s)
}

// notify has opened called once when the hot window is open; it must not wait. It says whether it is open already.
func (w *window) notify(opened func()) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.openLocked(w.limitLocked()) {
		return true
	}
	w.waiting, w.opened = true, opened
	return false
}

// reset forgets everything that is on its way.
func (w *window) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flying, w.bytes = w.flying[:0], 0
	w.tellLocked()
}
