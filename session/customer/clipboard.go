package customer

import (
	"handrail/screen"
	"handrail/session"
)

// openClipboard begins to pass on what is copied here, where the system lets it. Nothing passes without the
// permission, in either direction.
func (s *Session) openClipboard() (stop func()) {
	if s.config.OpenClipboard == nil {
		return func() {}
	}
	board, err := s.config.OpenClipboard(func(clip screen.Clip) {
		if s.Permissions().Has(session.Clipboard) {
			s.clips.Put(clip)
		}
	})
	if err != nil {
		s.limit("clipboard", "What is copied is not shared with the customer's computer:", err)
		return func() {}
	}
	s.clipboard.Store(&board)
	return func() { _ = board.Close() }
}

// sendClips sends what was copied here, as long as that is allowed when its turn comes.
func (s *Session) sendClips() {
	s.clips.Run(s.ctx, func(clip screen.Clip) error {
		if !s.Permissions().Has(session.Clipboard) {
			return nil
		}
		return s.peer.SendClip(s.ctx, clip)
	})
}

// receiveClips puts what the operator copied onto this computer's clipboard while that is allowed.
func (s *Session) receiveClips() error {
	for {
		clip, err := s.peer.ReceiveClip(s.ctx)
		if err != nil {
			return err
		}
		if !s.Permissions().Has(session.Clipboard) {
			if err := s.refuse(session.Clipboard); err != nil {
				return err
			}
			continue
		}
		board := s.clipboard.Load()
		if board == nil || s.ctx.Err() != nil {
			continue
		}
		if err := (*board).Set(clip); err != nil {
			s.config.Log.Warn("setting the clipboard", "error", err)
		}
	}
}
