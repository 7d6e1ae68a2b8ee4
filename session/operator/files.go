package operator

import (
	"errors"

	"handrail/session"
	"handrail/session/mux"
	"handrail/session/wire"
	"handrail/transfer"
)

// openFiles makes the exchange; it runs with the session. The customer's program decides what is allowed, and
// this side keeps to it in both directions.
func (s *Session) openFiles() {
	folder := s.engine.config.Folder
	if folder == "" {
		folder = transfer.Downloads()
	}
	s.files = transfer.New(transfer.Config{
		Own: "o", Peer: "c", Folder: folder, Forbidden: true, Recycle: mux.Recycle,
		Changed: func(r transfer.Row) { s.PublishFile(session.FileOf(r)) }, Copied: s.PublishCopied, Put: s.engine.put,
	})
}

// Files are the session's file transfers. They happen while the customer allows files.
func (s *Session) Files() *transfer.Exchange { return s.files }

// runFiles lets files go both ways until the session ends.
func (s *Session) runFiles() error {
	err := s.files.Run()
	if errors.Is(err, transfer.ErrProtocol) {
		return wire.Fail(wire.ReasonProtocol, err)
	}
	return err
}
