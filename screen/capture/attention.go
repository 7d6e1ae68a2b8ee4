package capture

import (
	"bytes"
	"errors"
	"image"
	"log/slog"
	"slices"
	"time"

	"handrail/screen"
)

const (
	// checkTime is the time between two looks at the whole desktop while witnesses tell of it.
	checkTime = time.Second
	// againTime is after how long a place is looked at once more: the pixels may be a picture older than the news of them.
	againTime = 30 * time.Millisecond
	// graceTime is how long after a check news of what it has found may still come.
	graceTime = 400 * time.Millisecond
	// maxMisses is how often witnesses may miss something, without trustAfter good checks in a row in between.
	maxMisses  = 5
	trustAfter = 30
	// Where there are no witnesses just now they are called again after a time, which doubles.
	soonestCall = 2 * time.Second
	latestCall  = time.Minute
	// longEnough is how long they must have stayed for the next call to be as soon as the first.
	longEnough = 10 * time.Second
)

// attention decides where the desktop is looked at while its system has witnesses. It does not rely on them: once a
// second the whole desktop is looked at all the same, and when such checks find again and again what no witness has told
// of, it does without them from then on.
//
// Without witnesses, before they come and after they have left (a change of resolution, a desktop that asks for a
// password), whoever owns it looks at the whole desktop again and again.
//
// Rectangles are in the desktop's own coordinates unless it is said. Not safe for concurrent use.
type attention struct {
	call summon // nil: there are no witnesses on this system
	log  *slog.Logger
	bell chan struct{} // is rung when attend or take should be called

	monitors  []image.Rectangle // that are watched, in the system's coordinates
	gathering *gathering        // nil: there is none now
	since     time.Time         // when it began
	called    chan answer       // nil: nobody was called
	callAt    time.Time
	delay     time.Duration
	never     bool // again

	news     sighting            // taken last; in the system's coordinates
	first    screen.Region       // to be looked at again at againAt
	second   screen.Region       // and those a turn later
	againAt  time.Time           //
	reported screen.Region       // since the last check
	checkAt  time.Time           // the next
	checking bool                // the look that comes now is one
	known    *screen.Framebuffer // in which all pixels were captured before
	suspects screen.Region       // found by the last check, and not yet told of
	judgeAt  time.Time           // they are held to be missed
	misses   int
	good     int // checks in a row without
	moves    moved
}

// answer is who came when they were called.
type answer struct {
	monitors  []image.Rectangle
	witnesses []witness
	err       error
}

func (a answer) close() {
	for _, w := range a.witnesses {
		w.close()
	}
}

func newAttention(call summon, log *slog.Logger) attention {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return attention{call: call, log: log, bell: make(chan struct{}, 1), never: call == nil}
}

// on tells whether witnesses watch the desktop.
func (a *attention) on() bool { return a.gathering != nil }

// attend calls witnesses for monitors, given in the system's coordinates, and lets those for others go.
func (a *attention) attend(now time.Time, monitors []image.Rectangle) {
	if a.never {
		return
	}
	if !slices.Equal(monitors, a.monitors) {
		a.dismiss()
		a.monitors, a.callAt, a.delay = slices.Clone(monitors), now, 0
	}
	select {
	case came := <-a.called:
		a.called = nil
		a.welcome(now, came)
	default:
	}
	if a.gathering == nil && a.called == nil && !a.never && !now.Before(a.callAt) {
		called, wanted := make(chan answer, 1), a.monitors
		a.called = called
		go func() { // it may take a while; close waits for it
			witnesses, err := a.call(wanted)
			called <- answer{wanted, witnesses, err}
			ring(a.bell)
		}()
	}
}

func (a *attention) welcome(now time.Time, came answer) {
	switch {
	case errors.Is(came.err, errNever):
		a.never = true
		a.log.Info("the whole screen is looked at again and again", "reason", came.err)
	case came.err != nil:
		a.later(now, came.err)
	case !slices.Equal(came.monitors, a.monitors):
		came.close()
		a.callAt = now
	default:
		a.log.Info("the system tells where it draws")
		a.gathering, a.since = gather(came.witnesses, a.bell), now
		a.first.Clear()
		a.second.Clear()
		a.reported.Clear()
		a.suspects.Clear()
		a.moves = moved{}
		a.checkAt, a.checking, a.known = now, false, nil // what was drawn before they came, nobody tells
	}
}

// later sets when witnesses are called next.
func (a *attention) later(now time.Time, reason error) {
	a.delay = min(max(2*a.delay, soonestCall), latestCall)
	a.callAt = now.Add(a.delay)
	a.log.Info("the whole screen is looked at again and again", "reason", reason, "asking again in", a.delay)
}

// due is when the desktop has to be looked at although nobody has told anything.
func (a *attention) due() time.Time {
	if (!a.first.Empty() || !a.second.Empty()) && a.againAt.Before(a.checkAt) {
		return a.againAt
	}
	return a.checkAt
}

// take adds where to look now on a desktop whose top left pixel is at origin in the system's coordinates, and tells
// whether there is anything. There must be witnesses.
func (a *attention) take(now time.Time, dirty *screen.Region, all image.Rectangle, origin image.Point) (found bool) {
	a.news.clear()
	if err := a.gathering.take(&a.news); err != nil {
		if now.Sub(a.since) >= longEnough {
			a.delay = 0
		}
		a.dismiss()
		a.later(now, err)
		dirty.Add(all)
		return true
	}
	found = a.hear(now, dirty, all, origin)
	if (!a.first.Empty() || !a.second.Empty()) && !now.Before(a.againAt) {
		dirty.AddRegion(&a.first)
		a.first = a.second
		a.second.Clear()
		a.againAt = now.Add(againTime)
		found = true
	}
	a.judge(now)
	if a.gathering == nil || !now.Before(a.checkAt) {
		dirty.Add(all)
		a.checking, a.checkAt = true, now.Add(checkTime)
		found = true
	}
	return found
}

// hear takes in the news.
func (a *attention) hear(now time.Time, dirty *screen.Region, all image.Rectangle, origin image.Point) (found bool) {
	again := &a.second
	if a.first.Empty() && a.second.Empty() {
		again, a.againAt = &a.first, now.Add(againTime)
	}
	for _, r := range a.news.dirty.Rects() {
		r = r.Sub(origin).Intersect(all)
		if r.Empty() {
			continue
		}
		dirty.Add(r)
		again.Add(r)
		a.reported.Add(r)
		strike(&a.suspects, r)
		found = true
	}
	for _, m := range a.news.moves {
		a.moves.add(screen.Move{To: m.To.Sub(origin), From: m.From.Sub(origin)})
	}
	return found
}

// judge counts what was found by a check and told by nobody.
func (a *attention) judge(now time.Time) {
	if a.judgeAt.IsZero() || now.Before(a.judgeAt) {
		return
	}
	a.judgeAt = time.Time{}
	if a.suspects.Empty() {
		if a.good++; a.good >= trustAfter {
			a.misses = 0
		}
		return
	}
	a.misses++
	a.good = 0
	a.suspects.Clear()
	if a.misses < maxMisses {
		return
	}
	a.log.Warn("the system does not tell of all that it draws: the whole screen is looked at again and again")
	a.never = true
	a.dismiss()
}

// checks tells whether a look at rectangles of a picture is a check: then it has to take what was reported first, and to
// tell checked what else has changed.
func (a *attention) checks(into *screen.Framebuffer, rects []image.Rectangle) bool {
	if !slices.Contains(rects, into.Bounds()) {
		return false
	}
	check := a.checking && a.gathering != nil && a.known == into
	a.checking, a.known = false, into
	return check
}

// checked takes in where a check has found changes.
func (a *attention) checked(now time.Time, changes *screen.Region) {
	for _, r := range a.reported.Rects() {
		strike(changes, r)
	}
	a.reported.Clear()
	a.suspects = *changes
	a.judgeAt = now.Add(graceTime)
}

// failed is that a look has not been finished.
func (a *attention) failed() { a.known = nil }

// dismiss lets the witnesses go.
func (a *attention) dismiss() {
	if a.gathering != nil {
		a.gathering.end()
		a.gathering = nil
	}
}

// close lets everybody go and waits for that.
func (a *attention) close() {
	a.dismiss()
	if a.called != nil {
		came := <-a.called
		came.close()
		a.called = nil
	}
	a.never = true
}

// strike takes the rectangles out of a region that have anything in common with r.
func strike(region *screen.Region, r image.Rectangle) {
	if !region.Bounds().Overlaps(r) {
		return
	}
	var kept screen.Region
	for _, q := range region.Rects() {
		if !q.Overlaps(r) {
			kept.Add(q)
		}
	}
	*region = kept
}

// note adds to changes where a row of pixels becomes another, in whole tiles so that rows join. x and y are where it
// begins.
func note(changes *screen.Region, before, now []byte, x, y int) {
	const tile = 4 * 64
	if len(now) > len(before) {
		now = now[:len(before)]
	}
	if bytes.Equal(before, now) {
		return
	}
	from, to := 0, len(before)
	for ; bytes.Equal(before[from:min(from+tile, to)], now[from:min(from+tile, to)]); from += tile {
		continue
	}
	for start := (to - 1) / tile * tile; bytes.Equal(before[start:to], now[start:to]); start -= tile {
		to = start
	}
	changes.Add(image.Rect(x+from/4, y, x+to/4, y+1))
}

// moved remembers moves: the picture that a viewer has may be older than the last one. The zero value is ready.
type moved struct {
	now, before [maxMoves]screen.Move
	n, nBefore  int
}

// add puts a move after those before. Two of the same pixels are one.
func (m *moved) add(move screen.Move) {
	for i := range m.now[:m.n] {
		if m.now[i].To == move.Source() {
			m.now[i].To = move.To
			return
		}
	}
	if m.n < maxMoves {
		m.now[m.n] = move
		m.n++
	}
}

// guesses appends what may have been moved since the last call, and the one before.
func (m *moved) guesses(moves []screen.Move) []screen.Move {
	for _, move := range m.now[:m.n] {
		moves = append(moves, move)
		for _, old := range m.before[:m.nBefore] {
			if old.To == move.Source() {
				moves = append(moves, screen.Move{To: move.To, From: old.From})
			}
		}
	}
	moves = append(moves, m.before[:m.nBefore]...)
	m.before, m.nBefore, m.n = m.now, m.n, 0
	return moves
}
