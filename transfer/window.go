package transfer

import (
	"context"
	"sync"
	"time"
)

// window decides how much may be on its way. The files stream has the lowest priority, but what is below the
// streams, in sockets and routers, is one queue for all: whatever waits there makes the pointer and the picture
// wait as well. So it is the delay that steers: while what was sent is acknowledged hardly later than on an empty
// path, the window grows; when it takes longer than that by more than target, it shrinks.
//
// It also keeps what the other side has not yet written to its disk below credit.
type window struct {
	mu        sync.Mutex
	changed   chan struct{} // closed and replaced at each change
	size      float64       // the window in units of cost
	sent      int64
	arrived   int64
	processed int64

	probes  []probe // sent with a wish for an acknowledgement, oldest first
	flagged int64   // sent at the last probe
	fresh   bool    // growing as at the start

	base, next time.Duration // the shortest times in the last span and in this one
	since      time.Time     // when this span began

	rate     float64 // cost a second, smoothed
	rateAt   time.Time
	rateFrom int64
}

type probe struct {
	upTo int64
	at   time.Time
}

const (
	target      = 10 * time.Millisecond
	minWindow   = 16 << 10
	firstWindow = 32 << 10
	maxWindow   = 2 << 20
	baseSpan    = 20 * time.Second
	maxProbes   = 4096
)

func newWindow() *window {
	return &window{changed: make(chan struct{}), size: firstWindow, fresh: true, since: time.Now()}
}

// piece is how long a message should be now: short on slow paths, so that others get in between.
func (w *window) piece() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return max(6<<10, min(int(w.size/4), ChunkSize))
}

// acquire waits until a message of this length may be sent and counts it. ack tells whether it should ask for an
// acknowledgement.
func (w *window) acquire(ctx context.Context, length int) (ack bool, err error) {
	cost := int64(length + overhead)
	for {
		w.mu.Lock()
		flying := w.sent - w.arrived
		if (flying == 0 || float64(flying+cost) <= w.size) && w.sent-w.processed+cost <= credit {
			w.sent += cost
			ack = flying == 0 || float64(w.sent-w.flagged) >= w.size/8
			if ack {
				w.flagged = w.sent
				if len(w.probes) < maxProbes {
					w.probes = append(w.probes, probe{w.sent, time.Now()})
				}
			}
			w.mu.Unlock()
			return ack, nil
		}
		changed := w.changed
		w.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// acknowledge takes an acknowledgement; false says that it cannot be true.
func (w *window) acknowledge(arrived, processed int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if arrived < w.arrived || arrived > w.sent || processed < w.processed || processed > arrived {
		return false
	}
	gained := arrived - w.arrived
	limited := float64(w.sent-w.arrived) > w.size/2
	w.arrived, w.processed = arrived, processed
	now := time.Now()
	for len(w.probes) > 0 && w.probes[0].upTo <= arrived {
		taken := now.Sub(w.probes[0].at)
		w.probes = w.probes[1:]
		w.steerLocked(now, taken, float64(gained), limited)
		gained = 0
	}
	w.measureLocked(now)
	close(w.changed)
	w.changed = make(chan struct{})
	return true
}

func (w *window) steerLocked(now time.Time, taken time.Duration, gained float64, limited bool) {
	if w.base == 0 || taken < w.base {
		w.base = taken
	}
	if w.next == 0 || taken < w.next {
		w.next = taken
	}
	if now.Sub(w.since) > baseSpan {
		// The shortest time may have become longer for good. To see it, the queue must be empty for a moment.
		w.base, w.next, w.since = w.next, 0, now
		w.size, w.fresh = max(w.size/4, minWindow), true
		return
	}
	off := 1 - float64(taken-w.base)/float64(target) // 1: no queue, 0: as long as it may be
	switch {
	case off < 0:
		w.fresh = false
		w.size -= gained * min(-off, 1) / 2
	case !limited:
	case w.fresh:
		w.size += gained
	default:
		w.size += gained * off / 4
	}
	w.size = max(minWindow, min(w.size, maxWindow))
}

func (w *window) measureLocked(now time.Time) {
	if w.rateAt.IsZero() {
		w.rateAt, w.rateFrom = now, w.arrived
		return
	}
	if span := now.Sub(w.rateAt); span >= 100*time.Millisecond {
		this := float64(w.arrived-w.rateFrom) / span.Seconds()
		if w.rate == 0 {
			w.rate = this
		}
		w.rate = 0.7*w.rate + 0.3*this
		w.rateAt, w.rateFrom = now, w.arrived
	}
}

// pace is how much cost a second arrives, 0 while that is not known.
func (w *window) pace() float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rate
}
