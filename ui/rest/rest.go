// Package rest lets a program with windows rest while nothing happens. Fyne looks for events and for something to draw
// 60 times a second, whether there is anything or not, which takes more of an old computer's processor than all that
// Handrail does for a desktop on which nothing moves. While nothing happens, Fyne's thread waits for the window system
// instead, and is woken by input, by kit.Do, and every few seconds for Fyne's own sake.
//
//	defer rest.Begin()()
//	window.ShowAndRun()
package rest

import (
	"sync"
	"sync/atomic"
	"time"

	"handrail/ui/kit"
)

const (
	// longest is how long Fyne's thread sleeps at most: what Fyne itself asks of its thread waits no longer than that.
	longest = 4 * time.Second
	// between is the time between two sleeps at least: Fyne looks at least twice, and draws what has changed.
	between = 40 * time.Millisecond
	// attentive is how long after input nothing sleeps: while somebody uses the window it is as quick as it can be.
	attentive = time.Second
)

// rester goes round:
//
//	          timer                     Fyne's thread takes it up
//	(awake) ─────────▶ (wants to rest) ──────────────────────────▶ (asleep)
//	   ▲                                                              │ input, kit.Do, or the time is over
//	   └──────────────────────────────────────────────────────────────┘
type rester struct {
	asleep atomic.Bool // Fyne's thread is, or is about to be
	sleep  sleeper

	mu      sync.Mutex
	timer   *time.Timer
	stopped bool

	until time.Time // on Fyne's thread: no sleep before
}

// Begin lets the program rest from a moment after its windows are there. Call end once the program's windows are gone.
func Begin() (end func()) {
	r := &rester{}
	unwake := kit.OnDo(r.wake)
	r.mu.Lock()
	r.timer = time.AfterFunc(attentive, r.ask)
	r.mu.Unlock()
	return func() {
		unwake()
		r.mu.Lock()
		defer r.mu.Unlock()
		r.stopped = true
		r.timer.Stop()
		r.sleep.close()
	}
}

// wake is called after each kit.Do, from any goroutine.
func (r *rester) wake() {
	if r.asleep.Load() {
		r.sleep.wake()
	}
}

// ask hands the sleep over to Fyne's thread.
func (r *rester) ask() {
	kit.DoQuietly(r.rest)
}

// rest sleeps on Fyne's thread.
func (r *rester) rest() {
	defer r.again()
	if time.Now().Before(r.until) {
		return
	}
	r.sleep.arm(longest)
	r.asleep.Store(true)
	defer r.asleep.Store(false)
	if kit.Waiting() {
		return
	}
	began := time.Now()
	r.sleep.block()
	if !kit.Waiting() && time.Since(began) < longest*9/10 {
		r.until = time.Now().Add(attentive) // it was input
	}
}

func (r *rester) again() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.stopped {
		r.timer.Reset(between)
	}
}
