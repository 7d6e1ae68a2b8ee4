package customer

import (
	"context"
	"errors"
	"image"
	"time"

	"handrail/screen"
	"handrail/session"
	"handrail/session/mux"
	"handrail/session/wire"
)

const (
	// frameTime is the time between two updates on average at least: nobody sees more than 60 a second.
	frameTime = time.Second / 60
	// earliness is how much sooner one may come after a pause, so that the next change need not wait for its turn.
	earliness = 2 * frameTime
)

// sharer turns what happens on the screen into updates. One goroutine owns it.
type sharer struct {
	session  *Session
	capturer screen.Capturer
	desktop  screen.Desktop

	frame    *screen.Framebuffer // as captured; only the dirty rectangles are fresh
	dirty    screen.Region
	comparer screen.Comparer
	finder   screen.MoveFinder
	guesses  []screen.Move
	planner  screen.Planner
	encoder  screen.Encoder
	depth    depthChooser
	swift    swift
	sending  screen.ColorDepth // of the present update
	changed  []image.Rectangle // of the last update
	last     time.Time         // when the last update was captured
	turn     time.Time         // when the next one may be
	written  writing           // the last update

	// These are used again for each update: nothing is allocated for one.
	wait  *interruption
	alarm *time.Timer             // interrupts the wait for changes
	pause *time.Timer             // until the turn
	emit  func(part []byte) error // writes a part
}

// interruption ends the sharing loop's wait for changes, and serves for further waits as long as it has ended none.
type interruption struct {
	ctx context.Context
	end context.CancelFunc
}

// writing is what is measured while an update is written.
type writing struct {
	bytes     int
	elsewhere time.Duration // with the channel, not with encoding
}

// share runs from Start to the session's end. told is the desktop that the operator knows.
func (s *Session) share(capturer screen.Capturer, told screen.Desktop) {
	defer capturer.Close()
	stop := context.AfterFunc(s.ctx, func() { capturer.Close() })
	defer stop()
	defer s.putBackModes()
	sh := &sharer{session: s, capturer: capturer}
	defer sh.end()
	sh.encoder.Viewer = s.viewer
	if s.config.NewJPEG != nil {
		sh.encoder.JPEG = s.config.NewJPEG() // nil where there is nothing better than the standard library
	}
	sh.resize()
	if !sh.desktop.Equal(told) {
		_ = sh.tellDesktop() // without a channel the next step fails as well
	}
	s.full.Store(true)
	for {
		err := sh.step()
		if s.ctx.Err() != nil {
			return
		}
		if err != nil {
			s.config.Log.Error("sharing the screen", "error", err)
			s.end(session.ReasonOf(err))
			return
		}
	}
}

// step waits until something can and should be sent, and sends it.
func (sh *sharer) step() error {
	if err := sh.awaitTurn(); err != nil {
		return err
	}
	if sh.session.full.Swap(false) {
		sh.comparer.Reset()
		sh.planner.Reset()
		sh.encoder.Restart()
		sh.dirty.Add(sh.frame.Bounds())
	} else if err := sh.await(); err != nil {
		return err
	}
	if sh.resized() {
		return sh.tellDesktop()
	}
	if !sh.session.Permissions().Has(session.View) {
		return nil
	}
	if err := sh.tellCursor(); err != nil {
		return err
	}
	sh.session.board.addDirty(&sh.dirty)
	if !sh.dirty.Empty() || sh.due() {
		err := sh.update()
		if errors.Is(err, screen.ErrResized) {
			return nil // the next step sees the new size
		}
		if err != nil {
			return err
		}
	}
	if !sh.planner.Owing() {
		sh.session.board.arrived(sh.encoder.Sequence())
	}
	return nil
}

// await waits for changes, or until the planner has something to send without any; a poke ends it too.
func (sh *sharer) await() error {
	wait := sh.interruption()
	sh.session.interrupt.Store(wait)
	defer sh.session.interrupt.Store(nil)
	if sh.session.full.Load() || sh.session.board.waiting() { // a poke before it could interrupt
		return nil
	}
	if due, ok := sh.planner.Due(); ok {
		if sh.planner.Owing() {
			if sh.session.acks.notify(wait.end) {
				return nil
			}
		} else {
			sh.setAlarm(time.Until(due))
			defer sh.alarm.Stop()
		}
	}
	err := sh.capturer.Wait(wait.ctx, &sh.dirty)
	if err != nil && wait.ctx.Err() == nil {
		return wire.Fail(wire.ReasonNoScreen, err)
	}
	return nil
}

// interruption is the one with which to wait now.
func (sh *sharer) interruption() *interruption {
	if sh.wait == nil || sh.wait.ctx.Err() != nil {
		ctx, end := context.WithCancel(sh.session.ctx)
		sh.wait = &interruption{ctx, end}
	}
	return sh.wait
}

func (sh *sharer) setAlarm(after time.Duration) {
	if sh.alarm == nil {
		sh.alarm = time.AfterFunc(after, sh.session.interruptWait)
	} else {
		sh.alarm.Reset(after)
	}
}

// end gives back what step uses again and again.
func (sh *sharer) end() {
	if sh.alarm != nil {
		sh.alarm.Stop()
	}
	if sh.wait != nil {
		sh.wait.end()
	}
}

// due says whether something can be sent although nothing has changed.
func (sh *sharer) due() bool {
	if sh.planner.Owing() {
		return sh.session.acks.openForHot()
	}
	at, ok := sh.planner.Due()
	return ok && !time.Now().Before(at)
}

// update captures what is dirty and sends what of it has changed.
func (sh *sharer) update() error {
	s := sh.session
	rects := sh.dirty.Rects()
	s.permit.RLock()
	if !s.Permissions().Has(session.View) || s.ctx.Err() != nil {
		s.permit.RUnlock()
		return nil
	}
	err := sh.capturer.Capture(sh.frame, rects)
	s.permit.RUnlock()
	if err != nil {
		if errors.Is(err, screen.ErrResized) {
			return err
		}
		return wire.Fail(wire.ReasonNoScreen, err)
	}
	sh.last = time.Now()
	if earliest := sh.last.Add(-earliness); sh.turn.Before(earliest) {
		sh.turn = earliest
	}
	sh.turn = sh.turn.Add(frameTime)
	plan := sh.plan(rects)
	sh.dirty.Clear()
	if plan.Empty() {
		return nil
	}
	return sh.send(plan)
}

// plan finds out what has changed and decides how it is sent.
func (sh *sharer) plan(rects []image.Rectangle) *screen.Plan {
	if guesser, ok := sh.capturer.(screen.MoveGuesser); ok {
		sh.guesses = guesser.Moves(sh.guesses[:0])
	}
	moves := sh.finder.Find(sh.comparer.Last(), sh.frame, rects, sh.guesses, sh.planner.Movable)
	for _, m := range moves { // the finder has drawn them into the last picture, right or not
		sh.dirty.Add(m.To)
	}
	changed := sh.comparer.Compare(sh.frame, sh.dirty.Rects())
	budget := sh.budget()
	plan := sh.planner.Plan(sh.frame, moves, changed, budget)
	sh.sending = sh.depth.now
	if !budget.Full && (plan.Empty() || !budget.Coarse) {
		if budget.Coarse {
			sh.sending = screen.Depth24 // only what is refined
		}
		pixels := area1080
		if budget.Rate > 0 {
			pixels = min(pixels, max(int(budget.Rate*refineTime.Seconds()), leastRefined))
		}
		sh.planner.Refine(sh.frame, budget, pixels)
	}
	return plan
}

const (
	// refineTime is about how long the link is busy with what is refined at a time.
	refineTime   = 40 * time.Millisecond
	leastRefined = 64 * 64
	area1080     = 1920 * 1080
)

func (sh *sharer) budget() screen.Budget {
	acks := sh.session.acks
	rate, _ := acks.pace()
	coarse := sh.depth.choose(*sh.session.quality.Load(), rate)
	return screen.Budget{Now: sh.last, Rate: rate, Full: !acks.openForHot(), Loss: true, Coarse: coarse}
}

var errTaken = errors.New("customer: the permission to view was taken")

// send writes one update. Taking the permission cuts it off between two parts.
func (sh *sharer) send(plan *screen.Plan) error {
	s := sh.session
	plain := plan.PlainPixels() * sh.sending.Bytes()
	rate, _ := s.acks.pace()
	plan.Fast = sh.swift.fast(plain, rate)
	began := time.Now()
	sh.written = writing{}
	if sh.emit == nil {
		sh.emit = sh.sendPart
	}
	err := sh.encoder.Write(sh.frame, plan, sh.sending, sh.emit)
	if err == nil && plan.OnlyPlain() {
		sh.swift.learn(plan.Fast, plain, sh.written.bytes, time.Since(began)-sh.written.elsewhere)
	}
	if errors.Is(err, mux.ErrRestarted) {
		s.restartPicture()
		return nil
	}
	if errors.Is(err, errTaken) {
		s.acks.reset() // the operator cannot acknowledge half an update
		return nil
	}
	if err == nil {
		sh.changed = plan.AppendRects(sh.changed[:0])
		s.PublishUpdate(sh.changed, sh.written.bytes)
	}
	return err
}

// sendPart hands one part of an update to the channel.
func (sh *sharer) sendPart(part []byte) error {
	s := sh.session
	if !s.Permissions().Has(session.View) {
		return errTaken
	}
	sh.written.bytes += len(part)
	s.acks.sent(sh.encoder.Sequence(), len(part))
	began := time.Now()
	err := s.peer.SendPart(s.ctx, part)
	sh.written.elsewhere += time.Since(began)
	return err
}

// resized tells whether the desktop has another size or other monitors than before, and takes them over.
func (sh *sharer) resized() bool {
	now := sh.capturer.Desktop()
	if now.Equal(sh.desktop) {
		return false
	}
	sh.resize()
	return true
}

func (sh *sharer) resize() {
	sh.desktop = sh.capturer.Desktop()
	sh.frame = screen.NewFramebuffer(sh.desktop.Width, sh.desktop.Height, screen.BGRX)
	sh.dirty.Clear()
	sh.session.board.setDesktop(sh.desktop)
	sh.session.full.Store(true)
}

// tellCursor tells the operator what the pointer looks like when that has changed.
func (sh *sharer) tellCursor() error {
	s := sh.session
	watcher, ok := sh.capturer.(screen.CursorWatcher)
	if !ok {
		return nil
	}
	cursor := watcher.Cursor()
	if cursor == nil {
		return nil
	}
	return s.peer.SendControl(s.ctx, session.ControlMessage{Type: session.MsgCursor, Cursor: cursor})
}

func (sh *sharer) tellDesktop() error {
	return sh.session.peer.SendControl(sh.session.ctx, session.ControlMessage{Type: session.MsgDesktop, Desktop: &sh.desktop})
}

// awaitTurn waits until the operator may have another picture: the permission is there, the window is open,
// and it is time.
func (sh *sharer) awaitTurn() error {
	s := sh.session
	for !s.Permissions().Has(session.View) || !s.acks.open() {
		select {
		case <-s.ctx.Done():
			return s.ctx.Err()
		case <-s.wake:
		case <-s.acks.changed:
		}
	}
	wait := time.Until(sh.turn)
	if wait <= 0 {
		return s.ctx.Err()
	}
	if sh.pause == nil {
		sh.pause = time.NewTimer(wait)
	} else {
		sh.pause.Reset(wait)
	}
	defer sh.pause.Stop()
	select {
	case <-s.ctx.Done():
		return s.ctx.Err()
	case <-sh.pause.C:
		return nil
	}
}

// poke makes the sharing loop look at permissions and quality again.
func (s *Session) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
	s.interruptWait()
}

// interruptWait ends the sharing loop's wait for changes, if it waits.
func (s *Session) interruptWait() {
	if wait := s.interrupt.Load(); wait != nil {
		wait.end()
	}
}
