package capture

import (
	"errors"
	"image"
	"math"
	"sync"
	"time"

	"handrail/screen"
)

// witness is what some systems have: it sees where one monitor is drawn on, but not what. It may be wrong or late, so
// attention looks after it. One goroutine at a time uses it.
type witness interface {
	// watch adds what was drawn since it was last called. It returns as soon as there is something, or after the timeout.
	// That the pointer was moved is nothing. After an error the witness is of no more use.
	watch(timeout time.Duration, s *sighting) error
	// close gives everything back.
	close()
}

// summon finds a witness for each monitor, whose rectangles are in the system's coordinates.
type summon func(monitors []image.Rectangle) ([]witness, error)

// witnesses finds the one of each monitor: all of them, or none.
func witnesses(monitors []image.Rectangle, find func(bounds image.Rectangle) (witness, error)) (all []witness, err error) {
	for _, bounds := range monitors {
		w, err := find(bounds)
		if err != nil {
			for _, w := range all {
				w.close()
			}
			return nil, err
		}
		all = append(all, w)
	}
	return all, nil
}

// errNever is that a system has no witnesses and will not have any while this program runs.
var errNever = errors.New("this system does not tell where it draws")

// sighting is what witnesses have seen, in the system's coordinates.
type sighting struct {
	dirty screen.Region
	moves []screen.Move // as they were made; their targets are in dirty, too
}

// maxMoves bounds how many moves are remembered; what is beyond was drawn, and no more.
const maxMoves = 32

func (s *sighting) move(m screen.Move) {
	s.dirty.Add(m.To)
	if m.From != m.To.Min && len(s.moves) < maxMoves {
		s.moves = append(s.moves, m)
	}
}

func (s *sighting) add(other *sighting) {
	s.dirty.AddRegion(&other.dirty)
	s.moves = append(s.moves, other.moves[:min(len(other.moves), maxMoves-len(s.moves))]...)
}

func (s *sighting) clear() {
	s.dirty.Clear()
	s.moves = s.moves[:0]
}

// The ways in which a monitor can be turned, as DXGI numbers them (DXGI_MODE_ROTATION, dxgitype.h), clockwise.
const (
	upright = iota + 1
	turned90
	turned180
	turned270
)

// turn is where on a desktop a rectangle of a monitor's own picture is seen. The own picture is that of a monitor which
// is not turned; bounds is the monitor on the desktop. See "Rotating the desktop image" in Microsoft's description of the
// Desktop Duplication API.
func turn(r image.Rectangle, rotation int, bounds image.Rectangle) image.Rectangle {
	w, h := bounds.Dx(), bounds.Dy()
	switch rotation {
	case turned90:
		r = image.Rect(w-r.Max.Y, r.Min.X, w-r.Min.Y, r.Max.X)
	case turned180:
		r = image.Rect(w-r.Max.X, h-r.Max.Y, w-r.Min.X, h-r.Min.Y)
	case turned270:
		r = image.Rect(r.Min.Y, h-r.Max.X, r.Max.Y, h-r.Min.X)
	}
	return r.Add(bounds.Min)
}

// fits tells whether a monitor's own picture of a size is what is seen on the desktop: where the system scales it, its
// rectangles cannot be used.
func fits(size image.Point, rotation int, bounds image.Rectangle) bool {
	if rotation == turned90 || rotation == turned270 {
		size.X, size.Y = size.Y, size.X
	}
	return size == bounds.Size()
}

// spread is where on a desktop a rectangle of a monitor's own picture is seen that has more pixels than the desktop has
// there, or fewer: every pixel that it touches. What makes no sense is all of the monitor.
func spread(x, y, width, height float64, own image.Point, bounds image.Rectangle) image.Rectangle {
	fx, fy := float64(bounds.Dx())/float64(own.X), float64(bounds.Dy())/float64(own.Y)
	within := func(f float64, most int) bool { return f >= 0 && f <= float64(most) } // also false for what is no number
	if !within(x, own.X) || !within(y, own.Y) || !within(x+width, own.X) || !within(y+height, own.Y) {
		return bounds
	}
	return image.Rect(int(x*fx), int(y*fy), int(math.Ceil((x+width)*fx)), int(math.Ceil((y+height)*fy))).Add(bounds.Min)
}

const (
	// watchTime is how long a witness is asked at a time, and so how long ending it may take.
	watchTime = 100 * time.Millisecond
	// breath is the time in which a witness is not asked again after it has seen something: nobody looks more often.
	breath = 8 * time.Millisecond
)

// gathering listens to witnesses, each on a goroutine of its own, and keeps what they have seen until somebody takes it.
type gathering struct {
	bell chan<- struct{} // rung, without waiting, when there is something to take
	over chan struct{}
	done sync.WaitGroup

	mu   sync.Mutex
	seen sighting
	err  error
}

func gather(witnesses []witness, bell chan<- struct{}) *gathering {
	g := &gathering{bell: bell, over: make(chan struct{})}
	for _, w := range witnesses {
		g.done.Go(func() { g.listen(w) })
	}
	return g
}

// listen asks one witness until its end, and closes it.
func (g *gathering) listen(w witness) {
	defer w.close()
	pause := time.NewTimer(breath)
	defer pause.Stop()
	var seen sighting
	for {
		seen.clear()
		err := w.watch(watchTime, &seen)
		found := err != nil || !seen.dirty.Empty()
		if found {
			g.mu.Lock()
			g.seen.add(&seen)
			g.err = errors.Join(g.err, err)
			g.mu.Unlock()
			ring(g.bell)
		}
		if err != nil {
			return
		}
		pause.Reset(0)
		if found {
			pause.Reset(breath)
		}
		select {
		case <-g.over:
			return
		case <-pause.C:
		}
	}
}

func ring(bell chan<- struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

// take adds what was seen since the last call. An error is that a witness has left.
func (g *gathering) take(into *sighting) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	into.add(&g.seen)
	g.seen.clear()
	return g.err
}

// end lets all witnesses go and waits until they have gone.
func (g *gathering) end() {
	close(g.over)
	g.done.Wait()
}
