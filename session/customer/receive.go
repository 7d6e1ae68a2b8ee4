package customer

import (
	"context"
	"errors"
	"time"

	"golang.org/x/time/rate"

	"handrail/screen"
	"handrail/session"
	"handrail/session/mux"
	"handrail/session/wire"
)

func (s *Session) receiveControl() error {
	for {
		m, err := s.peer.ReceiveControl(s.ctx)
		if err != nil {
			return err
		}
		switch m.Type {
		case session.MsgEnd:
			return wire.Fail(wire.Reason(m.Reason), nil)
		case session.MsgJournal:
			if err := s.recorder.Receive(m); err != nil {
				s.config.Log.Warn("the operator's signature of the journal is not valid", "error", err)
			}
		case session.MsgPing:
			if err := s.peer.SendControl(s.ctx, session.ControlMessage{Type: session.MsgPong}); err != nil {
				return err
			}
		case session.MsgMode:
			if err := s.setMode(m.Mode); err != nil {
				return err
			}
		case session.MsgPlain:
			s.plain.wish(m.Plain)
		case session.MsgQuality:
			if m.Quality.Valid() {
				s.quality.Store(&m.Quality)
				s.full.Store(true)
				s.poke()
			}
		}
	}
}

func (s *Session) receiveChat() error {
	for {
		text, err := s.peer.ReceiveChat(s.ctx)
		if err != nil {
			return err
		}
		s.AddChat(wire.Operator, text)
	}
}

// How much an operator's hands may do: more a second waits on the way, and in the end in the operator's program.
const (
	inputRate  = 1000 // a second
	inputBurst = 250
)

// receiveInput injects what the operator does while that is allowed. What comes without permission is refused;
// what comes while the customer has control is dropped, not kept for later.
func (s *Session) receiveInput() error {
	limit := rate.NewLimiter(inputRate, inputBurst)
	source := inputs{peer: s.peer}
	var odd oddities
	for {
		in, messages, err := source.next(s.ctx)
		if err != nil {
			return err
		}
		if s.arbiter.allowed() && !limit.AllowN(time.Now(), messages) {
			odd.flood(s)
			if err := limit.WaitN(s.ctx, messages); err != nil {
				return err
			}
		}
		if !odd.mayHold(in) {
			odd.tooMany(s)
			continue
		}
		what, err := s.injectAttached(in)
		if err != nil {
			s.config.Log.Warn("injecting input", "error", err)
		}
		if what == inputRefused {
			if err := s.refuse(session.Control); err != nil {
				return err
			}
		}
	}
}

// inputs are what the operator does, as it is to be injected.
type inputs struct {
	peer  *session.Peer
	ahead *session.Input // was received after texts that were joined
}

// maxJoined is how many messages may become one; less than inputBurst.
const maxJoined = 64

// next waits for the next input, and says how many messages it is made of: texts that have gathered meanwhile are joined, since
// characters that no key of this computer gives take as long together as one does.
func (i *inputs) next(ctx context.Context) (in session.Input, messages int, err error) {
	if i.ahead != nil {
		in, i.ahead = *i.ahead, nil
	} else if in, err = i.peer.ReceiveInput(ctx); err != nil {
		return in, 0, err
	}
	for messages = 1; in.Kind == session.InputText && messages < maxJoined && i.peer.InputWaiting(); messages++ {
		more, err := i.peer.ReceiveInput(ctx)
		if err != nil {
			return in, messages, err
		}
		if more.Kind != session.InputText {
			i.ahead = &more
			break
		}
		in.Text += more.Text
	}
	return in, messages, nil
}

// verdict is what became of an input.
type verdict int

const (
	inputDone    verdict = iota
	inputRefused         // there is no permission
	inputDropped         // the customer has control, or it comes too late
	inputWaits           // the link is broken: it can be done when that stands again
)

// pieceRunes is how much of a long text is typed before permissions are looked at again.
const pieceRunes = 8

// injectAttached does one input as far as that is allowed, as soon as the link stands; not when it comes too late then.
func (s *Session) injectAttached(in session.Input) (what verdict, err error) {
	for {
		s.away.wait(s.ctx)
		if s.away.late(in, time.Now()) {
			return inputDropped, nil
		}
		if what, err = s.inject(in); what != inputWaits {
			return what, err
		}
	}
}

// inject does one input as far as that is allowed.
func (s *Session) inject(in session.Input) (what verdict, err error) {
	if in.Kind != session.InputText {
		return s.injectNow(in)
	}
	for runes, begun := []rune(in.Text), false; len(runes) > 0 && what == inputDone && err == nil; begun = true {
		n := min(len(runes), pieceRunes)
		what, err = s.injectNow(session.Input{Kind: session.InputText, Text: string(runes[:n])})
		if what == inputWaits && begun { // the rest of it would come without its beginning
			what = inputDropped
		}
		runes = runes[n:]
	}
	return what, err
}

// injectNow does one short input if that is allowed at this very moment; SetPermission and settle wait for it.
func (s *Session) injectNow(in session.Input) (verdict, error) {
	s.permit.RLock()
	defer s.permit.RUnlock()
	injector := s.injector.Load()
	switch {
	case injector == nil || !s.Permissions().Has(session.Control) || s.ctx.Err() != nil:
		return inputRefused, nil
	case !s.arbiter.allowed() || s.board.drawing():
		return inputDropped, nil
	case s.away.broken():
		return inputWaits, nil
	}
	if _, ok := injector.Injector.(screen.PositionInjector); !ok && in.Kind == session.InputPosition {
		s.limit("position", "The customer's computer does not take keys by position. Please send what your keyboard writes.", nil)
	}
	s.hands.injected(in, time.Now())
	defer func() { s.hands.injected(in, time.Now()) }()
	return inputDone, do(injector.Injector, in)
}

func do(injector screen.Injector, in session.Input) error {
	switch in.Kind {
	case session.InputMove:
		return injector.MovePointer(in.X, in.Y)
	case session.InputButton:
		return injector.Button(in.Button, in.Down)
	case session.InputScroll:
		return injector.Scroll(in.X*screen.Notch, in.Y*screen.Notch)
	case session.InputWheel:
		return injector.Scroll(in.X, in.Y)
	case session.InputKey:
		return injector.Key(in.Keysym, in.Down)
	case session.InputText:
		return injector.Type(in.Text)
	case session.InputRelease:
		return injector.ReleaseAll()
	case session.InputPosition:
		if positions, ok := injector.(screen.PositionInjector); ok {
			return positions.KeyAt(in.Position, in.Down)
		}
	}
	return nil
}

func (s *Session) receiveAcks() error {
	for {
		data, err := s.peer.ReceivePart(s.ctx)
		if errors.Is(err, mux.ErrRestarted) {
			s.restartPicture()
			continue
		}
		if err != nil {
			return err
		}
		ack, err := session.ParseAck(data)
		mux.Recycle(data)
		if err != nil {
			return err
		}
		s.acks.acknowledge(ack.Sequence)
	}
}
