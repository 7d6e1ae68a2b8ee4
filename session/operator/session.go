package operator

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"handrail/screen"
	"handrail/session"
	"handrail/session/link"
	"handrail/session/secure"
	"handrail/session/wire"
	"handrail/transfer"
	"handrail/whiteboard"
)

// Session is one session as its operator has it. All methods are safe for concurrent use.
type Session struct {
	session.Status // state, permissions, transcript and their events

	engine  *Engine
	api     *link.API
	account Account
	record  wire.Session
	code    session.Code
	offered bool // the customer's program has made the code, as ID and password
	picture *Picture
	clips   *session.Outbox
	limits  []session.Limit // guarded by mu; never changed in place
	wishes  wishes
	pings   pings
	files   *transfer.Exchange

	board     *whiteboard.Pad
	boardLink *whiteboard.Link

	ctx  context.Context // ends with the session
	stop context.CancelFunc

	mu       sync.Mutex
	asked    wire.Reason // why this side wants it to end; empty while it does not
	tries    int         // of the code, so far
	peer     *session.Peer
	rejoin   session.Rejoin // how to come back; set with peer
	recorder *session.Recorder
	customer session.Party
	wanted   session.Permissions // that the customer was asked for; nothing else counts as allowed
	address  string              // of the customer, as the relay sees it
	verifier string
	parts    bool         // the customer's program takes parts of a notch
	wheel    screen.Wheel // adds them up if it does not
	desktop  screen.Desktop
	quality  session.Quality
	plain    bool // wallpaper and effects are wanted off
}

// Info is what there is to show of a session.
type Info struct {
	ID          string
	State       session.State
	Reason      wire.Reason // why it ended, or why a try failed
	Created     time.Time
	Expires     time.Time // end of the code's life
	Started     time.Time // when the customer agreed; zero before
	Ended       time.Time // zero before
	Lost        time.Time // while reconnecting: since when
	Customer    session.Party
	Address     string // that the customer's program has for the relay; "" if that does not say
	Verifier    string // four words that both sides can compare
	Permissions session.Permissions
	Limits      []session.Limit // what does not work on the customer's computer
	Holder      session.Holder  // who has control
	Until       time.Time       // until when the customer has it, if that is known
	Desktop     screen.Desktop
	Quality     session.Quality
	Plain       bool // the customer's desktop is wanted without wallpaper and effects; Limits say what stays
	TriesLeft   int  // wrong codes until the code is burnt
	Offered     bool // the operator has typed the customer's ID and password
}

func newSession(e *Engine, api *link.API, account Account, record wire.Session) *Session {
	s := &Session{
		engine: e, api: api, account: account, record: record, picture: newPicture(), quality: session.High,
		code: session.Code{Routing: record.Routing, Secret: session.NewSecret()},
	}
	s.board, s.boardLink = whiteboard.NewLeaf()
	s.Status.ID = record.ID
	s.Status.Parent = &e.hub
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.clips = session.NewOutbox()
	s.openFiles()
	return s
}

// ID is the relay's name for the session.
func (s *Session) ID() string { return s.record.ID }

// Code is what the operator reads out.
func (s *Session) Code() session.Code { return s.code }

// JoinURL is a link with which the customer joins; its secret part stays in the browser.
func (s *Session) JoinURL() string { return s.code.JoinURL(s.account.Relay) }

// Invite asks the relay to send the customer a mail with a link, which has the routing digits only.
func (s *Session) Invite(ctx context.Context, to, language string) error {
	return s.api.Invite(ctx, s.ID(), wire.Invite{To: to, Language: language})
}

// Picture is the customer's desktop.
func (s *Session) Picture() *Picture { return s.picture }

// Info is the session as it stands.
func (s *Session) Info() Info {
	state, reason := s.State()
	holder, until := s.Control()
	s.mu.Lock()
	defer s.mu.Unlock()
	var lost time.Time
	if state == session.Reconnecting {
		lost = s.Since(state)
	}
	return Info{
		Limits: s.limits, Holder: holder, Until: until,
		ID: s.record.ID, State: state, Reason: reason,
		Created: s.record.Created, Expires: s.record.Expires, Started: s.Since(session.Active), Ended: s.Since(session.Ended),
		Lost: lost, Customer: s.customer, Address: s.address, Verifier: s.verifier, Permissions: s.Permissions(), Desktop: s.desktop, Quality: s.quality, Plain: s.plain,
		TriesLeft: max(wire.MaxTries-s.tries, 0), Offered: s.offered,
	}
}

// Context ends with the session.
func (s *Session) Context() context.Context { return s.ctx }

// ErrNotConnected says that no customer has joined yet, or that the session is over.
var ErrNotConnected = errors.New("operator: no customer is connected")

// Chat sends a line to the customer, or several if it is too long for one.
func (s *Session) Chat(text string) error {
	peer := s.connected()
	if peer == nil {
		return ErrNotConnected
	}
	for _, line := range session.Pieces(session.CleanText(text)) {
		if err := peer.SendChat(s.ctx, line); err != nil {
			return err
		}
		s.AddChat(wire.Operator, line)
	}
	return nil
}

// SetQuality asks for another quality of the picture.
func (s *Session) SetQuality(q session.Quality) error {
	return s.want(func() { s.quality = q }, session.ControlMessage{Type: session.MsgQuality, Quality: q})
}

// want notes what is wanted of the picture, and tells the customer's program if it is there; else it is told when it joins.
func (s *Session) want(note func(), m session.ControlMessage) error {
	s.mu.Lock()
	note()
	peer := s.peer
	s.mu.Unlock()
	if peer == nil {
		return nil
	}
	return peer.SendControl(s.ctx, m)
}

// SetPlain asks the customer's program to take wallpaper and effects of windows off while the desktop is shared, or to put
// them back. Info.Limits say what the customer does not want or the desktop cannot do.
func (s *Session) SetPlain(plain bool) error {
	return s.want(func() { s.plain = plain }, session.ControlMessage{Type: session.MsgPlain, Plain: plain})
}

// SetMode asks for another resolution of one of the customer's monitors, one of Desktop.Modes; of width 0: all monitors as
// they were. The customer must have given control. The desktop changes when it is done; the customer's program puts all
// back when the session ends.
func (s *Session) SetMode(mode screen.Mode) error {
	peer := s.connected()
	if peer == nil {
		return ErrNotConnected
	}
	return peer.SendControl(s.ctx, session.ControlMessage{Type: session.MsgMode, Mode: &mode})
}

// End ends the session for both sides. It returns at once; the event with the state ended follows.
func (s *Session) End() { s.end(wire.ReasonByOperator) }

func (s *Session) end(reason wire.Reason) {
	s.mu.Lock()
	if s.asked == "" {
		s.asked = reason
	}
	s.mu.Unlock()
	s.stop()
}

func (s *Session) connected() *session.Peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.peer
}

// run lives as long as the session.
func (s *Session) run() {
	reason := s.live()
	s.mu.Lock()
	peer := s.peer
	s.peer = nil
	if s.asked != "" {
		reason = s.asked
	}
	s.mu.Unlock()
	s.stop()
	if peer != nil {
		peer.End(reason)
	}
	s.endAtRelay(reason)
	if folder := s.engine.config.Journals; peer != nil && folder != "" {
		if err := s.recorder.Save(folder, "handrail-"+s.ID()); err != nil {
			s.engine.config.Log.Error("writing the journal", "session", s.ID(), "error", err)
		}
	}
	s.SetControl(session.Nobody, time.Time{})
	s.SetState(session.Ended, reason)
	s.engine.config.Log.Info("session ended", "session", s.ID(), "reason", string(reason))
}

// live goes through the session's states and returns why it is over.
func (s *Session) live() wire.Reason {
	came, err := s.awaitCustomer()
	if err != nil {
		return session.ReasonOf(err)
	}
	peer := session.NewPeer(came.channel)
	s.mu.Lock()
	s.peer, s.rejoin, s.address = peer, s.rejoining(came), session.CleanName(came.address)
	s.recorder = session.NewRecorder(wire.Operator, s.ID(), came.channel, func(m session.ControlMessage) error {
		return peer.SendControl(s.ctx, m)
	})
	s.mu.Unlock()
	if err := s.greet(peer, came.channel); err != nil {
		return session.ReasonOf(err)
	}
	return s.serve(peer)
}

// awaitCustomer opens links until a customer proves the code. Every customer who tries counts: after
// wire.MaxTries the code is burnt.
func (s *Session) awaitCustomer() (arrival, error) {
	pause := firstPause
	for {
		came, paired, err := s.try()
		if err == nil {
			return came, nil
		}
		s.engine.config.Log.Info("try failed", "session", s.ID(), "error", err)
		if s.offered {
			return arrival{}, offeredError(err)
		}
		if !paired && s.mayWaitOn(err) {
			s.pause(pause)
			pause = min(2*pause, longestPause)
			continue
		}
		if !paired || s.ctx.Err() != nil {
			return arrival{}, err
		}
		pause = firstPause
		s.pause(pause) // the last words on the old link must not be overtaken by the new one
		s.mu.Lock()
		s.tries++
		burnt := s.tries >= wire.MaxTries
		s.mu.Unlock()
		if burnt {
			return arrival{}, wire.Fail(wire.ReasonBurnt, err)
		}
		s.SetState(session.Waiting, session.ReasonOf(err))
	}
}

// handshakeTimeout bounds proving the code once a customer is there.
const handshakeTimeout = 10 * time.Second

// try waits on a fresh link for one customer; paired tells whether one came.
func (s *Session) try() (came arrival, paired bool, err error) {
	hello := wire.Hello{
		Version: wire.Version, Role: wire.Operator, Program: s.engine.config.Program, Session: s.record.ID, Token: s.api.Token(),
	}
	l, err := link.Dial(s.ctx, s.account.Relay, hello)
	if err != nil {
		return arrival{}, false, err
	}
	notice, err := s.waitPaired(l)
	if err != nil {
		l.Close()
		return arrival{}, false, err
	}
	ctx, cancel := context.WithTimeout(s.ctx, handshakeTimeout)
	defer cancel()
	channel, err := secure.Accept(ctx, l, secure.Params{Routing: s.code.Routing, Secret: s.code.Secret})
	if err != nil {
		l.Close()
		return arrival{}, true, err
	}
	if err := l.Accepted(ctx); err != nil {
		channel.Close()
		return arrival{}, true, err
	}
	return arrival{channel, l, notice.Resume, notice.Address}, true, nil
}

// greet exchanges hellos: from here on the customer can chat and be asked.
func (s *Session) greet(peer *session.Peer, channel *secure.Channel) error {
	ctx, cancel := context.WithTimeout(s.ctx, handshakeTimeout)
	defer cancel()
	wanted := s.Asked()
	answer, err := peer.Greet(ctx, session.ControlMessage{
		Party:       &session.Party{Name: s.account.Name, Organisation: s.account.Organisation, Program: s.engine.config.Program},
		Permissions: &wanted, Quality: s.Info().Quality, Plain: s.Info().Plain, Encodings: screen.AllEncodings.Names(),
	})
	if err != nil {
		return err
	}
	verifier := session.VerifierText(channel.Verifier())
	s.mu.Lock()
	s.customer, s.verifier, s.wanted = *answer.Party, verifier, wanted
	s.parts = slices.Contains(answer.Inputs, session.InputParts)
	s.mu.Unlock()
	s.SetState(session.Joining, "", func(e *session.Event) { e.Verifier, e.Peer = verifier, answer.Party })
	return nil
}

// serve receives until the session is over and returns why.
func (s *Session) serve(peer *session.Peer) wire.Reason {
	s.files.Begin(s.ctx, peer)
	return session.ReasonOf(session.ServeAll(s.ctx, s.stop,
		func() error { return s.receiveControl(peer) },
		func() error { return s.receiveChat(peer) },
		func() error { return s.receiveScreen(peer) },
		func() error { return s.receiveBoard(peer) },
		func() error { return s.sendBoard(peer) },
		func() error { return s.receiveClips(peer) },
		func() error {
			s.clips.Run(s.ctx, func(clip screen.Clip) error { return peer.SendClip(s.ctx, clip) })
			return s.ctx.Err()
		},
		s.runFiles,
		func() error { return peer.KeepAttached(s.ctx, s.rejoin) },
	))
}

// How much a customer's program may say of how things stand: more a second waits on the way, and in the end in that program. An
// honest one tells of 30 movements of the pointer a second, and of little else.
const (
	newsRate  = 200 // a second
	newsBurst = 500
)

// news is how much a control message changes of what the operator is shown.
func news(m session.ControlMessage) int {
	switch m.Type {
	case session.MsgJournal, session.MsgPong, session.MsgEnd:
		return 0
	case session.MsgPermission, session.MsgStarted:
		return len(session.AllPermissions)
	case session.MsgLimits:
		return 1 + len(m.Limits)
	}
	return 1
}

func (s *Session) receiveControl(peer *session.Peer) error {
	limit := rate.NewLimiter(newsRate, newsBurst)
	disorder := false // in the journal, which is said once
	for {
		m, err := peer.ReceiveControl(s.ctx)
		if err != nil {
			return err
		}
		if n := news(m); n > 0 { // even for none it would say that the session is ending, and the reason would not be heard
			if err := limit.WaitN(s.ctx, n); err != nil {
				return err
			}
		}
		switch m.Type {
		case session.MsgEnd:
			return wire.Fail(wire.Reason(m.Reason), nil)
		case session.MsgStarted:
			if err := s.started(m); err != nil {
				return err
			}
		case session.MsgPermission, session.MsgDesktop:
			s.changed(m)
		case session.MsgLimits:
			s.setLimits(m.Limits)
		case session.MsgCursor:
			s.picture.setCursor(m.Cursor)
		case session.MsgPointer:
			s.picture.setPointer(&image.Point{X: m.X, Y: m.Y})
		case session.MsgControl:
			s.setControl(m)
		case session.MsgPong:
			s.pings.answered()
		case session.MsgJournal:
			if err := s.recorder.Receive(m); err != nil && s.ctx.Err() == nil && !disorder {
				disorder = true
				s.engine.config.Log.Warn("the customer's journal is not in order", "session", s.ID(), "error", err)
			}
		case session.MsgWarning:
			s.WarnAbout(m.About, "", m.Text)
		}
	}
}

// started begins what the customer has agreed to. That is said once: it takes over this computer's clipboard, from whatever other
// customer the operator is working for.
func (s *Session) started(m session.ControlMessage) error {
	if state, _ := s.State(); state != session.Joining {
		return fmt.Errorf("%w: %q in a session that is %s", session.ErrMessage, m.Type, state)
	}
	s.changed(m)
	s.engine.use(s)
	s.engine.openFileBoard()
	s.mu.Lock()
	customer := s.customer
	s.mu.Unlock()
	s.SetState(session.Active, "", func(e *session.Event) { e.Peer = &customer })
	return nil
}

// changed takes over what the customer's program says about permissions and the desktop.
func (s *Session) changed(m session.ControlMessage) {
	s.mu.Lock()
	if m.Desktop != nil {
		s.desktop = *m.Desktop
	}
	wanted := s.wanted
	s.mu.Unlock()
	if m.Permissions != nil {
		allowed := m.Permissions.Only(s.givable(wanted))
		s.SetPermissions(allowed)
		s.files.Allow(allowed.Has(session.Files))
	}
}

// givable is what a customer may give: what was asked for, and of their own accord whatever the organisation lets customers be asked
// for, but not a share in this computer's clipboard.
func (s *Session) givable(wanted session.Permissions) session.Permissions {
	for _, p := range []session.Permission{session.View, session.Control, session.Files, session.Whiteboard} {
		if s.account.Allowed.Has(p) {
			wanted = wanted.With(p)
		}
	}
	return wanted
}

func (s *Session) receiveChat(peer *session.Peer) error {
	for {
		text, err := peer.ReceiveChat(s.ctx)
		if err != nil {
			return err
		}
		s.AddChat(wire.Customer, text)
	}
}

// lastWord is how long a customer's program has to hear that its code was wrong.
const lastWord = 300 * time.Millisecond

// endAtRelay makes the code useless, whatever state the session was in.
func (s *Session) endAtRelay(reason wire.Reason) {
	if reason == wire.ReasonBurnt {
		// The relay knows by its own count. What it says would overtake, at the customer's, that the code was wrong.
		time.Sleep(lastWord)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	err := s.api.EndSession(ctx, s.ID())
	if err != nil && session.ReasonOf(err) != wire.ReasonNotFound {
		s.engine.config.Log.Info("ending at the relay", "session", s.ID(), "reason", string(reason), "error", err)
	}
}
