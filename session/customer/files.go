package customer

import (
	"context"
	"errors"
	"sync"

	"handrail/session"
	"handrail/session/mux"
	"handrail/session/wire"
	"handrail/transfer"
)

// fileDesk is the customer's end of file transfers, and the question whether the operator may look at this
// computer's files, which is asked once in a session.
type fileDesk struct {
	*transfer.Exchange

	mu       sync.Mutex
	asking   bool
	answered chan struct{} // closed by the answer
	answer   LookAnswer
}

// LookAnswer is what a customer says when the operator wants to look at the files of the customer's computer.
type LookAnswer string

// The answers. They hold for the whole session.
const (
	LookYes    LookAnswer = "yes"
	LookNo     LookAnswer = "no"
	LookChoose LookAnswer = "choose" // no, but the customer will choose files and send them
)

// openFiles makes the exchange; it runs with the session, and nothing happens in it before files are allowed.
func (s *Session) openFiles() {
	folder := s.config.Folder
	if folder == "" {
		folder = transfer.Downloads()
	}
	s.files.answered = make(chan struct{})
	s.fileBoard.wake = make(chan struct{}, 1)
	if s.config.MayLook {
		s.files.answer = LookYes
		close(s.files.answered)
	}
	s.files.Exchange = transfer.New(transfer.Config{
		Own: "c", Peer: "o", Folder: folder, Forbidden: true, Places: s.config.Places, MayLook: s.mayLook, Recycle: mux.Recycle,
		Changed: func(r transfer.Row) { s.PublishFile(session.FileOf(r)) }, Put: s.put,
	})
}

// Files are the session's file transfers. They happen while the permission files is given.
func (s *Session) Files() *transfer.Exchange { return s.files.Exchange }

// LookAsked tells whether the operator waits for an answer to whether they may look at this computer's files.
func (s *Session) LookAsked() bool {
	s.files.mu.Lock()
	defer s.files.mu.Unlock()
	return s.files.asking && s.files.answer == "" && s.Permissions().Has(session.Files)
}

// AnswerLook answers that question for the rest of the session; the first answer counts. Only the customer's own hand can say
// yes, as with Grant.
func (s *Session) AnswerLook(answer LookAnswer) error {
	if answer == LookYes {
		if err := s.byHand("looking at files", string(answer)); err != nil {
			return err
		}
	}
	s.files.mu.Lock()
	defer s.files.mu.Unlock()
	if s.files.answer == "" {
		s.files.answer = answer
		close(s.files.answered)
	}
	return nil
}

// mayLook waits for the customer's answer.
func (s *Session) mayLook(ctx context.Context) error {
	s.files.mu.Lock()
	first := !s.files.asking && s.files.answer == ""
	s.files.asking = true
	s.files.mu.Unlock()
	if first {
		s.PublishAsk("The operator would like to look at the files on this computer.")
	}
	select {
	case <-s.files.answered:
	case <-ctx.Done():
		return transfer.Gone
	}
	s.files.mu.Lock()
	defer s.files.mu.Unlock()
	switch s.files.answer {
	case LookYes:
		return nil
	case LookChoose:
		return transfer.Chooses
	}
	return transfer.Declined
}

// runFiles lets files go both ways until the session ends.
func (s *Session) runFiles() error {
	err := s.files.Run()
	if errors.Is(err, transfer.ErrProtocol) {
		return wire.Fail(wire.ReasonProtocol, err)
	}
	return err
}
