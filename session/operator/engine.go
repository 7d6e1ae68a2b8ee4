// Package operator is the operator's side without a window: signing in to a relay, starting sessions, seeing
// and controlling customers' screens. The window, the headless program and "handrail ctl" are faces of it.
//
//	engine := operator.New(operator.Config{Program: "handrail 1.0"})
//	defer engine.Close()
//	err := engine.SignIn(ctx, relay, "desk1", password)
//	s, err := engine.NewSession(ctx)
//	fmt.Println("Read this out:", s.Code())
//	stop := engine.Listen(func(e session.Event) { … })
//
// Errors are *wire.Error where the relay or the peer is the cause; wire.Reason has a sentence for people.
package operator

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"sync"

	"handrail/screen"
	"handrail/session"
	"handrail/session/link"
	"handrail/session/wire"
)

// Config is what an Engine is made of. The zero value works.
type Config struct {
	Program string       // name and version of this program, for relays and customers
	Log     *slog.Logger // nil: no log
	Folder  string       // where files from customers go; "": the user's folder for downloads

	Journals string // folder of the journals of sessions; "": none are written

	// Prepare is called with each new session, whoever has started it, before a customer can join; it must not block. nil: sessions
	// ask for session.DefaultPermissions.
	Prepare func(*Session)

	Renew session.Renewal // when channels change their keys; zero: session.DefaultRenewal
	// OpenClipboard opens this computer's clipboard; on is called for what is copied here. nil: there is none.
	OpenClipboard func(on func(screen.Clip)) (screen.Clipboard, error)
	// OpenFileClipboard does so for files; on is called with those that are copied here. nil: there is none.
	OpenFileClipboard func(on func(paths []string)) (screen.FileClipboard, error)
}

// ErrSignedOut says that nobody is signed in.
var ErrSignedOut = errors.New("operator: not signed in")

// Account is who is signed in.
type Account struct {
	User         string
	Name         string // what customers see
	Organisation string
	Relay        *url.URL
	Mail         bool // the relay sends invitations
	// Allowed is what the organisation lets customers be asked for.
	Allowed session.Permissions
}

// Engine holds an operator's sessions. All methods are safe for concurrent use.
type Engine struct {
	config Config
	hub    session.Hub
	clips  clipDesk

	fileBoard fileBoard

	mu       sync.Mutex
	api      *link.API // nil: signed out
	account  Account
	sessions []*Session // oldest first
	closed   bool
	wg       sync.WaitGroup
}

// New makes an Engine. Nothing happens until SignIn.
func New(config Config) *Engine {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if config.Renew == (session.Renewal{}) {
		config.Renew = session.DefaultRenewal
	}
	return &Engine{config: config}
}

// SignIn signs in to a relay. Whoever was signed in before stays so when it fails.
func (e *Engine) SignIn(ctx context.Context, relay *url.URL, user, password string) error {
	api, err := link.NewAPI(relay)
	if err != nil {
		return err
	}
	answer, err := api.SignIn(ctx, user, password)
	if err != nil {
		api.Close()
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.api != nil {
		e.api.Close()
	}
	e.api = api
	e.account = Account{User: user, Name: session.CleanName(answer.Name), Organisation: session.CleanName(answer.Organisation), Relay: relay, Mail: answer.Mail, Allowed: session.Allowed(answer.Allowed)}
	return nil
}

// SignOut ends all sessions and makes the relay forget the sign-in.
func (e *Engine) SignOut(ctx context.Context) {
	for _, s := range e.Sessions() {
		s.End()
	}
	e.mu.Lock()
	api := e.api
	e.api, e.account = nil, Account{}
	e.mu.Unlock()
	if api == nil {
		return
	}
	if err := api.SignOut(ctx); err != nil {
		e.config.Log.Warn("signing out", "error", err)
	}
	api.Close()
}

// Account is who is signed in, if anybody.
func (e *Engine) Account() (Account, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.account, e.api != nil
}

// NewSession starts a session and waits, in the background, for its customer.
func (e *Engine) NewSession(ctx context.Context) (*Session, error) {
	e.mu.Lock()
	api, account := e.api, e.account
	e.mu.Unlock()
	if api == nil {
		return nil, ErrSignedOut
	}
	record, err := api.NewSession(ctx)
	if err != nil {
		return nil, err
	}
	return e.begin(newSession(e, api, account, record))
}

// begin lists a session and lets it run.
func (e *Engine) begin(s *Session) (*Session, error) {
	if e.config.Prepare != nil {
		e.config.Prepare(s)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		s.stop()
		return nil, wire.Fail(wire.ReasonClosed, nil)
	}
	e.sessions = append(e.sessions, s)
	s.SetState(session.Waiting, "")
	e.wg.Go(s.run)
	return s, nil
}

// Sessions are all sessions, oldest first, also ended ones until Forget.
func (e *Engine) Sessions() []*Session {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]*Session(nil), e.sessions...)
}

// Session finds a session by its id.
func (e *Engine) Session(id string) (*Session, bool) {
	for _, s := range e.Sessions() {
		if s.ID() == id {
			return s, true
		}
	}
	return nil, false
}

// Forget removes an ended session from the list.
func (e *Engine) Forget(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, s := range e.sessions {
		if state, _ := s.State(); s.ID() == id && state == session.Ended {
			e.sessions = append(e.sessions[:i], e.sessions[i+1:]...)
			return
		}
	}
}

// Listen calls fn for every event of every session from now on, in order, on a goroutine of its own; see
// session.Hub.
func (e *Engine) Listen(fn func(session.Event)) (stop func()) { return e.hub.Listen(fn) }

// Close ends all sessions and waits until they have told the other side.
func (e *Engine) Close() {
	e.mu.Lock()
	e.closed = true
	sessions, api := e.sessions, e.api
	e.mu.Unlock()
	for _, s := range sessions {
		s.end(wire.ReasonByOperator)
	}
	e.wg.Wait()
	e.closeClipboard()
	e.closeFileBoard()
	if api != nil {
		api.Close()
	}
}
