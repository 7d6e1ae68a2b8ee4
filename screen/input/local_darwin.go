package input

import (
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/ebitengine/purego"

	"handrail/screen"
)

// tap is the one event tap of this program: macOS tells the process that made an event. It lives on a thread that waits for
// events.
type tap struct {
	*graphics
	on     func(screen.LocalEvent)
	closed atomic.Bool
	gone   chan struct{}

	loopRef atomic.Uintptr // the thread's run loop

	// owned by the thread
	port     uintptr
	modifier uint64 // flags of the modifiers that were down
}

// theTap is the tap that there is, nil for none. A callback can never be given back, so there is one for all taps.
var (
	theTap      atomic.Pointer[tap]
	tapCallback = sync.OnceValue(func() uintptr {
		return purego.NewCallback(func(_ uintptr, kind uint32, event, _ uintptr) uintptr {
			if t := theTap.Load(); t != nil {
				t.hear(kind, event)
			}
			return event
		})
	})
)

func watchLocal(_ Options, on func(screen.LocalEvent)) (io.Closer, error) {
	g, err := bindGraphics()
	if err != nil {
		return nil, err
	}
	t := &tap{graphics: g, on: on, gone: make(chan struct{})}
	if !theTap.CompareAndSwap(nil, t) {
		return nil, errors.New("this computer's own mouse and keyboard are watched already")
	}
	ready := make(chan bool)
	go t.run(ready)
	if !<-ready {
		<-t.gone
		return nil, &screen.Obstacle{Name: screen.ObstacleMacWatch, Sentence: "this program may not see the keyboard and the mouse: " +
			"please allow it in System Settings, Privacy & Security, Input Monitoring"}
	}
	return t, nil
}

func (t *tap) run(ready chan<- bool) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(t.gone)
	defer theTap.Store(nil)
	const (
		atHead, listenOnly = 0, 1 // kCGHeadInsertEventTap, kCGEventTapOptionListenOnly
		all                = ^uint64(0)
	)
	t.port = t.createTap(tapHardware, atHead, listenOnly, all, tapCallback(), 0)
	if t.port == 0 {
		ready <- false
		return
	}
	defer t.release(t.port)
	defer t.endPort(t.port)
	source := t.loopSource(0, t.port, 0)
	defer t.release(source)
	t.loopRef.Store(t.loop())
	t.addSource(t.loopRef.Load(), source, t.usualMode)
	t.enableTap(t.port, true)
	ready <- true
	for !t.closed.Load() {
		t.runLoop(t.usualMode, 1, false) // and again, since a loop that does not run yet cannot be stopped
	}
}

func (t *tap) hear(kind uint32, event uintptr) {
	if macTapEnds(kind) { // there is no event with it
		// Nothing would be heard any more, neither the person's hand nor the panic keys. What was let go meanwhile is not down.
		t.enableTap(t.port, true)
		t.modifiers(t.modifier & t.state(sourceHardware))
		return
	}
	// What a process posts carries that process's number; the hardware's events carry none.
	if t.number(event, fieldProcess) != 0 {
		return
	}
	switch kind {
	case macKeyDown, macKeyUp:
		t.on(screen.LocalEvent{Keysym: macNames[uint16(t.number(event, fieldKey))], Down: kind == macKeyDown})
	case macFlagsChanged:
		t.modifiers(t.flags(event))
	default:
		t.on(screen.LocalEvent{Down: macPresses(kind)})
	}
}

func (t *tap) modifiers(now uint64) {
	for _, e := range macModifierEvents(t.modifier, now) {
		t.on(e)
	}
	t.modifier = now
}

// Close is part of io.Closer.
func (t *tap) Close() error {
	t.closed.Store(true)
	t.stopLoop(t.loopRef.Load())
	<-t.gone
	return nil
}
