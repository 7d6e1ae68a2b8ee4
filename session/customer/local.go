package customer

import (
	"errors"
	"time"

	"handrail/screen"
	"handrail/session"
)

// ErrNotByHand says that something was to be agreed to, and that perhaps the operator's own pointer did it.
var ErrNotByHand = errors.New("customer: a permission can only be given with this computer's own mouse or keyboard")

// watchLocal opens the watch over this computer's own pointer and keyboard, for arbitration and hot keys. Without
// it a session goes on, and both sides are told what does not work.
func (s *Session) watchLocal() (stop func()) {
	if s.config.OpenLocal == nil {
		return func() {}
	}
	keys, err := newChords(s.config.HotKeys)
	if err != nil {
		s.config.Log.Warn("hot keys", "error", err)
	}
	hot := make(chan hotKey, 4)
	watch, err := s.config.OpenLocal(func(e screen.LocalEvent) {
		s.arbiter.local()
		if e.Down {
			s.hands.pressed(time.Now())
		}
		s.pointer.notice()
		key, is := keys.event(e)
		switch {
		case !is:
		case key == hotPanic:
			s.Panic()
		default:
			select {
			case hot <- key:
			default: // somebody leans on the keyboard
			}
		}
	})
	if err != nil {
		s.limit("hand", "The customer's own mouse and keyboard do not take control by themselves there:", err)
		return func() {}
	}
	s.watching.Store(true)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-s.ctx.Done():
				return
			case key := <-hot:
				s.pressed(key)
			}
		}
	}()
	return func() {
		_ = watch.Close()
		<-done
	}
}

// Panic stops everything at once: when it returns no picture is read and nothing is injected any more. Only then
// does anything go over the network: the session ends, and the operator is told why.
func (s *Session) Panic() {
	s.panicked.Store(true)
	s.stop() // what captures and injects looks at it each time
	s.settle()
	if s.peer != nil {
		s.peer.Silence()
	}
}

// settle returns when nothing is being captured or injected that was begun before, and nothing is held down.
func (s *Session) settle() {
	s.lockPermit()
	s.permit.Unlock()
	s.release()
}

// lockPermit waits for nobody who types a text.
func (s *Session) lockPermit() {
	for !s.permit.TryLock() {
		s.release() // cuts the text off, perhaps one that has only just begun
		time.Sleep(settleStep)
	}
}

// settleStep is how long what is being captured or injected is given before it is looked at again.
const settleStep = time.Millisecond / 2

// controlled takes over and announces who has control.
func (s *Session) controlled() {
	s.holding.Lock()
	defer s.holding.Unlock()
	s.SetControl(s.holder(s.arbitrated))
	s.announce.tell(func(a *announcements) { a.control = true })
}

// holder says who has control, given what the arbiter said last.
func (s *Session) holder(a arbitrated) (session.Holder, time.Time) {
	switch state, _ := s.State(); {
	case s.ctx.Err() != nil || state == session.Ended:
		return session.Nobody, time.Time{}
	case !s.Permissions().Has(session.Control) || s.board.drawing():
		return session.HolderCustomer, time.Time{}
	case a.customer:
		return session.HolderCustomer, a.until
	}
	return session.HolderOperator, time.Time{}
}

// byHandWait is how long after a click its report by the watch may come.
const byHandWait = 200 * time.Millisecond

// Grant is SetPermission for buttons on this computer's screen: it gives a permission only to the customer's own
// hand, because an operator who has control could press the button as well.
func (s *Session) Grant(p session.Permission) error {
	if err := s.byHand("permission", string(p)); err != nil {
		return err
	}
	return s.SetPermission(p, true)
}

// byHand is ErrNotByHand if what is being agreed to on this computer's screen may have been pressed by the operator. Where the two
// cannot be told apart it is nil.
func (s *Session) byHand(what, which string) error {
	if !s.watching.Load() {
		return nil
	}
	for end := time.Now().Add(byHandWait); ; time.Sleep(5 * time.Millisecond) {
		customers, settled := s.hands.whose(time.Now())
		switch {
		case customers:
			return nil
		case settled || time.Now().After(end):
			s.config.Log.Warn("refused: it may have been pressed by the operator", what, which)
			return ErrNotByHand
		}
	}
}
