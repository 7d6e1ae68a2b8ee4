// Package customer is the customer's side without a window: joining with a code, agreeing, sharing the
// screen, letting the operator's input in. What an operator may do is decided and enforced here, whatever
// the other side sends.
//
//	s, err := customer.Join(ctx, config, relay, code)   // the operator has proved to know the code
//	fmt.Println(s.Operator().Name, "asks for", s.Requested())
//	err = s.Start(s.Requested())                        // "Start sharing"; or s.Decline()
//	<-s.Done()
//
// Errors are *wire.Error: a reason, which has a sentence for people, and the technical cause.
package customer

import (
	"context"
	"io"
	"log/slog"
	"net/url"
	"time"

	"handrail/screen"
	"handrail/session"
	"handrail/session/link"
	"handrail/session/secure"
	"handrail/session/wire"
	"handrail/transfer"
)

// Config is what the customer's side needs of its program and computer.
type Config struct {
	Program string // name and version of this program
	Name    string // this computer's name, as the operator will see it
	System  string // its operating system

	// OpenScreen opens this computer's screen; it is called when sharing starts.
	OpenScreen func() (screen.Capturer, error)
	// NewJPEG makes what writes lossy pictures; nil: the standard library does.
	NewJPEG func() screen.JPEG
	// OpenInput opens the way to move this computer's pointer and press its keys.
	OpenInput func() (screen.Injector, error)
	// OpenOverlay opens the way to draw over this computer's screen; it is called when something is drawn. nil: there is
	// none, and the operator's program draws over its picture.
	OpenOverlay func() (Overlay, error)

	// OpenLocal calls on for everything that this computer's own pointer and keyboard do, until it is closed; on
	// must not block. nil: nobody can tell, and only the permissions decide who has control.
	OpenLocal func(on func(screen.LocalEvent)) (io.Closer, error)
	HotKeys   HotKeys
	// HandsOff is how long the operator is kept off after that; 0: five seconds. Only tests have less time.
	HandsOff time.Duration
	// OpenClipboard opens this computer's clipboard; on is called for what is copied here. nil: there is none.
	OpenClipboard func(on func(screen.Clip)) (screen.Clipboard, error)
	// OpenFileClipboard does so for files; on is called with those that are copied here. nil: there is none.
	OpenFileClipboard func(on func(paths []string)) (screen.FileClipboard, error)

	// OpenPlain takes the wallpaper and the effects of windows off this computer's desktop until plain is closed; left are the
	// kinds that stay, "wallpaper" or "effects". Both may take some seconds. nil: it cannot be done here.
	OpenPlain func() (plain io.Closer, left []string, err error)

	// OpenSettings opens the page of this computer's settings where an obstacle (screen.Obstacle) can be removed, by the
	// obstacle's name; it must not block. nil: there is none.
	OpenSettings func(problem string)

	// Folder is where files from the operator go; it is made when one arrives. "" is the user's folder for
	// downloads.
	Folder string
	// Places are where the operator may begin to look at this computer's files, once the customer has agreed.
	Places []transfer.Place
	// MayLook says that whoever started the program has agreed to that already.
	MayLook bool

	// Journal is the folder that the person has chosen for the journals of sessions; "": none is written.
	Journal string

	Log    *slog.Logger // nil: no log
	Events *session.Hub // also gets the session's events, from the first on; nil: none
}

// pairTimeout bounds the wait for the operator's program, which is normally there already.
const pairTimeout = 10 * time.Second

// handshakeTimeout bounds proving the code.
const handshakeTimeout = 10 * time.Second

// Join proves the code to the operator's program and returns when the channel between them stands: a
// session in the state joining. Nothing of this computer is shared before Start. When it fails, Config.Events
// gets the state ended with the reason.
func Join(ctx context.Context, config Config, relay *url.URL, code session.Code) (*Session, error) {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	s, err := join(ctx, config, relay, code)
	return s, config.failed(err)
}

// failed tells Events that there will be no session, and returns err.
func (config Config) failed(err error) error {
	if err != nil && config.Events != nil {
		reason := session.ReasonOf(err)
		config.Events.Publish(session.Event{
			Type: session.EventState, Time: time.Now(), State: session.Ended, Reason: reason, Text: reason.Sentence(),
		})
	}
	return err
}

func join(ctx context.Context, config Config, relay *url.URL, code session.Code) (*Session, error) {
	l, err := link.Dial(ctx, relay, wire.Hello{
		Version: wire.Version, Role: wire.Customer, Program: config.Program, Routing: code.Routing,
	})
	if err != nil {
		return nil, err
	}
	channel, paired, err := prove(ctx, l, code)
	if err != nil {
		return nil, err
	}
	return begin(ctx, config, relay, l, channel, paired)
}

// begin makes the session of a channel that stands.
func begin(ctx context.Context, config Config, relay *url.URL, l *link.Link, channel *secure.Channel, paired wire.Notice) (*Session, error) {
	s := newSession(config, channel.Verifier())
	s.Status.ID, s.Status.Parent = l.Session(), config.Events
	s.peer = session.NewPeer(channel)
	s.rejoin = s.rejoining(l, channel, relay, paired.Resume)
	if err := s.greet(ctx, paired, relay); err != nil {
		s.peer.Close()
		s.stop()
		return nil, wire.Fail(session.ReasonOf(err), err)
	}
	s.files.Begin(s.ctx, s.peer)
	s.recorder = session.NewRecorder(wire.Customer, s.Status.ID, channel, func(m session.ControlMessage) error {
		return s.peer.SendControl(s.ctx, m)
	})
	s.recorder.Event(session.Event{Type: session.EventState, Time: time.Now(), State: session.Joining, Peer: &s.operator})
	s.recorded = s.ListenWithoutUpdates(s.recorder.Event)
	go s.run()
	return s, nil
}

// prove waits for the operator's link and makes the channel. It closes the link when it fails.
func prove(ctx context.Context, l *link.Link, code session.Code) (*secure.Channel, wire.Notice, error) {
	waiting, cancel := context.WithTimeout(ctx, pairTimeout)
	defer cancel()
	paired, err := l.WaitPaired(waiting)
	if err != nil {
		l.Close()
		return nil, paired, err
	}
	channel, err := proveTo(ctx, l, code)
	return channel, paired, err
}

// proveTo makes the channel on a link that is paired. It closes the link when it fails.
func proveTo(ctx context.Context, l *link.Link, code session.Code) (*secure.Channel, error) {
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	channel, err := secure.Join(ctx, l, secure.Params{Routing: code.Routing, Secret: code.Secret})
	if err != nil {
		l.Close() // may be closed already
	}
	return channel, err
}

// greet exchanges hellos. Who the operator is comes from the relay, which knows the account; the operator's
// own word counts only where the relay says nothing.
func (s *Session) greet(ctx context.Context, paired wire.Notice, relay *url.URL) error {
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	answer, err := s.peer.Greet(ctx, session.ControlMessage{Party: &session.Party{
		Name: s.config.Name, Program: s.config.Program, System: s.config.System,
	}, Inputs: []string{session.InputParts}})
	if err != nil {
		return err
	}
	s.operator = session.Party{
		Name: session.CleanName(paired.OperatorName), Organisation: session.CleanName(paired.Organisation),
		Relay: relay.Host, Program: answer.Party.Program,
	}
	if s.operator.Name == "" {
		s.operator.Name = answer.Party.Name
	}
	s.requested = session.DefaultPermissions()
	if answer.Permissions != nil {
		s.requested = *answer.Permissions
	}
	// What the operator's program should not even have asked for.
	s.requested = s.requested.Only(session.Allowed(paired.Allowed))
	if answer.Quality.Valid() {
		s.quality.Store(&answer.Quality)
	}
	s.plain.wish(answer.Plain)
	s.viewer = screen.ParseEncodings(answer.Encodings)
	if err := s.board.join(s.operator.Name); err != nil {
		return err
	}
	operator := s.operator
	s.SetState(session.Joining, "", func(e *session.Event) { e.Verifier, e.Peer = s.verifier, &operator })
	return nil
}
