package customer

import (
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session"
)

// span is a time during which the operator has control, as everybody is told.
type span struct{ from, to time.Time }

// stage is a session's part that arbitrates, with hands that note when they do what.
type stage struct {
	s *Session

	mu       sync.Mutex
	windows  []span
	injected []span // from the beginning of an injection to its end
	local    []time.Time
}

// slowHands take their time for texts, and note when they do anything.
type slowHands struct {
	screentest.Injector
	stage *stage

	mu        sync.Mutex
	interrupt chan struct{}
}

func (h *slowHands) note(from time.Time) {
	h.stage.mu.Lock()
	defer h.stage.mu.Unlock()
	h.stage.injected = append(h.stage.injected, span{from, time.Now()})
}

func (h *slowHands) MovePointer(x, y int) error {
	from := time.Now()
	time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
	h.note(from)
	return nil
}

func (h *slowHands) Key(keysym uint32, down bool) error {
	h.note(time.Now())
	return h.Injector.Key(keysym, down)
}

func (h *slowHands) Type(string) error {
	from := time.Now()
	h.mu.Lock()
	stop := h.interrupt
	h.mu.Unlock()
	select {
	case <-stop:
	case <-time.After(time.Duration(rand.IntN(3000)) * time.Millisecond):
	}
	h.note(from)
	return nil
}

func (h *slowHands) ReleaseAll() error {
	h.mu.Lock()
	close(h.interrupt)
	h.interrupt = make(chan struct{})
	h.mu.Unlock()
	return h.Injector.ReleaseAll()
}

func newStage(t *testing.T) *stage {
	st := &stage{}
	st.s = newSession(Config{}, [4]string{})
	st.s.config.Log = discard
	st.s.arbiter.tell = func(now arbitrated) {
		st.mu.Lock()
		defer st.mu.Unlock()
		switch open := len(st.windows) > 0 && st.windows[len(st.windows)-1].to.IsZero(); {
		case !now.customer && open:
			t.Error("the operator is told twice")
		case !now.customer:
			st.windows = append(st.windows, span{from: time.Now()})
		case open:
			st.windows[len(st.windows)-1].to = time.Now()
		}
	}
	st.windows = []span{{from: time.Now()}}
	st.s.SetState(session.Active, "")
	st.s.SetPermissions(session.DefaultPermissions())
	st.s.injector.Store(&injection{&slowHands{stage: st, interrupt: make(chan struct{})}})
	return st
}

// act does random things for a while.
func (st *stage) act(random *rand.Rand, steps int) {
	for range steps {
		pause := time.Duration(random.IntN(100)) * time.Millisecond
		if random.IntN(8) == 0 {
			pause = time.Duration(random.IntN(7000)) * time.Millisecond
		}
		time.Sleep(pause)
		switch random.IntN(5) {
		case 0:
			_, _ = st.s.inject(session.Input{Kind: session.InputMove, X: 1, Y: 1})
		case 1:
			_, _ = st.s.inject(session.Input{Kind: session.InputKey, Keysym: 'a', Down: random.IntN(2) == 0})
		case 2:
			_, _ = st.s.inject(session.Input{Kind: session.InputText, Text: "a text of more than one piece"})
		default:
			st.mu.Lock()
			st.local = append(st.local, time.Now())
			st.mu.Unlock()
			st.s.arbiter.local()
		}
	}
}

// TestNeverBothInControl runs random interleavings of what operators and customers do, with a clock of its own.
func TestNeverBothInControl(t *testing.T) {
	const interleavings = 500
	for seed := range uint64(interleavings) {
		synctest.Test(t, func(t *testing.T) {
			st := newStage(t)
			var arbiting, acting sync.WaitGroup
			arbiting.Go(func() { st.s.arbiter.run(st.s.ctx.Done()) })
			for actor := range uint64(3) {
				acting.Go(func() { st.act(rand.New(rand.NewPCG(seed, actor)), 12) })
			}
			acting.Wait()
			time.Sleep(2 * handsOff)
			st.s.stop()
			arbiting.Wait()
			st.check(t, seed)
		})
		if t.Failed() {
			return
		}
	}
}

func (st *stage) check(t *testing.T, seed uint64) {
	last := st.windows[len(st.windows)-1]
	if !last.to.IsZero() {
		t.Errorf("interleaving %d: the operator does not get control back", seed)
	}
	for _, in := range st.injected {
		inside := false
		for _, w := range st.windows {
			inside = inside || !in.from.Before(w.from) && (w.to.IsZero() || !in.to.After(w.to))
		}
		if !inside {
			t.Errorf("interleaving %d: an injection from %v to %v lies outside the operator's windows %v", seed, in.from, in.to, st.windows)
		}
	}
	// Each window begins exactly handsOff after the last local input before it, and ends at once with the next.
	for _, w := range st.windows[1:] {
		var before time.Time
		for _, at := range st.local {
			if at.Before(w.from) && at.After(before) {
				before = at
			}
			if at.After(w.from) && (w.to.IsZero() || at.Before(w.to.Add(-50*time.Millisecond))) {
				t.Errorf("interleaving %d: the operator kept control after local input at %v", seed, at)
			}
		}
		if off := w.from.Sub(before); off < handsOff-100*time.Millisecond || off > handsOff+100*time.Millisecond {
			t.Errorf("interleaving %d: the operator was kept off for %v after the last local input", seed, off)
		}
	}
}

func TestHeldKeysAreReleasedWhenTheCustomerTakesControl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t)
		hands := st.s.injector.Load().Injector.(*slowHands)
		var arbiting sync.WaitGroup
		arbiting.Go(func() { st.s.arbiter.run(st.s.ctx.Done()) })
		if what, err := st.s.inject(session.Input{Kind: session.InputKey, Keysym: screen.KeyShift, Down: true}); what != inputDone || err != nil {
			t.Fatal(what, err)
		}
		st.s.arbiter.local()
		synctest.Wait()
		if held := hands.Held(); len(held) > 0 {
			t.Errorf("%v is held while the customer has control", held)
		}
		if what, _ := st.s.inject(session.Input{Kind: session.InputKey, Keysym: 'a', Down: true}); what != inputDropped {
			t.Errorf("input while the customer has control: %v", what)
		}
		time.Sleep(handsOff + time.Millisecond)
		if what, _ := st.s.inject(session.Input{Kind: session.InputKey, Keysym: 'a', Down: true}); what != inputDone {
			t.Errorf("input after that: %v", what)
		}
		st.s.stop()
		arbiting.Wait()
	})
}

func TestNothingIsInjectedWhileTheCustomerDraws(t *testing.T) {
	st := newStage(t)
	move := session.Input{Kind: session.InputMove, X: 1, Y: 1}
	for _, c := range []struct {
		draws bool
		want  verdict
	}{{false, inputDone}, {true, inputDropped}, {false, inputDone}} {
		st.s.board.draws.Store(c.draws)
		if got, err := st.s.inject(move); got != c.want || err != nil {
			t.Errorf("drawing %v: %v %v", c.draws, got, err)
		}
	}
}

// TestPanicCutsOffAText shows that the panic key waits for no text that is being typed.
func TestPanicCutsOffAText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t)
		var typing sync.WaitGroup
		typing.Go(func() {
			_, _ = st.s.inject(session.Input{Kind: session.InputText, Text: string(make([]byte, 4000))})
		})
		synctest.Wait()
		before := time.Now()
		st.s.Panic()
		if took := time.Since(before); took > 20*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		typing.Wait()
		if what, _ := st.s.inject(session.Input{Kind: session.InputMove}); what != inputRefused {
			t.Error("input passes after the panic key")
		}
	})
}
