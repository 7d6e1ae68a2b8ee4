package operator

import (
	"errors"
	"image"

	"handrail/session"
	"handrail/session/wire"
	"handrail/whiteboard"
)

// ErrNoWhiteboard says that the customer does not let the operator draw now.
var ErrNoWhiteboard = errors.New("operator: the customer has not allowed drawing on the screen")

// Board is what is drawn on the customer's screen. Who edits it asks MayDraw first; the customer's program refuses
// what is drawn without permission.
func (s *Session) Board() *whiteboard.Pad { return s.board }

// MayDraw tells whether the operator may draw now: nil, ErrNotConnected or ErrNoWhiteboard.
func (s *Session) MayDraw() error {
	switch {
	case s.connected() == nil:
		return ErrNotConnected
	case !s.Permissions().Has(session.Whiteboard):
		return ErrNoWhiteboard
	}
	return nil
}

// Monitors are the customer's monitors, for drawing on them.
func (s *Session) Monitors() []whiteboard.Monitor { return session.BoardMonitors(s.Info().Desktop) }

// Marks is what is to be drawn over the picture as it is now: what it does not show by itself.
func (s *Session) Marks() []whiteboard.Mark { return s.board.Marks(s.Monitors()) }

// Drawn is a copy of the picture with all that is drawn on it; nil before the first whole picture.
func (s *Session) Drawn() *image.RGBA {
	picture := s.picture.Snapshot()
	if picture == nil {
		return nil
	}
	var canvas whiteboard.Canvas
	canvas.SetSize(picture.Rect.Dx(), picture.Rect.Dy())
	canvas.Update(s.Marks())
	canvas.Over(picture)
	return picture
}

// receiveBoard takes in what the customer draws, and what the customer's program says of the board.
func (s *Session) receiveBoard(peer *session.Peer) error {
	for {
		packet, err := peer.ReceiveBoard(s.ctx)
		if err != nil {
			return err
		}
		if err := s.boardLink.Take(packet); err != nil {
			return wire.Fail(wire.ReasonProtocol, err)
		}
	}
}

// sendBoard sends what the operator draws.
func (s *Session) sendBoard(peer *session.Peer) error {
	return session.SendBoard(s.ctx, peer, s.boardLink)
}
