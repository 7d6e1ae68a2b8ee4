package transfer

import (
	"context"
	"sync"
	"time"
)

// window decides how much may be on its way. The files stream has the lowest priority, but what is below the
// streams, in sockets and routers, is one queue for all: whatever waits there makes the pointer and the picture
// wait as well. So it is the delay that steers. Once in a round trip the shortest time of that round is compared
// with the shortest that the path takes when it is empty. The difference is the queue: below target, the window
// grows; above it, it becomes what the path would hold with a queue of target, which follows from the two times.
// So it never falls below what keeps the path busy, however far the queue has grown.
//
// A restless path, such as a wireless one, takes different times without any queue; how much they differ from one
// to the next is allowed for.
//
// It also keeps what the other side has not yet written to its disk below credit.
type window struct {
	mu        sync.Mutex
	changed   chan struct{} // closed and replaced at each change
	size      float64       // the window in units of cost
	sent      int64
	arrived   int64
	processed int64

	probes  []probe   // sent with a wish for an acknowledgement, oldest first
	flagged int64     // sent at the last probe
	paced   time.Time // when the path will have taken what was sent, if it takes a window in a round trip
	fresh   bool      // growing as at the start

	round    time.Time     // when the window last changed: what is sent from there on tells of it
	times    int           // of this round
	shortest time.Duration // of this round
	limited  bool          // the window was used up in this round
	last     time.Duration // the time before
	unrest   time.Duration // how much a time differs from the one before, smoothed
	former   time.Duration // shortest, of the round before
	swing    time.Duration // how much the shortest differs from the one before, smoothed

	base, next time.Duration // the shortest times in the last span and in this one
	since      time.Time     // when this span began
	kept       float64       // the window to go back to after a look at the empty path, or 0

	rate     float64 // cost a second, smoothed
	rateAt   time.Time
	rateFrom int64
}

type probe struct {
	upTo int64
	at   time.Time
}

const (
	target      = 5 * time.Millisecond // of queue, besides what the path's unrest asks for
	mostTarget  = 25 * time.Millisecond
	perRound    = 6 // times that a round has at least
	minPiece    = 3 << 10
	minWindow   = 8 << 10
	firstWindow = 16 << 10
	maxWindow   = 2 << 20
	baseSpan    = 20 * time.Second
	maxProbes   = 4096
	wide        = 1 << 20              // window of a path so fast that a whole chunk takes no time to speak of
	spread      = 4 * time.Millisecond // of sending that may go out together
)

func newWindow() *window {
	return &window{changed: make(chan struct{}), size: firstWindow, fresh: true, since: time.Now()}
}

// piece is how long a message should be now: short on slow paths, so that others get in between.
func (w *window) piece() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.size >= wide {
		return ChunkSize
	}
	return max(minPiece, int(w.size/16))
}

// acquire waits until a message of this length may be sent and counts it. ack tells whether it should ask for an
// acknowledgement.
func (w *window) acquire(ctx context.Context, length int) (ack bool, err error) {
	cost := int64(length + overhead)
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		w.mu.Lock()
		flying := w.sent - w.arrived
		now := time.Now()
		early := w.paced.Sub(now)
		switch {
		// Without a probe on its way nothing would be heard of what is: that happens when the window has shrunk meanwhile.
		case len(w.probes) > 0 && float64(flying+cost) > w.size || w.sent-w.processed+cost > credit:
			early = 0
		case early > spread:
		default:
			w.paceLocked(now, cost)
			w.sent += cost
			ack = len(w.probes) == 0 || float64(w.sent-w.flagged) >= w.size/12
			if ack {
				w.flagged = w.sent
				if len(w.probes) < maxProbes {
					w.probes = append(w.probes, probe{w.sent, now})
				}
			}
			w.mu.Unlock()
			return ack, nil
		}
		changed := w.changed
		w.mu.Unlock()
		var later <-chan time.Time
		if early > 0 {
			later = time.After(early)
		}
		select {
		case <-changed:
		case <-later:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// giveBack takes back a message for which acquire was called and which was not sent after all.
func (w *window) giveBack(length int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent -= int64(length + overhead)
	w.flagged = 0 // the next one asks again
	for n := len(w.probes); n > 0 && w.probes[n-1].upTo > w.sent; n-- {
		w.probes = w.probes[:n-1]
	}
	close(w.changed)
	w.changed = make(chan struct{})
}

// paceLocked spreads a window over a round trip where that is long: sent together it would be a queue.
func (w *window) paceLocked(now time.Time, cost int64) {
	if w.base < spread {
		return
	}
	if w.paced.Before(now) {
		w.paced = now
	}
	w.paced = w.paced.Add(time.Duration(float64(cost) / (1.25 * w.size) * float64(w.base)))
}

// acknowledge takes an acknowledgement; false says that it cannot be true.
func (w *window) acknowledge(arrived, processed int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if arrived < w.arrived || arrived > w.sent || processed < w.processed || processed > arrived {
		return false
	}
	w.limited = w.limited || float64(w.sent-w.arrived) > w.size/2
	w.arrived, w.processed = arrived, processed
	now := time.Now()
	for len(w.probes) > 0 && w.probes[0].upTo <= arrived {
		p := w.probes[0]
		w.probes = w.probes[1:]
		w.timeLocked(now, p)
	}
	w.measureLocked(now)
	close(w.changed)
	w.changed = make(chan struct{})
	return true
}

// timeLocked takes in how long a probe took.
func (w *window) timeLocked(now time.Time, p probe) {
	taken := now.Sub(p.at)
	if w.base == 0 || taken < w.base {
		w.base = taken
	}
	if w.next == 0 || taken < w.next {
		w.next = taken
	}
	if w.last != 0 {
		w.unrest += ((taken - w.last).Abs() - w.unrest) / 16
	}
	w.last = taken
	if p.at.Before(w.round) {
		return // it was sent before the window changed
	}
	if w.times == 0 || taken < w.shortest {
		w.shortest = taken
	}
	// A round goes once around, so that it has the first of what was sent together, which waited for nothing.
	if w.times++; w.times >= perRound && p.at.Sub(w.round) >= w.shortest {
		w.steerLocked(now)
		w.round, w.times, w.limited = now, 0, false
	}
}

// steerLocked ends a round.
func (w *window) steerLocked(now time.Time) {
	if w.kept > 0 { // the path has been empty
		w.base, w.next, w.since = w.next, 0, now
		w.size, w.kept = w.kept, 0
		return
	}
	base, queue := float64(w.base), float64(w.shortest-w.base)
	if w.former != 0 {
		w.swing += ((w.shortest - w.former).Abs() - w.swing) / 8
	}
	w.former = w.shortest
	allowed := target + w.unrest
	if w.base > spread { // on a short path there is nothing to gain
		allowed += 2 * w.swing
	}
	aim := float64(min(allowed, mostTarget))
	switch {
	case queue > aim:
		w.fresh = false
		w.size *= 0.2 + 0.8*(base+aim)/(base+queue)
	case !w.limited:
	case w.fresh && queue < aim/2:
		w.size *= 2
	default:
		w.fresh = false
		w.size *= 1 + 0.25*(1-queue/aim)
	}
	w.size = max(minWindow, min(w.size, maxWindow))
	if now.Sub(w.since) > baseSpan {
		// The shortest time may have become longer for good. To see it, the queue must be empty for a moment.
		w.kept = w.size
		w.size = max(minWindow, w.size/2*base/(base+queue))
		w.next = 0
	}
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
