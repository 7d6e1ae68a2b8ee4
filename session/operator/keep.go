package operator

import (
	"errors"
	"fmt"

	"handrail/screen"
)

// ErrNoClipboard says that this computer has no clipboard that the program could use.
var ErrNoClipboard = errors.New("operator: there is no clipboard")

// CopyPicture puts a picture, a PNG file, on this computer's clipboard.
func (s *Session) CopyPicture(png []byte) error {
	s.engine.use(s)
	d := &s.engine.clips
	d.mu.Lock()
	board := d.board
	d.mu.Unlock()
	if board == nil {
		return ErrNoClipboard
	}
	if err := board.Set(screen.Clip{PNG: png}); err != nil {
		return fmt.Errorf("operator: copying a picture: %w", err)
	}
	return nil
}
