package input

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/res"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"handrail/internal/xext"
	"handrail/screen"
	"handrail/screen/internal/x11"
)

// injector injects by XTEST. Whoever uses the keyboard holds keys, for as long as a whole text takes; the
// pointer needs no waiting. ReleaseAll and Close interrupt a text.
type injector struct {
	conn      *xgb.Conn
	root      xproto.Window
	window    xproto.Window // ours, never shown: where answers of the X server's arrive
	atoms     atoms
	resources bool // the X server tells which process a window belongs to

	gone    chan struct{} // closed when the event goroutine has ended
	answers chan uint32   // serials of marks and pings that came back; full: the oldest is dropped
	stale   atomic.Bool   // the keyboard map was changed since it was read
	struck  atomic.Int64  // when a key was last pressed or released, in Unix nanoseconds

	keys   sync.Mutex // held while the keyboard is used; guards what follows
	keymap keymap
	slots  slots
	serial uint32
	closed bool
	// settled is when programs had last handled all keys pressed until then, in Unix nanoseconds; 0: not since this
	// injector is there, and others may have pressed keys.
	settled int64

	mu        sync.Mutex // guards what follows; taken after keys
	held      []hold     // oldest first
	wheel     screen.Wheel
	interrupt chan struct{}
}

// hold is a key or a button that is down.
type hold struct {
	press, release byte // core event numbers
	code           byte // keycode or button
	keysym         uint32
}

func open(o Options) (screen.Injector, error) {
	conn, info, err := x11.Connect(o.Display)
	if err != nil {
		return nil, err
	}
	i := &injector{
		conn: conn, root: info.Root, gone: make(chan struct{}), answers: make(chan uint32, 16),
		interrupt: make(chan struct{}),
	}
	go i.readEvents()
	if err := i.setUp(); err != nil {
		conn.Close()
		<-i.gone
		return nil, err
	}
	return i, nil
}

// noControl is an X server without XTEST.
var noControl error = &screen.Obstacle{Name: screen.ObstacleXTest, Sentence: "this X server does not let programs control it (it has no XTEST)"}

func (i *injector) setUp() error {
	if err := xext.Use(i.conn, xext.XTest); err != nil {
		return noControl
	}
	if _, err := xtest.GetVersion(i.conn, 2, 2).Reply(); err != nil {
		return noControl
	}
	if xext.Use(i.conn, xext.Resource) == nil {
		v, err := res.QueryVersion(i.conn, 1, 2).Reply()
		i.resources = err == nil && (v.ServerMajor > 1 || v.ServerMinor >= 2)
	}
	if err := i.makeWindow(); err != nil {
		return fmt.Errorf("the keyboard cannot be used: %w", err)
	}
	i.stale.Store(true)
	if err := i.readKeymap(); err != nil {
		return fmt.Errorf("the keyboard cannot be used: %w", err)
	}
	return nil
}

// MovePointer is part of screen.Injector.
func (i *injector) MovePointer(x, y int) error {
	const far = 1<<15 - 1 // the X server itself keeps the pointer on the screen
	return i.fake(xproto.MotionNotify, 0, int16(min(max(x, 0), far)), int16(min(max(y, 0), far)))
}

// buttons are X's numbers of our buttons.
var buttons = map[screen.Button]byte{
	screen.ButtonLeft: 1, screen.ButtonMiddle: 2, screen.ButtonRight: 3,
	screen.ButtonBack: 8, screen.ButtonForward: 9,
}

// Button is part of screen.Injector.
func (i *injector) Button(b screen.Button, down bool) error {
	code, ok := buttons[b]
	if !ok {
		return fmt.Errorf("input: there is no button %d", b)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.holdLocked(hold{xproto.ButtonPress, xproto.ButtonRelease, code, 0}, down)
}

// holdLocked presses or releases a key or button, unless it is so already.
func (i *injector) holdLocked(h hold, down bool) error {
	at := slices.IndexFunc(i.held, func(o hold) bool { return o.press == h.press && o.code == h.code })
	switch {
	case down && at < 0:
		i.held = append(i.held, h)
		return i.fake(h.press, h.code, 0, 0)
	case !down && at >= 0:
		i.held = slices.Delete(i.held, at, at+1)
		return i.fake(h.release, h.code, 0, 0)
	}
	return nil
}

// maxNotches bounds one call of Scroll.
const maxNotches = 100

// Scroll is part of screen.Injector. XTEST turns a wheel by its buttons only, so by whole notches.
func (i *injector) Scroll(dx, dy int) error {
	const up, down, left, right = 4, 5, 6, 7
	i.mu.Lock()
	dx, dy = i.wheel.Add(dx, dy, screen.Notch)
	i.mu.Unlock()
	if err := i.turn(up, down, dy); err != nil {
		return err
	}
	return i.turn(left, right, dx)
}

func (i *injector) turn(back, forth byte, n int) error {
	button := forth
	if n < 0 {
		button, n = back, -n
	}
	for range min(n, maxNotches) {
		if err := i.tap(xproto.ButtonPress, xproto.ButtonRelease, button); err != nil {
			return err
		}
	}
	return nil
}

// Key is part of screen.Injector. A key that is down already is not pressed again: the X server repeats by
// itself.
func (i *injector) Key(keysym uint32, down bool) error {
	stop := i.interrupted()
	i.keys.Lock()
	defer i.keys.Unlock()
	if !down {
		return i.releaseKey(keysym)
	}
	return reason(i.pressKey(keysym, stop))
}

func (i *injector) pressKey(keysym uint32, stop <-chan struct{}) error {
	if err := i.refresh(); err != nil {
		return err
	}
	// Nobody tells when another group of the layout is chosen, and the same character is on another key there.
	if _, err := i.state(); err != nil {
		return err
	}
	code, ok := i.keymap.keyFor(keysym)
	if !ok {
		s, err := i.slotFor([]uint32{keysym}, stop)
		if err != nil {
			return err
		}
		code = s.code
	}
	if s := i.slots.at(code); s != nil {
		i.slots.pressed(s)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.holdLocked(hold{xproto.KeyPress, xproto.KeyRelease, byte(code), keysym}, true)
}

// releaseKey releases the key that was pressed for a keysym, whatever the keyboard map is now. If there is none,
// it is the key that gives the keysym now: an "A" may be released as "a" when Shift went first.
func (i *injector) releaseKey(keysym uint32) error {
	code, known := i.keymap.keyFor(keysym)
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, h := range i.held {
		if h.press == xproto.KeyPress && h.keysym == keysym {
			return i.holdLocked(h, false)
		}
	}
	if !known {
		return nil
	}
	return i.holdLocked(hold{xproto.KeyPress, xproto.KeyRelease, byte(code), keysym}, false)
}

// ReleaseAll is part of screen.Injector. It interrupts a text that is being typed.
func (i *injector) ReleaseAll() error {
	i.interruptTyping()
	i.keys.Lock()
	defer i.keys.Unlock()
	return i.releaseAll()
}

func (i *injector) interruptTyping() {
	i.mu.Lock()
	defer i.mu.Unlock()
	close(i.interrupt)
	i.interrupt = make(chan struct{})
}

func (i *injector) interrupted() <-chan struct{} {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.interrupt
}

func (i *injector) releaseAll() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	var failed error
	for n := len(i.held) - 1; n >= 0; n-- {
		if err := i.fake(i.held[n].release, i.held[n].code, 0, 0); err != nil {
			failed = err
		}
	}
	i.held = i.held[:0]
	i.wheel = screen.Wheel{}
	return failed
}

// Close is part of screen.Injector. It waits until programs have handled what was typed, since they would
// misread it by the keyboard map that is put back.
func (i *injector) Close() error {
	i.interruptTyping()
	i.keys.Lock()
	defer i.keys.Unlock()
	if i.closed {
		return nil
	}
	i.closed = true
	_ = i.releaseAll()
	_ = i.restoreKeymap()
	i.conn.Close()
	<-i.gone
	return nil
}

// reason is an error as it is told: all that fails once the connection has ended fails for that.
func reason(err error) error {
	if errors.Is(err, io.EOF) {
		return ErrClosed
	}
	return err
}

// tap presses and releases.
func (i *injector) tap(press, release, code byte) error {
	if err := i.fake(press, code, 0, 0); err != nil {
		return err
	}
	return i.fake(release, code, 0, 0)
}

func (i *injector) tapKey(code xproto.Keycode) error {
	return i.tap(xproto.KeyPress, xproto.KeyRelease, byte(code))
}

// fake sends one event as if from a device.
func (i *injector) fake(event, detail byte, x, y int16) error {
	select {
	case <-i.gone:
		return ErrClosed
	default:
	}
	if event == xproto.KeyPress || event == xproto.KeyRelease {
		i.struck.Store(time.Now().UnixNano())
	}
	xtest.FakeInput(i.conn, event, detail, 0, i.root, x, y, 0)
	return nil
}
