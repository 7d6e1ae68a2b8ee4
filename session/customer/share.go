package customer

import (
	"context"
	"errors"
	"image"
	"time"

	"handrail/screen"
	"handrail/session"
	"handrail/session/wire"
)

// frameTime is the shortest time between two updates: nobody sees more than 60 a second.
const frameTime = time.Second / 60

// sharer turns what happens on the screen into updates. One goroutine owns it.
type sharer struct {
	session  *Session
	capturer screen.Capturer
	desktop  screen.Desktop

	frame    *screen.Framebuffer // as captured; only the dirty rectangles are fresh
	dirty    screen.Region
	comparer screen.Comparer
	encoder  screen.Encoder
	last     time.Time // when the last update was captured
}

// share runs from Start to the session's end.
func (s *Session) share(capturer screen.Capturer) {
	defer capturer.Close()
	stop := context.AfterFunc(s.ctx, func() { capturer.Close() })
	defer stop()
	sh := &sharer{session: s, capturer: capturer}
	sh.resize()
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
	if err := sh.session.awaitTurn(sh.last); err != nil {
		return err
	}
	if sh.session.full.Swap(false) {
		sh.comparer.Reset()
		sh.dirty.Add(sh.frame.Bounds())
	} else if err := sh.await(); err != nil {
		return err
	}
	if sh.resized() {
		return sh.tellDesktop()
	}
	if sh.dirty.Empty() || !sh.session.Permissions().Has(session.View) {
		return nil
	}
	err := sh.update()
	if errors.Is(err, screen.ErrResized) {
		return nil // the next step sees the new size
	}
	return err
}

// await waits for changes; a poke ends it too.
func (sh *sharer) await() error {
	ctx, cancel := context.WithCancel(sh.session.ctx)
	defer cancel()
	sh.session.interrupt.Store(&cancel)
	defer sh.session.interrupt.Store(nil)
	if sh.session.full.Load() { // a poke before it could interrupt
		return nil
	}
	err := sh.capturer.Wait(ctx, &sh.dirty)
	if err != nil && ctx.Err() == nil {
		return wire.Fail(wire.ReasonNoScreen, err)
	}
	return nil
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
	changed := sh.comparer.Compare(sh.frame, rects)
	sh.dirty.Clear()
	if len(changed) == 0 {
		return nil
	}
	return sh.send(changed)
}

var errTaken = errors.New("customer: the permission to view was taken")

// send writes one update. Taking the permission cuts it off between two parts.
func (sh *sharer) send(changed []image.Rectangle) error {
	s := sh.session
	total := 0
	err := sh.encoder.Encode(sh.frame, changed, depthOf(*s.quality.Load()), func(part []byte) error {
		if !s.Permissions().Has(session.View) {
			return errTaken
		}
		total += len(part)
		s.acks.sent(sh.encoder.Sequence(), len(part))
		return s.peer.SendPart(s.ctx, part)
	})
	if errors.Is(err, errTaken) {
		s.acks.reset() // the operator cannot acknowledge half an update
		return nil
	}
	if err == nil {
		s.PublishUpdate(quads(changed), total)
	}
	return err
}

func depthOf(q session.Quality) screen.ColorDepth {
	if q == session.Speed {
		return screen.Depth16
	}
	return screen.Depth24
}

func quads(rects []image.Rectangle) [][4]int {
	list := make([][4]int, len(rects))
	for i, r := range rects {
		list[i] = [4]int{r.Min.X, r.Min.Y, r.Dx(), r.Dy()}
	}
	return list
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
	sh.session.full.Store(true)
}

func (sh *sharer) tellDesktop() error {
	return sh.session.peer.SendControl(sh.session.ctx, session.ControlMessage{Type: session.MsgDesktop, Desktop: &sh.desktop})
}

// awaitTurn waits until the operator may have another picture: the permission is there, the window is open,
// and the last update is a frame's time ago.
func (s *Session) awaitTurn(last time.Time) error {
	for !s.Permissions().Has(session.View) || !s.acks.open() {
		select {
		case <-s.ctx.Done():
			return s.ctx.Err()
		case <-s.wake:
		case <-s.acks.changed:
		}
	}
	pause := time.NewTimer(frameTime - time.Since(last))
	defer pause.Stop()
	select {
	case <-s.ctx.Done():
		return s.ctx.Err()
	case <-pause.C:
		return nil
	}
}

// poke makes the sharing loop look at permissions and quality again.
func (s *Session) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
	if interrupt := s.interrupt.Load(); interrupt != nil {
		(*interrupt)()
	}
}
