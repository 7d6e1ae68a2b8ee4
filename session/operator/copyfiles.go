package operator

import (
	"context"
	"slices"
	"sync"

	"handrail/screen"
	"handrail/session"
	"handrail/transfer"
)

// fileBoard is this computer's clipboard as far as it has files.
type fileBoard struct {
	mu     sync.Mutex
	board  screen.FileClipboard // nil: not open
	tried  bool
	copied []string // files that were copied here
}

// openFileBoard opens it for the first session.
func (e *Engine) openFileBoard() {
	f := &e.fileBoard
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.tried || e.config.OpenFileClipboard == nil {
		return
	}
	f.tried = true
	board, err := e.config.OpenFileClipboard(func(paths []string) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.copied = paths
	})
	if err != nil {
		e.config.Log.Warn("opening the clipboard for files", "error", err)
		return
	}
	f.board = board
}

func (e *Engine) closeFileBoard() {
	f := &e.fileBoard
	f.mu.Lock()
	board := f.board
	f.board, f.tried = nil, true
	f.mu.Unlock()
	if board != nil {
		_ = board.Close() // without the lock, which what it calls takes
	}
}

// put puts files of this computer on its clipboard.
func (e *Engine) put(paths []string) error {
	f := &e.fileBoard
	f.mu.Lock()
	board := f.board
	f.mu.Unlock()
	if board == nil {
		return transfer.NoClipboard
	}
	return board.SetFiles(paths) // without the lock, for which the clipboard's own goroutine may be waiting
}

// CopiedFiles are the files and folders on this computer's clipboard, by their full paths, if they may be pasted at
// the customer's: files and the clipboard have to be allowed.
func (s *Session) CopiedFiles() []string {
	if p := s.Permissions(); !p.Has(session.Files) || !p.Has(session.Clipboard) {
		return nil
	}
	f := &s.engine.fileBoard
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.copied)
}

// PasteFiles sends files and folders and puts them on the customer's clipboard when all have arrived; pasting them
// is then for whoever has the keyboard.
func (s *Session) PasteFiles(ctx context.Context, paths []string) error {
	rows, err := s.files.Send(paths...)
	if err != nil {
		for _, r := range rows {
			s.files.Cancel(r.ID)
		}
		return err
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	_, err = s.files.Await(ctx, len(ids), func(r transfer.Row) bool { return slices.Contains(ids, r.ID) })
	if err != nil {
		return err
	}
	return s.files.Put(ctx, ids)
}

// FetchCopied fetches what was copied on the customer's computer and puts it on the clipboard here.
func (s *Session) FetchCopied(ctx context.Context) error {
	paths := s.files.Copied()
	if len(paths) == 0 {
		return transfer.NotFound
	}
	order, err := s.files.Fetch(ctx, transfer.Order{Paths: paths})
	if err != nil {
		return err
	}
	rows, err := s.files.Await(ctx, len(paths), func(r transfer.Row) bool { return r.Order == order })
	if err != nil {
		return err
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return s.files.PutHere(ids)
}
