//go:build cgo

package input

/*
#cgo LDFLAGS: -framework ApplicationServices -framework CoreFoundation
#include <ApplicationServices/ApplicationServices.h>

extern void handrailLocalEvent(int key, int code, int down);

static CFRunLoopRef handrailLoop;

// What a process posts carries that process's number; the hardware's events carry none.
static CGEventRef handrailTapped(CGEventTapProxy proxy, CGEventType type, CGEventRef event, void *info) {
	if (CGEventGetIntegerValueField(event, kCGEventSourceUnixProcessID) != 0)
		return event;
	int code = (int)CGEventGetIntegerValueField(event, kCGKeyboardEventKeycode);
	if (type == kCGEventKeyDown || type == kCGEventKeyUp)
		handrailLocalEvent(1, code, type == kCGEventKeyDown);
	else if (type == kCGEventFlagsChanged)
		handrailLocalEvent(2, (int)(CGEventGetFlags(event) >> 16), 0);
	else
		handrailLocalEvent(0, 0, type == kCGEventLeftMouseDown || type == kCGEventRightMouseDown || type == kCGEventOtherMouseDown);
	return event;
}

static int handrailTap(void) {
	CFMachPortRef tap = CGEventTapCreate(kCGHIDEventTap, kCGHeadInsertEventTap, kCGEventTapOptionListenOnly,
		kCGEventMaskForAllEvents, handrailTapped, NULL);
	if (tap == NULL)
		return 0;
	CFRunLoopSourceRef source = CFMachPortCreateRunLoopSource(NULL, tap, 0);
	handrailLoop = CFRunLoopGetCurrent();
	CFRunLoopAddSource(handrailLoop, source, kCFRunLoopCommonModes);
	CGEventTapEnable(tap, true);
	return 1;
}

static void handrailRun(void) { CFRunLoopRun(); }
static void handrailStop(void) { CFRunLoopStop(handrailLoop); }
*/
import "C"

import (
	"errors"
	"io"
	"runtime"
	"sync"

	"handrail/screen"
)

// tap is the one event tap of this program: macOS tells the process that made an event.
type tap struct{ gone chan struct{} }

var tapped struct {
	mu    sync.Mutex
	on    func(screen.LocalEvent)
	flags int // modifiers that were down
}

func watchLocal(_ Options, on func(screen.LocalEvent)) (io.Closer, error) {
	tapped.mu.Lock()
	defer tapped.mu.Unlock()
	if tapped.on != nil {
		return nil, errors.New("this computer's own mouse and keyboard are watched already")
	}
	t := &tap{gone: make(chan struct{})}
	ready := make(chan bool)
	go func() {
		runtime.LockOSThread()
		defer close(t.gone)
		ok := C.handrailTap() == 1
		ready <- ok
		if ok {
			C.handrailRun()
		}
	}()
	if !<-ready {
		return nil, &screen.Obstacle{Name: screen.ObstacleMacWatch, Sentence: "this program may not see the keyboard and the mouse: " +
			"please allow it in System Settings, Privacy & Security, Input Monitoring"}
	}
	tapped.on = on
	return t, nil
}

// macKeys are the keys that hot keys are made of, by macOS' numbers.
var macKeys = map[C.int]uint32{
	0x35: screen.KeyEscape, 0x7a: screen.KeyF1, 0x78: screen.KeyF1 + 1, 0x63: screen.KeyF1 + 2, 0x76: screen.KeyF1 + 3,
	0x60: screen.KeyF1 + 4, 0x61: screen.KeyF1 + 5, 0x62: screen.KeyF1 + 6, 0x64: screen.KeyF1 + 7, 0x65: screen.KeyF1 + 8,
	0x6d: screen.KeyF1 + 9, 0x67: screen.KeyF1 + 10, 0x6f: screen.KeyF1 + 11,
}

//export handrailLocalEvent
func handrailLocalEvent(kind, code, down C.int) {
	tapped.mu.Lock()
	on := tapped.on
	before := tapped.flags
	if kind == 2 {
		tapped.flags = int(code)
	}
	tapped.mu.Unlock()
	if on == nil {
		return
	}
	if kind != 2 {
		on(screen.LocalEvent{Keysym: macKeys[code], Down: down != 0})
		return
	}
	// kCGEventFlagMask…, shifted by 16: shift, control, alternate, command.
	for bit, keysym := range map[int]uint32{2: screen.KeyShift, 4: screen.KeyCtrl, 8: screen.KeyAlt, 16: screen.KeySuper} {
		if (before^int(code))&bit != 0 {
			on(screen.LocalEvent{Keysym: keysym, Down: int(code)&bit != 0})
		}
	}
}

// Close is part of io.Closer.
func (t *tap) Close() error {
	C.handrailStop()
	<-t.gone
	tapped.mu.Lock()
	defer tapped.mu.Unlock()
	tapped.on = nil
	return nil
}
