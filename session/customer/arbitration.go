package customer

import (
	"sync"
	"sync/atomic"
	"time"
)

// handsOff is how long the operator is kept off after the customer's own pointer or keys did anything.
const handsOff = 5 * time.Second

// tellEvery bounds how often the operator is told a new end of that while the customer goes on.
const tellEvery = 500 * time.Millisecond

// arbiter sees to it that operator and customer are never in control at once.
//
//	operator ──the customer's own pointer or key──▶ customer
//	   ▲ └──────────────── handsOff after the last of these ────────┘
//
// The customer's side of it takes effect at once, in local; the rest follows on a goroutine of its own, so that
// a slow injection keeps nobody waiting. The operator's side begins only after it has been told.
type arbiter struct {
	wait   time.Duration        // how long the operator is kept off
	settle func()               // returns when nothing is being injected any more and nothing is held down
	tell   func(now arbitrated) // is called for each change in order; must not block

	off  atomic.Bool   // the customer has control: nothing may be injected
	wake chan struct{} // buffered 1: local was called

	mu    sync.Mutex
	until time.Time // when the operator may have control again
}

// arbitrated is what an arbiter tells.
type arbitrated struct {
	customer bool
	until    time.Time // zero while the operator has control
}

func newArbiter(settle func(), tell func(arbitrated)) *arbiter {
	return &arbiter{wait: handsOff, settle: settle, tell: tell, wake: make(chan struct{}, 1)}
}

// local says that the customer's own pointer or keyboard did something. It takes control at once and never blocks.
func (a *arbiter) local() {
	a.mu.Lock()
	a.until = time.Now().Add(a.wait)
	a.off.Store(true)
	a.mu.Unlock()
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// allowed tells whether the operator has control.
func (a *arbiter) allowed() bool { return !a.off.Load() }

func (a *arbiter) end() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.until
}

// run tells of changes until done is closed.
func (a *arbiter) run(done <-chan struct{}) {
	timer := time.NewTimer(0)
	if !timer.Stop() {
		<-timer.C
	}
	defer timer.Stop()
	customer, told := false, time.Time{}
	for {
		select {
		case <-done:
			return
		case <-a.wake:
		case <-timer.C:
		}
		now := time.Now()
		switch {
		case !customer:
			customer = true
			a.settle()
			told = now
			a.tell(arbitrated{true, a.end()})
		case a.giveBack(now):
			customer = false
			continue
		case now.Sub(told) >= tellEvery:
			told = now
			a.tell(arbitrated{true, a.end()})
		}
		timer.Reset(time.Until(a.end()))
	}
}

// giveBack gives the operator control if it is time.
func (a *arbiter) giveBack(now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now.Before(a.until) {
		return false
	}
	a.tell(arbitrated{})
	a.off.Store(false)
	return true
}
