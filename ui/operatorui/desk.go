// Package operatorui is the operator's window: signing in, the sessions, the code that is read out, and a
// viewer for each customer's desktop.
//
//	text.Load()
//	a := app.NewWithID("handrail.operator")      // fyne.io/fyne/v2/app
//	window := operatorui.New(a, engine, operatorui.Options{Relay: relay})
//	window.ShowAndRun()
//
// All methods must be called on Fyne's thread.
package operatorui

import (
	"context"
	"image"
	"net/url"
	"time"

	"handrail/screen"
	"handrail/session"
	"handrail/session/operator"
	"handrail/transfer"
	"handrail/ui/board"
	"handrail/ui/viewer"
	"handrail/whiteboard"
)

// Desk is the part of an operator's engine that the window uses. Methods with a context may block.
type Desk interface {
	SignIn(ctx context.Context, relay *url.URL, user, password string) error
	SignOut(ctx context.Context)
	Account() (operator.Account, bool)
	NewSession(ctx context.Context) (Session, error)
	Connect(ctx context.Context, code session.Code) (Session, error) // a customer's ID and password
	Sessions() []Session                                             // oldest first
	Forget(id string)
	Listen(fn func(session.Event)) (stop func())
	Close()
}

// Session is the part of an operator's session that the window uses. Chat, SetQuality and the methods of
// Hands may block.
type Session interface {
	viewer.Hands
	ID() string
	Code() session.Code
	JoinURL() string
	Info() operator.Info
	Invite(ctx context.Context, to, language string) error // sent by the relay, see operator.Account.Mail; blocks
	Chat(text string) error
	Transcript() []session.ChatLine
	SetQuality(q session.Quality) error
	SetPlain(plain bool) error // wallpaper and effects of the customer's desktop off; may block
	SetMode(screen.Mode) error
	End()
	Ask(session.Permissions) // before the customer has joined
	Asked() session.Permissions
	Label() operator.Label
	SetLabel(operator.Label)
	Ping(ctx context.Context) (time.Duration, error) // blocks
	Source() viewer.Source
	CopyPicture(png []byte) error // to this computer's clipboard; may block
	Snapshot() *image.RGBA        // with what is drawn on it; nil before the first whole picture
	board.Source
	Monitors() []whiteboard.Monitor
	MayDraw() error
	Files() *transfer.Exchange
	CopiedFiles() []string                                // on this computer, that may be pasted there
	PasteFiles(ctx context.Context, paths []string) error // blocks until they are on the clipboard there
	FetchCopied(ctx context.Context) error                // blocks until what was copied there is on the clipboard here
}

// engineDesk is the real Desk.
type engineDesk struct{ *operator.Engine }

func (d engineDesk) NewSession(ctx context.Context) (Session, error) {
	s, err := d.Engine.NewSession(ctx)
	if err != nil {
		return nil, err
	}
	return engineSession{s}, nil
}

func (d engineDesk) Connect(ctx context.Context, code session.Code) (Session, error) {
	s, err := d.Engine.Connect(ctx, code)
	if err != nil {
		return nil, err
	}
	return engineSession{s}, nil
}

func (d engineDesk) Sessions() []Session {
	sessions := d.Engine.Sessions()
	list := make([]Session, len(sessions))
	for i, s := range sessions {
		list[i] = engineSession{s}
	}
	return list
}

type engineSession struct{ *operator.Session }

func (s engineSession) Source() viewer.Source { return s.Picture() }
func (s engineSession) Snapshot() *image.RGBA { return s.Drawn() }
