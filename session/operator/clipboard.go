package operator

import (
	"sync"

	"handrail/screen"
	"handrail/session"
)

// clipDesk connects this computer's clipboard with the session that was used last: what is copied here goes to that
// customer only, and only what that customer copies comes here.
type clipDesk struct {
	// mu is never held while the clipboard is set: that may wait for a thread that is just telling of something copied here.
	mu      sync.Mutex
	board   screen.Clipboard // nil: not open
	tried   bool
	current *Session
}

// use makes a session the one that the clipboard is shared with.
func (e *Engine) use(s *Session) {
	d := &e.clips
	d.mu.Lock()
	defer d.mu.Unlock()
	d.current = s
	if d.tried || e.config.OpenClipboard == nil {
		return
	}
	d.tried = true
	board, err := e.config.OpenClipboard(e.copied)
	if err != nil {
		e.config.Log.Warn("opening the clipboard", "error", err)
		return
	}
	d.board = board
}

// copied is something that was copied on this computer.
func (e *Engine) copied(clip screen.Clip) {
	e.clips.mu.Lock()
	s := e.clips.current
	e.clips.mu.Unlock()
	if s != nil && s.Permissions().Has(session.Clipboard) {
		s.clips.Put(clip)
	}
}

// paste is something that a session's customer has copied.
func (e *Engine) paste(s *Session, clip screen.Clip) {
	d := &e.clips
	d.mu.Lock()
	board, current := d.board, d.current
	d.mu.Unlock()
	if current != s || board == nil || !s.Permissions().Has(session.Clipboard) {
		return
	}
	if err := board.Set(clip); err != nil {
		e.config.Log.Warn("setting the clipboard", "error", err)
	}
}

func (e *Engine) closeClipboard() {
	d := &e.clips
	d.mu.Lock()
	board := d.board
	d.board, d.tried = nil, true
	d.mu.Unlock()
	if board != nil {
		_ = board.Close()
	}
}

func (s *Session) receiveClips(peer *session.Peer) error {
	for {
		clip, err := peer.ReceiveClip(s.ctx)
		if err != nil {
			return err
		}
		s.engine.paste(s, clip)
	}
}

// Copy gives the customer something as if it had been copied here.
func (s *Session) Copy(clip screen.Clip) error {
	if err := clip.Check(); err != nil {
		return err
	}
	peer := s.connected()
	if peer == nil {
		return ErrNotConnected
	}
	return peer.SendClip(s.ctx, clip)
}
