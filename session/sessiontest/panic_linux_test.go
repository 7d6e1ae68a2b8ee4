package sessiontest

import (
	"image"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"handrail/screen"
	"handrail/screen/capture"
	"handrail/screen/input"
	"handrail/screen/screentest"
	"handrail/session/customer"
	"handrail/session/operator"
	"handrail/session/wire"
)

// counted is a capturer that notes when it captured last.
type counted struct {
	screen.Capturer
	count atomic.Int64
	last  atomic.Int64 // nanoseconds since base
	base  time.Time
}

func (c *counted) Capture(into *screen.Framebuffer, rects []image.Rectangle) error {
	err := c.Capturer.Capture(into, rects)
	c.last.Store(int64(time.Since(c.base)))
	c.count.Add(1)
	return err
}

// keyboard presses keys as a person does, on the outer of two nested displays.
type keyboard struct {
	t     *testing.T
	conn  *xgb.Conn
	codes map[uint32]byte
}

func newKeyboard(t *testing.T, d *screentest.Display) *keyboard {
	t.Helper()
	conn, err := xgb.NewConnDisplay(d.Name)
	if err == nil {
		err = xtest.Init(conn)
	}
	if err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for {
			if event, xerr := conn.WaitForEvent(); event == nil && xerr == nil {
				return
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-gone })
	k := &keyboard{t: t, conn: conn, codes: map[uint32]byte{}}
	setup := xproto.Setup(conn)
	reply, err := xproto.GetKeyboardMapping(conn, setup.MinKeycode, byte(setup.MaxKeycode-setup.MinKeycode+1)).Reply()
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(reply.Keysyms); i += int(reply.KeysymsPerKeycode) {
		k.codes[uint32(reply.Keysyms[i])] = byte(int(setup.MinKeycode) + i/int(reply.KeysymsPerKeycode))
	}
	return k
}

func (k *keyboard) press(keysym uint32, down bool) {
	kind := byte(xproto.KeyPress)
	if !down {
		kind = xproto.KeyRelease
	}
	if err := xtest.FakeInputChecked(k.conn, kind, k.codes[keysym], 0, 0, 0, 0, 0).Check(); err != nil {
		k.t.Fatal(err)
	}
}

// TestPanicKeyOnARealDisplay presses the panic key of a person's keyboard while the screen keeps changing, and
// measures how long pictures are still taken; once with the network as it is and once with it stalled.
func TestPanicKeyOnARealDisplay(t *testing.T) {
	person, customers := screentest.StartNested(t, 800, 600)
	customers.Run("xterm", "-geometry", "120x40+0+0", "-e", "sh", "-c", "while :; do date +%N; done")
	customers.WaitWindow(".")
	keys := newKeyboard(t, person)
	relay := StartRelay(t, false)
	engine := relay.SignIn(t)
	for _, stalled := range []bool{false, true} {
		network := StartNetwork(t, relay.URL, 1)
		c, frames := panicSession(t, engine, network, customers)
		screentest.WaitFor(t, "the screen keeps changing", func() bool { return frames.count.Load() > 20 })
		if stalled {
			network.Inflict(Silence, true)
			time.Sleep(300 * time.Millisecond) // until what is on its way fills the window
		}
		held := []uint32{screen.KeyCtrl, screen.KeyAlt, screen.KeyShift, screen.KeyEscape}
		for _, k := range held[:3] {
			keys.press(k, true)
		}
		before := time.Since(frames.base)
		keys.press(screen.KeyEscape, true)
		<-c.stopped
		reported := time.Since(frames.base)
		for _, k := range held {
			keys.press(k, false)
		}
		time.Sleep(50 * time.Millisecond)
		last := time.Duration(frames.last.Load())
		t.Logf("stalled %v: the last picture was taken %v after the key, everything had stopped after %v", stalled, (last - before).Round(10*time.Microsecond), (reported - before).Round(10*time.Microsecond))
		if last > reported {
			t.Errorf("a picture was taken %v after the panic key was done", last-reported)
		}
		<-c.session.Done()
		if _, reason := c.session.State(); reason != wire.ReasonPanic {
			t.Errorf("ended for %q", reason)
		}
	}
}

type panicking struct {
	session *customer.Session
	stopped chan struct{} // closed when the panic key has done what it does first
}

// panicSession is a session of that display whose customer's network goes through a proxy.
func panicSession(t *testing.T, engine *operator.Engine, network *Network, d *screentest.Display) (*panicking, *counted) {
	t.Helper()
	p := &panicking{stopped: make(chan struct{})}
	frames := &counted{base: time.Now()}
	config := NewComputer(1, 1).Config()
	config.OpenScreen = func() (screen.Capturer, error) {
		var err error
		frames.Capturer, err = capture.Open(capture.Options{Display: d.Name})
		return frames, err
	}
	config.OpenInput = func() (screen.Injector, error) { return input.Open(input.Options{Display: d.Name}) }
	config.OpenLocal = func(on func(screen.LocalEvent)) (io.Closer, error) {
		return input.WatchLocal(input.Options{Display: d.Name}, func(e screen.LocalEvent) {
			on(e)
			if e.Keysym == screen.KeyEscape && e.Down {
				close(p.stopped)
			}
		})
	}
	o := NewSession(t, engine)
	var err error
	p.session, err = customer.Join(Within(t), config, network.URL, o.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.session.Close)
	if err := p.session.Start(p.session.Requested()); err != nil {
		t.Fatal(err)
	}
	return p, frames
}
