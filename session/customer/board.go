package customer

import (
	"errors"
	"image"
	"sync"
	"sync/atomic"
	"time"

	"handrail/screen"
	"handrail/session"
	"handrail/session/wire"
	"handrail/whiteboard"
)

// Overlay draws over this computer's screen. Package whiteboard/overlay has one; calls of Paint come one at a time.
type Overlay interface {
	// Paint makes it show these marks on a desktop of this size and returns where it has changed, when the screen
	// shows it.
	Paint(width, height int, marks []whiteboard.Mark) ([]image.Rectangle, error)
	// Close takes everything off the screen.
	Close()
}

// Grabber is what an Overlay is, too, where the customer can draw with this computer's pointer; see overlay.Overlay.
type Grabber interface {
	Grab(below uintptr, on func(whiteboard.Input)) error
	Release()
}

// ErrNoDrawing says that the customer cannot draw here.
var ErrNoDrawing = errors.New("customer: drawing on this computer's screen is not possible")

// grab is a wish for the pointer.
type grab struct {
	above uintptr
	on    func(whiteboard.Input)
	done  chan error // buffered 1
}

// board is a session's whiteboard: the hub, on which the customer draws, and the operator's link to it.
type board struct {
	pad  *whiteboard.Pad
	link *whiteboard.Link

	mu      sync.Mutex
	desktop screen.Desktop
	resized chan struct{}     // buffered 1: the desktop or who has the pointer is another one
	dirty   screen.Region     // where the overlay has changed since the last look at the screen
	state   *whiteboard.Shown // what it shows and the operator has not been told; nil: nothing new
	looked  *whiteboard.Shown // what it showed at the last look at the screen
	fresh   bool              // it has changed since the last look
	grab    *grab             // who has the pointer; nil: the programs
	draws   atomic.Bool       // grab is set

	overlaid atomic.Bool // there is an overlay
}

func newBoard(name string) *board {
	return &board{pad: whiteboard.NewHub(name), resized: make(chan struct{}, 1)}
}

// Board is what the customer and the operator draw on the screen. The customer draws on it, too.
func (s *Session) Board() *whiteboard.Pad { return s.board.pad }

// Monitors are the monitors that are drawn on.
func (s *Session) Monitors() []whiteboard.Monitor {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	return session.BoardMonitors(s.board.desktop)
}

// StartDrawing takes this computer's pointer for drawing: what it does goes to on, on another goroutine, except in the
// window with this handle and in those above it. Until StopDrawing or the session's end the customer has control: what
// the operator's pointer did would be drawn in the customer's name.
func (s *Session) StartDrawing(above uintptr, on func(whiteboard.Input)) error {
	wish := &grab{above, on, make(chan error, 1)}
	s.board.setGrab(wish)
	s.settle() // an operator's click that is half done would end in the drawing
	s.controlled()
	select {
	case err := <-wish.done:
		if err != nil {
			s.board.dropGrab(wish)
			s.controlled()
		}
		return err
	case <-s.done:
		return ErrNoDrawing
	}
}

// StopDrawing gives the pointer back.
func (s *Session) StopDrawing() {
	s.board.setGrab(nil)
	s.controlled()
}

// dropGrab forgets a wish that could not be fulfilled.
func (b *board) dropGrab(wish *grab) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.grab == wish {
		b.grab = nil
		b.draws.Store(false)
	}
}

// drawing tells whether the customer's pointer draws.
func (b *board) drawing() bool { return b.draws.Load() }

func (b *board) setGrab(wish *grab) {
	b.mu.Lock()
	b.grab = wish
	b.draws.Store(wish != nil)
	b.mu.Unlock()
	b.again()
}

// again makes the painting loop look again.
func (b *board) again() {
	select {
	case b.resized <- struct{}{}:
	default:
	}
}

// join lets the operator in. Nothing of what it sends is drawn before it is allowed.
func (b *board) join(operator string) error {
	link, err := b.pad.Join(operator)
	b.link = link
	return err
}

// permit follows the permission to draw.
func (b *board) permit(now session.Permissions) {
	b.pad.Allow(b.link, now.Has(session.Whiteboard))
}

// receiveBoard takes in what the operator draws.
func (s *Session) receiveBoard() error {
	for {
		packet, err := s.peer.ReceiveBoard(s.ctx)
		if err != nil {
			return err
		}
		if err := s.board.link.Take(packet); err != nil {
			return wire.Fail(wire.ReasonProtocol, err)
		}
		if s.board.link.Refused() {
			if err := s.refuse(session.Whiteboard); err != nil {
				return err
			}
		}
	}
}

// sendBoard tells the operator what is drawn.
func (s *Session) sendBoard() error { return session.SendBoard(s.ctx, s.peer, s.board.link) }

// Drawn is a picture of this computer's screen with what is drawn on it.
func (s *Session) Drawn() (*image.RGBA, error) {
	capturer, err := s.config.OpenScreen()
	if err != nil {
		return nil, err
	}
	defer capturer.Close()
	desktop := capturer.Desktop()
	frame := screen.NewFramebuffer(desktop.Width, desktop.Height, screen.BGRX)
	if err := capturer.Capture(frame, []image.Rectangle{frame.Bounds()}); err != nil {
		return nil, err
	}
	for i := 0; i < len(frame.Pix); i += 4 {
		frame.Pix[i], frame.Pix[i+2], frame.Pix[i+3] = frame.Pix[i+2], frame.Pix[i], 255
	}
	frame.Format = screen.RGBA
	picture := frame.RGBA()
	if !s.board.overlaid.Load() { // otherwise the screen has it
		var canvas whiteboard.Canvas
		canvas.SetSize(desktop.Width, desktop.Height)
		canvas.Update(s.board.pad.Marks(session.BoardMonitors(desktop)))
		canvas.Over(picture)
	}
	return picture, nil
}

// retryOverlay is how long an overlay that failed is left alone.
const retryOverlay = 5 * time.Second

// paintBoard keeps the overlay as the board is, from Start to the session's end. There is an overlay only once something
// has been drawn. Where there can be none, the operator's program draws over its picture.
func (s *Session) paintBoard() {
	var overlay Overlay
	var retry time.Time
	var held *grab
	defer func() {
		if overlay != nil {
			overlay.Close()
		}
	}()
	for s.ctx.Err() == nil {
		changed := s.board.pad.Changed()
		next := s.board.pad.Expire()
		state, size, marks := s.board.look()
		s.board.mu.Lock()
		wish := s.board.grab
		s.board.mu.Unlock()
		if overlay == nil && (len(marks) > 0 || wish != held) && s.config.OpenOverlay != nil && !time.Now().Before(retry) {
			overlay = s.openOverlay()
			retry = time.Now().Add(retryOverlay)
		}
		if wish != held {
			held = wish
			follow(overlay, wish)
		}
		s.board.overlaid.Store(overlay != nil)
		if overlay != nil {
			rects, err := overlay.Paint(size.X, size.Y, marks)
			if err != nil {
				s.config.Log.Warn("drawing over the screen", "error", err)
				overlay.Close()
				overlay, held = nil, nil
				s.board.overlaid.Store(false)
				s.board.link.Tell(whiteboard.Shown{}, 0)
			} else {
				s.board.painted(rects, state)
				s.poke()
			}
		}
		s.awaitBoard(changed, next)
	}
}

// follow gives the pointer to whom it is wished for.
func follow(overlay Overlay, wish *grab) {
	grabber, can := overlay.(Grabber)
	answer := func(err error) {
		select {
		case wish.done <- err:
		default: // it has been answered before: the overlay is another one
		}
	}
	switch {
	case wish == nil && can:
		grabber.Release()
	case wish == nil:
	case !can:
		answer(ErrNoDrawing)
	default:
		answer(grabber.Grab(wish.above, wish.on))
	}
}

func (s *Session) openOverlay() Overlay {
	overlay, err := s.config.OpenOverlay()
	if err != nil {
		s.config.Log.Warn("drawing over the screen", "error", err)
		return nil
	}
	return overlay
}

// awaitBoard waits until there is something to paint, but at least a moment: nobody sees more.
func (s *Session) awaitBoard(changed <-chan struct{}, next time.Time) {
	var timer <-chan time.Time
	if !next.IsZero() {
		t := time.NewTimer(time.Until(next))
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-s.ctx.Done():
	case <-changed:
	case <-s.board.resized:
	case <-timer:
	}
}

// look is what is to be painted, and how much of what the peers have said that is.
func (b *board) look() (state whiteboard.Shown, size image.Point, marks []whiteboard.Mark) {
	b.mu.Lock()
	desktop := b.desktop
	b.mu.Unlock()
	state = b.link.State()
	return state, image.Pt(desktop.Width, desktop.Height), b.pad.Marks(session.BoardMonitors(desktop))
}

// painted notes what the overlay shows now.
func (b *board) painted(rects []image.Rectangle, state whiteboard.Shown) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range rects {
		b.dirty.Add(r)
	}
	b.state, b.fresh = &state, true
}

// The sharing loop's part: it must look at what the overlay has changed, whether or not the system has said so
// already, and then say with which update the operator has it.

// setDesktop takes over size and monitors.
func (b *board) setDesktop(desktop screen.Desktop) {
	b.mu.Lock()
	b.desktop = desktop
	b.mu.Unlock()
	b.again()
}

// waiting tells whether the overlay has changed since the last look at the screen.
func (b *board) waiting() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.fresh
}

// addDirty adds where the overlay has changed to what the sharing loop looks at next.
func (b *board) addDirty(dirty *screen.Region) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dirty.Clip(image.Rect(0, 0, b.desktop.Width, b.desktop.Height))
	dirty.AddRegion(&b.dirty)
	b.dirty.Clear()
	b.looked, b.fresh = b.state, false
}

// arrived says that the last look at the screen has been sent to its end, and with which update.
func (b *board) arrived(update uint32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.looked == nil {
		return
	}
	b.link.Tell(*b.looked, update)
	if b.state == b.looked {
		b.state = nil
	}
	b.looked = nil
}
