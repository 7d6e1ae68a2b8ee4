package customer

import (
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

// receiveInput injects what the operator does, while that is allowed. What comes without permission is
// refused, and the operator is told once.
func (s *Session) receiveInput() error {
	told := false
	for {
		in, err := s.peer.ReceiveInput(s.ctx)
		if err != nil {
			return err
		}
		refused, err := s.inject(in)
		if err != nil {
			s.config.Log.Warn("injecting input", "error", err)
		}
		if refused && !told {
			told = true
			s.config.Log.Warn("input without permission was refused")
			err := s.peer.SendControl(s.ctx, session.ControlMessage{
				Type: session.MsgWarning, Text: "The customer has not given control, so what you typed or clicked was not passed on.",
			})
			if err != nil {
				return err
			}
		}
		told = told && refused
	}
}

// pieceRunes is how much of a long text is typed before permissions are looked at again.
const pieceRunes = 8

// inject does one input as far as control is allowed; refused tells that it was not, or not to the end.
func (s *Session) inject(in session.Input) (refused bool, err error) {
	if in.Kind != session.InputText {
		return s.injectNow(in)
	}
	for runes := []rune(in.Text); len(runes) > 0 && !refused && err == nil; {
		n := min(len(runes), pieceRunes)
		refused, err = s.injectNow(session.Input{Kind: session.InputText, Text: string(runes[:n])})
		runes = runes[n:]
	}
	return refused, err
}

// injectNow does one short input if control is allowed at this very moment; SetPermission waits for it.
func (s *Session) injectNow(in session.Input) (refused bool, err error) {
	s.permit.RLock()
	defer s.permit.RUnlock()
	injector := s.injector.Load()
	if injector == nil || !s.Permissions().Has(session.Control) || s.ctx.Err() != nil {
		return true, nil
	}
	switch in.Kind {
	case session.InputMove:
		err = injector.MovePointer(in.X, in.Y)
	case session.InputButton:
		err = injector.Button(in.Button, in.Down)
	case session.InputScroll:
		err = injector.Scroll(in.X, in.Y)
	case session.InputKey:
		err = injector.Key(in.Keysym, in.Down)
	case session.InputText:
		err = injector.Type(in.Text)
	case session.InputRelease:
		err = injector.ReleaseAll()
	}
	return false, err
}

func (s *Session) receiveAcks() error {
	for {
		data, err := s.peer.ReceivePart(s.ctx)
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
