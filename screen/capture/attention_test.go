package capture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/screen"
)

// watched is attention to a desktop of one monitor, with a clock of its own.
type watched struct {
	*attention
	t       *testing.T
	now     time.Time
	origin  image.Point
	picture *screen.Framebuffer
	script  *script // the witness that came last
	calls   int
	err     error // instead of a witness
	log     bytes.Buffer
}

func newWatched(t *testing.T) *watched {
	w := &watched{t: t, now: time.Unix(1000, 0), origin: image.Pt(-100, 50), picture: screen.NewFramebuffer(640, 480, screen.BGRX)}
	a := newAttention(func(monitors []image.Rectangle) ([]witness, error) {
		w.calls++
		if w.err != nil {
			return nil, w.err
		}
		w.script = newScript()
		return []witness{w.script}, nil
	}, slog.New(slog.NewTextHandler(&w.log, nil)))
	w.attention = &a
	t.Cleanup(a.close)
	return w
}

func (w *watched) monitors() []image.Rectangle {
	return []image.Rectangle{w.picture.Bounds().Add(w.origin)}
}

// come calls, and waits for the answer.
func (w *watched) come() {
	w.t.Helper()
	w.attend(w.now, w.monitors())
	if w.called != nil {
		<-w.bell
		w.attend(w.now, w.monitors())
	}
}

// look is what a capturer does when it is time.
func (w *watched) look() (dirty screen.Region, check bool) {
	if !w.take(w.now, &dirty, w.picture.Bounds(), w.origin) && !dirty.Empty() {
		w.t.Error("there is something, and it is not told")
	}
	return dirty, w.checks(w.picture, dirty.Rects())
}

// started is with a witness and after the look at everything.
func started(t *testing.T) *watched {
	t.Helper()
	w := newWatched(t)
	w.come()
	if !w.on() {
		t.Fatal("no witness came")
	}
	if dirty, check := w.look(); !covers(&dirty, w.picture.Bounds()) || check {
		t.Fatalf("the first look is at %v, and a check: %v", dirty.Rects(), check)
	}
	return w
}

// draw has the witness see rectangles of the desktop, and waits until it has.
func (w *watched) draw(rects ...image.Rectangle) {
	for i := range rects {
		rects[i] = rects[i].Add(w.origin)
	}
	w.script.draw(rects...)
	<-w.bell
}

// check goes on to the next check, and has it find changes; then everything that may be told has been told.
func (w *watched) check(changes ...image.Rectangle) {
	w.t.Helper()
	w.now = w.checkAt
	dirty, check := w.look()
	if !covers(&dirty, w.picture.Bounds()) || !check {
		w.t.Fatalf("no check, but a look at %v", dirty.Rects())
	}
	var region screen.Region
	for _, r := range changes {
		region.Add(r)
	}
	w.checked(w.now, &region)
}

func (w *watched) judged() {
	w.now = w.now.Add(graceTime)
	w.look()
}

func TestLooksWhereSomethingWasDrawnAndOnceMore(t *testing.T) {
	w := started(t)
	r, other := image.Rect(10, 20, 30, 40), image.Rect(100, 100, 110, 110)
	w.draw(r)
	if dirty, _ := w.look(); !slices.Equal(dirty.Rects(), []image.Rectangle{r}) {
		t.Errorf("looks at %v", dirty.Rects())
	}
	w.now = w.now.Add(againTime / 2)
	w.draw(other)
	if dirty, _ := w.look(); !slices.Equal(dirty.Rects(), []image.Rectangle{other}) {
		t.Errorf("looks at %v", dirty.Rects())
	}
	for _, want := range []image.Rectangle{r, other} {
		if now := w.now; !w.due().After(now) || w.due().After(now.Add(againTime)) {
			t.Errorf("looks again after %v", w.due().Sub(now))
		}
		w.now = w.due()
		if dirty, _ := w.look(); !slices.Equal(dirty.Rects(), []image.Rectangle{want}) {
			t.Errorf("looks again at %v", dirty.Rects())
		}
	}
	if w.due() != w.checkAt {
		t.Error("it looks a third time")
	}
	w.draw(image.Rect(-5, -5, 3, 4), image.Rect(700, 0, 800, 10))
	if dirty, _ := w.look(); !slices.Equal(dirty.Rects(), []image.Rectangle{image.Rect(0, 0, 3, 4)}) {
		t.Errorf("looks at %v, beside the desktop", dirty.Rects())
	}
}

func TestNothingDrawnIsNothingToLookAt(t *testing.T) {
	w := started(t)
	var dirty screen.Region
	if w.take(w.now.Add(time.Millisecond), &dirty, w.picture.Bounds(), w.origin) || !dirty.Empty() {
		t.Errorf("looks at %v", dirty.Rects())
	}
	if got := w.due().Sub(w.now); got != checkTime {
		t.Errorf("the next look is after %v", got)
	}
}

func TestHeals(t *testing.T) {
	w := started(t)
	for range 3 {
		w.check()
		w.judged()
	}
	if w.misses != 0 || w.good != 3 {
		t.Errorf("%d misses, %d good checks", w.misses, w.good)
	}
}

func TestGivesUpWitnessesThatMiss(t *testing.T) {
	w := started(t)
	for i := range maxMisses {
		if !w.on() {
			t.Fatalf("gives up after %d misses", i)
		}
		w.draw(image.Rect(0, 0, 10, 10))
		w.look()
		w.check(image.Rect(200, 200, 264, 201))
		w.judged()
	}
	if w.on() || w.script.closed.Load() != 1 {
		t.Error("goes on with a witness that misses things")
	}
	w.now = w.now.Add(time.Hour)
	w.come()
	if w.on() || w.calls != 1 {
		t.Error("calls it again")
	}
	if !strings.Contains(w.log.String(), "does not tell of all") {
		t.Errorf("the log says %q", w.log.String())
	}
}

func TestSeldomMissesAreForgiven(t *testing.T) {
	w := started(t)
	for range 2 * maxMisses {
		w.check(image.Rect(200, 200, 264, 201))
		w.judged()
		for range trustAfter {
			w.check()
			w.judged()
		}
	}
	if !w.on() {
		t.Error("gives up")
	}
}

// TestNewsMayComeBeforeAndAfterACheck has the check find changes that were told before, and ones that are told later.
func TestNewsMayComeBeforeAndAfterACheck(t *testing.T) {
	w := started(t)
	for range 2 * maxMisses {
		w.draw(image.Rect(0, 0, 50, 50))
		w.look()
		w.check(image.Rect(0, 20, 64, 30), image.Rect(300, 300, 364, 310))
		if w.suspects.Empty() {
			t.Fatal("what was not told is not suspected")
		}
		w.draw(image.Rect(310, 305, 320, 306))
		w.judged()
		w.check()
		w.judged()
	}
	if !w.on() || w.misses != 0 {
		t.Errorf("%d misses", w.misses)
	}
}

func TestOnlyAKnownPictureCanBeChecked(t *testing.T) {
	w := started(t)
	w.picture = screen.NewFramebuffer(640, 480, screen.BGRX)
	w.now = w.checkAt
	if _, check := w.look(); check {
		t.Error("all of a new picture is held to be missed")
	}
	w.now = w.checkAt
	w.failed()
	if _, check := w.look(); check {
		t.Error("a picture of which a part failed is checked")
	}
	if w.checks(w.picture, []image.Rectangle{w.picture.Bounds()}) {
		t.Error("a look for another reason is a check")
	}
	w.check()
}

func TestCallsAgainAfterALoss(t *testing.T) {
	w := started(t)
	first := w.script
	w.now = w.now.Add(longEnough)
	first.leave <- errors.New("access lost")
	<-w.bell
	if dirty, _ := w.look(); !covers(&dirty, w.picture.Bounds()) || w.on() {
		t.Errorf("after a loss it looks at %v", dirty.Rects())
	}
	if first.closed.Load() != 1 {
		t.Error("the witness is not closed")
	}
	w.err = errors.New("a password is asked for")
	for want := soonestCall; want < 2*latestCall; want *= 2 {
		want = min(want, latestCall)
		before := w.calls
		w.now = w.now.Add(want - time.Millisecond)
		w.come()
		if w.calls != before {
			t.Fatalf("calls sooner than after %v", want)
		}
		w.now = w.now.Add(time.Millisecond)
		w.come()
		if w.calls != before+1 || w.on() {
			t.Fatalf("%d calls after %v", w.calls-before, want)
		}
	}
	w.err = nil
	w.now = w.now.Add(latestCall)
	w.come()
	if !w.on() {
		t.Fatal("nobody came")
	}
	if dirty, check := w.look(); !covers(&dirty, w.picture.Bounds()) || check {
		t.Errorf("begins with %v", dirty.Rects())
	}
	w.script.leave <- errors.New("lost at once")
	<-w.bell
	w.look()
	if got := w.callAt.Sub(w.now); got != latestCall {
		t.Errorf("one that leaves at once is called again after %v", got)
	}
}

func TestOtherMonitorsNeedOtherWitnesses(t *testing.T) {
	w := started(t)
	first := w.script
	w.origin = image.Pt(0, 0)
	w.come()
	if first.closed.Load() != 1 || w.script == first || !w.on() {
		t.Error("the old one stays")
	}
	// They change while somebody is on the way.
	w.origin = image.Pt(1, 0)
	w.attend(w.now, w.monitors())
	<-w.bell
	late := w.script
	w.origin = image.Pt(2, 0)
	w.come()
	if late.closed.Load() != 1 || w.script == late || !w.on() {
		t.Error("one that comes for other monitors stays")
	}
}

func TestWithoutWitnesses(t *testing.T) {
	a := newAttention(nil, nil)
	a.attend(time.Now(), []image.Rectangle{image.Rect(0, 0, 10, 10)})
	if a.on() || a.called != nil {
		t.Error("somebody was called")
	}
	a.close()

	w := newWatched(t)
	w.err = fmt.Errorf("%w: test", errNever)
	for range 3 {
		w.come()
		w.now = w.now.Add(time.Hour)
	}
	if w.on() || w.calls != 1 {
		t.Errorf("%d calls", w.calls)
	}
}

func TestClosesWhoeverIsOnTheWay(t *testing.T) {
	came, script := make(chan struct{}), newScript()
	a := newAttention(func([]image.Rectangle) ([]witness, error) {
		<-came
		return []witness{script}, nil
	}, nil)
	a.attend(time.Now(), []image.Rectangle{image.Rect(0, 0, 10, 10)})
	close(came)
	a.close()
	if script.closed.Load() != 1 {
		t.Errorf("closed %d times", script.closed.Load())
	}
}

func TestNotesWhereARowHasChanged(t *testing.T) {
	before := make([]byte, 4*300)
	for _, c := range []struct {
		at   []int // pixels that differ
		want image.Rectangle
	}{
		{nil, image.Rectangle{}},
		{[]int{0}, image.Rect(7, 9, 7+64, 10)},
		{[]int{63}, image.Rect(7, 9, 7+64, 10)},
		{[]int{64, 130}, image.Rect(7+64, 9, 7+192, 10)},
		{[]int{299}, image.Rect(7+256, 9, 7+300, 10)},
		{[]int{0, 299}, image.Rect(7, 9, 7+300, 10)},
	} {
		now := make([]byte, 4*400) // the rest is not part of the row
		now[4*300] = 1
		for _, x := range c.at {
			now[4*x+1] = 1
		}
		var changes screen.Region
		note(&changes, before, now, 7, 9)
		if changes.Bounds() != c.want {
			t.Errorf("%v: %v instead of %v", c.at, changes.Bounds(), c.want)
		}
	}
}

// TestMovesAreGuesses lets the finder try what is guessed about a window that is moved twice.
func TestMovesAreGuesses(t *testing.T) {
	w := started(t)
	at := func(x, y int) image.Rectangle { return image.Rect(x, y, x+200, y+150) }
	move := func(from, to image.Rectangle) {
		var s sighting
		s.move(screen.Move{To: to.Add(w.origin), From: from.Min.Add(w.origin)})
		w.script.show <- s
		<-w.bell
		w.look()
	}
	move(at(10, 10), at(30, 40))
	move(at(30, 40), at(100, 60))
	want := screen.Move{To: at(100, 60), From: image.Pt(10, 10)}
	if got := w.moves.guesses(nil); !slices.Equal(got, []screen.Move{want}) {
		t.Errorf("two moves on end are %v", got)
	}
	move(at(100, 60), at(110, 60))
	got := w.moves.guesses(nil)
	if !slices.Contains(got, screen.Move{To: at(110, 60), From: image.Pt(100, 60)}) ||
		!slices.Contains(got, screen.Move{To: at(110, 60), From: image.Pt(10, 10)}) || !slices.Contains(got, want) {
		t.Errorf("a move later %v is guessed", got)
	}

	last, now := screen.NewFramebuffer(640, 480, screen.BGRX), screen.NewFramebuffer(640, 480, screen.BGRX)
	source, target := at(10, 10), at(110, 60)
	for y := range 150 {
		for x := range 200 {
			colour := byte(x*7 ^ y*13)
			last.Pix[(source.Min.Y+y)*last.Stride+4*(source.Min.X+x)] = colour
			now.Pix[(target.Min.Y+y)*now.Stride+4*(target.Min.X+x)] = colour
		}
	}
	var finder screen.MoveFinder
	found := finder.Find(last, now, nil, got, func(image.Rectangle) bool { return true })
	if !slices.Contains(found, screen.Move{To: target, From: source.Min}) {
		t.Errorf("the finder takes %v", found)
	}
	w.moves.guesses(nil)
	if got := w.moves.guesses(nil); len(got) != 0 {
		t.Errorf("long afterwards %v is guessed", got)
	}
}

func TestMovesAreBounded(t *testing.T) {
	var m moved
	for i := range 3 * maxMoves {
		m.add(screen.Move{To: image.Rect(3*i, 0, 3*i+2, 2), From: image.Pt(0, 1000+3*i)})
	}
	if got := m.guesses(nil); len(got) != maxMoves {
		t.Errorf("%d guesses", len(got))
	}
}
