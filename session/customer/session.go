package customer

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"handrail/screen"
	"handrail/session"
	"handrail/session/wire"
)

// Session is one session as its customer has it. All methods are safe for concurrent use.
type Session struct {
	session.Status // state, permissions, transcript and their events

	// Fixed once Join has returned.
	config    Config
	peer      *session.Peer
	operator  session.Party
	requested session.Permissions
	verifier  string
	viewer    screen.Encodings // what the operator's program understands
	rejoin    session.Rejoin   // how to come back after a broken link
	recorder  *session.Recorder
	recorded  func() // returns when all events so far are in the journal

	ctx  context.Context // ends with the session
	stop context.CancelFunc
	done chan struct{}

	quality atomic.Pointer[session.Quality]
	full    atomic.Bool // the operator needs the whole picture
	acks    *window
	wake    chan struct{} // buffered 1: permissions or quality have changed

	interrupt atomic.Pointer[interruption] // ends the sharing loop's wait for changes
	modes     modeDesk
	plain     plainDesk
	pointer   pointerDesk

	// permit is held for reading while the screen is read or input injected, and for writing while a
	// permission is taken. Who holds it takes no lock under which anybody waits for it, such as mu.
	permit   sync.RWMutex
	injector atomic.Pointer[injection] // nil until control is first given
	board    *board

	arbiter  *arbiter
	hands    hands
	away     away
	watching atomic.Bool // the arbiter gets this computer's own input
	panicked atomic.Bool // the customer has pressed the panic keys
	announce announcements
	refusals refusals

	limitsMu sync.Mutex
	limits   []session.Limit // what does not work here

	clips     *session.Outbox
	fileBoard fileBoard
	clipboard atomic.Pointer[screen.Clipboard] // nil while there is none

	holding    sync.Mutex // makes changes of who has control follow each other; taken before any other lock
	arbitrated arbitrated

	files fileDesk

	asked atomic.Pointer[wire.Reason] // why this side wants it to end; nil while it does not

	mu       sync.Mutex // makes Start and changes of permissions follow each other
	allowing sync.Mutex // makes changes of what files may do follow each other
	started  bool
	sharing  sync.WaitGroup
}

// Info is what there is to show of a session.
type Info struct {
	State       session.State
	Reason      wire.Reason // why it ended
	Permissions session.Permissions
	Holder      session.Holder // who has control
	Until       time.Time      // until when the customer has it, if that is known
	Started     time.Time      // when sharing began; zero before
	Ended       time.Time      // zero before
	Lost        time.Time      // while reconnecting: since when
	Ending      bool           // nothing is shared any more; what may take a while is telling the operator
}

// injection makes an interface fit for an atomic pointer.
type injection struct{ screen.Injector }

func newSession(config Config, words [4]string) *Session {
	s := &Session{
		config: config, verifier: session.VerifierText(words), done: make(chan struct{}), wake: make(chan struct{}, 1), acks: newWindow(),
	}
	s.pointer.moved = make(chan struct{}, 1)
	s.announce.wake, s.clips = make(chan struct{}, 1), session.NewOutbox()
	s.plain.changed = make(chan struct{}, 1)
	s.arbiter = newArbiter(s.settle, func(now arbitrated) {
		s.holding.Lock()
		s.arbitrated = now
		s.holding.Unlock()
		s.controlled()
	})
	if config.HandsOff > 0 {
		s.arbiter.wait = config.HandsOff
	}
	s.board = newBoard(config.Name)
	high := session.High
	s.quality.Store(&high)
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.openFiles()
	return s
}

// Operator is who asks, as the relay vouches for it.
func (s *Session) Operator() session.Party { return s.operator }

// Verifier is four words that the operator's program shows as well.
func (s *Session) Verifier() string { return s.verifier }

// Requested is what the operator asks for.
func (s *Session) Requested() session.Permissions { return s.requested }

// Info is the session as it stands.
func (s *Session) Info() Info {
	state, reason := s.State()
	holder, until := s.Control()
	var lost time.Time
	if state == session.Reconnecting {
		lost = s.Since(state)
	}
	return Info{
		State: state, Reason: reason, Permissions: s.Permissions(), Holder: holder, Until: until,
		Started: s.Since(session.Active), Ended: s.Since(session.Ended), Lost: lost, Ending: s.ctx.Err() != nil,
	}
}

// Journal is the record of what has happened so far, for people and for "handrail verify".
func (s *Session) Journal() []byte { return s.recorder.Text() }

// Done is closed when the session has ended and everything is given back.
func (s *Session) Done() <-chan struct{} { return s.done }

// ErrStarted says that sharing has begun already.
var ErrStarted = errors.New("customer: sharing has started already")

// Start agrees: from now on the operator may do what is allowed, of what was requested.
func (s *Session) Start(allowed session.Permissions) error {
	allowed = allowed.Only(s.requested)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return wire.Fail(wire.ReasonEnded, nil)
	}
	if s.started {
		return ErrStarted
	}
	capturer, err := s.config.OpenScreen()
	if err != nil {
		s.limit("view", "The customer's screen cannot be shown:", err)
		return wire.Fail(wire.ReasonNoScreen, err)
	}
	s.unlimit("view")
	if err := s.openInputLocked(allowed); err != nil {
		s.limit("control", "The customer's computer can be seen but not controlled:", errors.Unwrap(err))
		allowed = allowed.Without(session.Control)
	}
	s.started = true
	// The customer's own hand and keys come first: from the moment that the operator may do anything they must be able to take it.
	s.sharing.Go(func() { s.arbiter.run(s.ctx.Done()) })
	unwatch := s.watchLocal()
	s.openModes(capturer) // before the operator hears of them
	s.openPointer(capturer)
	desktop := capturer.Desktop()
	begun := make(chan struct{})
	s.announce.tell(func(a *announcements) {
		a.begun, a.told = &session.ControlMessage{Type: session.MsgStarted, Permissions: &allowed, Desktop: &desktop}, begun
	})
	s.SetPermissions(allowed)
	s.board.permit(allowed)
	s.files.Allow(allowed.Has(session.Files))
	s.SetState(session.Active, "", func(e *session.Event) { e.Peer = &s.operator })
	s.board.setDesktop(desktop)
	for _, send := range []func(){func() { s.share(capturer, desktop) }, s.tellPointer, s.sendClips, s.announceCopied} {
		s.sharing.Go(func() {
			select {
			case <-begun: // the operator's program knows what is sent to it
			case <-s.ctx.Done():
			}
			send()
		})
	}
	s.sharing.Go(s.keepPlain)
	s.controlled()
	unclip, unfiles := s.openClipboard(), s.openFileBoard()
	s.sharing.Go(func() {
		<-s.ctx.Done()
		unwatch()
		unclip()
		unfiles()
	})
	s.sharing.Go(s.paintBoard)
	return nil
}

// openInputLocked opens the injector the first time that control is given, and watches whether it can do its work.
func (s *Session) openInputLocked(allowed session.Permissions) error {
	if s.injector.Load() != nil || !allowed.Has(session.Control) {
		return nil
	}
	injector, err := s.config.OpenInput()
	if err != nil {
		return wire.Fail(wire.ReasonNoInput, err)
	}
	s.injector.Store(&injection{injector})
	s.unlimit("control")
	if reporter, ok := injector.(screen.ObstacleReporter); ok {
		s.sharing.Go(func() { s.watchObstacles(reporter) })
	}
	return nil
}

// Decline refuses to share, and ends the session.
func (s *Session) Decline() { s.end(wire.ReasonDeclined) }

// End ends the session for both sides. It returns at once; Done follows.
func (s *Session) End() { s.end(wire.ReasonByCustomer) }

// Close ends the session because this program is closing, and waits until that is done.
func (s *Session) Close() {
	s.end(wire.ReasonByCustomer)
	<-s.done
}

// end waits for nobody, whatever else is going on.
func (s *Session) end(reason wire.Reason) {
	s.asked.CompareAndSwap(nil, &reason)
	s.stop()
}

// SetPermission gives or takes a permission while the session runs. When it returns after taking one, it is
// in force: no picture is read, no input injected any more. Only then is the operator told; that is not waited for.
func (s *Session) SetPermission(p session.Permission, granted bool) error {
	if err := s.setPermission(p, granted); err != nil {
		return err
	}
	if p == session.Files {
		s.allowFiles()
	}
	s.announce.tell(func(a *announcements) { a.permissions = true })
	s.controlled()
	return nil
}

// allowFiles has the file transfers follow the permission. That may take a moment, for which no other permission waits.
func (s *Session) allowFiles() {
	s.allowing.Lock()
	defer s.allowing.Unlock()
	s.files.Allow(s.Permissions().Has(session.Files))
}

// setPermission puts a permission in force, or out of it.
func (s *Session) setPermission(p session.Permission, granted bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.started || s.ctx.Err() != nil {
		return wire.Fail(wire.ReasonEnded, nil)
	}
	now := s.Permissions().Without(p)
	if granted {
		now = now.With(p)
		if err := s.openInputLocked(now); err != nil {
			return err
		}
		if p == session.View {
			s.full.Store(true)
		}
	}
	s.lockPermit()
	s.SetPermissions(now)
	s.permit.Unlock()
	s.board.permit(now)
	s.tellCopied()
	if p == session.Control && !granted {
		s.release()
	}
	if granted {
		s.refusals.given(p)
	}
	s.poke()
	s.plain.poke()
	return nil
}

// Chat sends a line to the operator, or several if it is too long for one.
func (s *Session) Chat(text string) error {
	for _, line := range session.Pieces(session.CleanText(text)) {
		if err := s.peer.SendChat(s.ctx, line); err != nil {
			return wire.Fail(session.ReasonOf(err), err)
		}
		s.AddChat(wire.Customer, line)
	}
	return nil
}

// run lives as long as the session.
func (s *Session) run() {
	err := session.ServeAll(s.ctx, s.stop, s.receiveControl, s.receiveChat, s.receiveInput, s.receiveClips, s.receiveAcks, s.receiveBoard, s.sendBoard, s.runFiles,
		s.announceChanges, func() error { return s.recorder.Tell(s.ctx) },
		func() error { return s.peer.KeepAttached(s.ctx, s.rejoin) })
	reason := session.ReasonOf(err)
	s.stop()
	s.mu.Lock()
	s.started = true // from here on nothing starts any more
	s.mu.Unlock()
	if asked := s.asked.Load(); asked != nil {
		reason = *asked
	}
	if s.panicked.Load() {
		reason = wire.ReasonPanic
	}
	s.sharing.Wait()
	s.release()
	if injector := s.injector.Load(); injector != nil {
		injector.Close()
	}
	s.SetPermissions(session.Permissions{}) // shown before the operator is told, which may take a while
	s.SetControl(session.Nobody, time.Time{})
	s.peer.End(reason)
	s.config.Log.Info("session ended", "reason", string(reason), "error", err)
	s.journalRest()
	s.SetState(session.Ended, reason)
	if s.recorded != nil {
		s.recorded()
	}
	if s.recorder != nil {
		s.recorder.Settle(journalPatience)
	}
	if s.config.Journal != "" {
		if err := s.recorder.Save(s.config.Journal, "handrail-"+s.Status.ID); err != nil {
			s.config.Log.Error("writing the journal", "error", err)
		}
	}
	close(s.done)
}

// journalPatience is how long the end of a session waits for the hashes of large files.
const journalPatience = 2 * time.Second

// release lets go of whatever the operator held down.
func (s *Session) release() {
	injector := s.injector.Load()
	if injector == nil {
		return
	}
	s.hands.released(time.Now())
	if err := injector.ReleaseAll(); err != nil {
		s.config.Log.Warn("releasing keys", "error", err)
	}
}
