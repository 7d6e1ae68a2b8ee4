package customer

import (
	"sync"

	"handrail/screen"
	"handrail/session"
	"handrail/transfer"
)

// fileBoard is this computer's clipboard as far as it has files. The operator hears of what is copied while files and
// the clipboard are both allowed; to fetch it they need what every fetching needs.
type fileBoard struct {
	mu     sync.Mutex
	board  screen.FileClipboard // nil: not open
	copied []string             // files that were copied here

	wake chan struct{} // buffered 1: the operator has to hear of something
}

// openFileBoard begins to watch what files are copied here, where the system lets it.
func (s *Session) openFileBoard() (stop func()) {
	f := &s.fileBoard
	if s.config.OpenFileClipboard == nil {
		return func() {}
	}
	board, err := s.config.OpenFileClipboard(func(paths []string) {
		f.mu.Lock()
		f.copied = paths
		f.mu.Unlock()
		s.tellCopied()
	})
	if err != nil {
		s.config.Log.Warn("opening the clipboard for files", "error", err)
		return func() {}
	}
	f.mu.Lock()
	f.board = board
	f.mu.Unlock()
	return func() {
		f.mu.Lock()
		f.board = nil
		f.mu.Unlock()
		_ = board.Close()
	}
}

// tellCopied lets the operator hear what is copied now, or that they may no longer know.
func (s *Session) tellCopied() {
	select {
	case s.fileBoard.wake <- struct{}{}:
	default:
	}
}

func (s *Session) mayPassFiles() bool {
	p := s.Permissions()
	return p.Has(session.Files) && p.Has(session.Clipboard)
}

// announceCopied tells the operator from time to time, on a goroutine of its own.
func (s *Session) announceCopied() {
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-s.fileBoard.wake:
		}
		var copied []string
		if s.mayPassFiles() {
			s.fileBoard.mu.Lock()
			copied = s.fileBoard.copied
			s.fileBoard.mu.Unlock()
		}
		s.files.Announce(copied)
	}
}

// put puts files that have arrived on this computer's clipboard.
func (s *Session) put(paths []string) error {
	if !s.mayPassFiles() {
		return transfer.NotAllowed
	}
	s.fileBoard.mu.Lock()
	defer s.fileBoard.mu.Unlock()
	if s.fileBoard.board == nil {
		return transfer.NoClipboard
	}
	return s.fileBoard.board.SetFiles(paths)
}

// CopiedFiles are the files and folders on this computer's clipboard, by their full paths.
func (s *Session) CopiedFiles() []string {
	s.fileBoard.mu.Lock()
	defer s.fileBoard.mu.Unlock()
	return s.fileBoard.copied
}
