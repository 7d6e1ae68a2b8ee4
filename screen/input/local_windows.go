package input

import (
	"fmt"
	"io"
	"runtime"
	"unsafe"

	"golang.org/x/sys/windows"

	"handrail/screen"
)

// hooks are Windows' low-level hooks for keyboard and mouse. They belong to a thread that waits for messages.
// Windows marks what programs have injected.
type hooks struct {
	thread uint32
	gone   chan struct{}
}

var (
	procSetHook       = user32.NewProc("SetWindowsHookExW")
	procUnhook        = user32.NewProc("UnhookWindowsHookEx")
	procNextHook      = user32.NewProc("CallNextHookEx")
	procGetMessage    = user32.NewProc("GetMessageW")
	procPeekMessage   = user32.NewProc("PeekMessageW")
	procThreadMessage = user32.NewProc("PostThreadMessageW")
	procKeyState      = user32.NewProc("GetAsyncKeyState")
)

// From winuser.h.
const (
	hookKeyboard, hookMouse            = 13, 14
	keyInjected, mouseInjected         = 0x10, 0x01
	keyHookExtended                    = 0x01
	msgQuit                            = 0x0012
	msgKeyDown, msgSysKeyDown          = 0x0100, 0x0104
	msgLeftDown, msgRightDown, msgMidD = 0x0201, 0x0204, 0x0207
)

type keyHook struct{ vk, scan, flags, time uint32 }

type mouseHook struct {
	x, y              int32
	data, flags, time uint32
}

// isDown is what Windows knows of a key. Within a hook that is how it was before the event.
func isDown(vk uint32) bool {
	state, _, _ := procKeyState.Call(uintptr(vk))
	return state&0x8000 != 0
}

// charOf is the character of a key alone.
func charOf(vk uint32) uint32 {
	const vkToChar = 2
	char, _, _ := procMapVirtualKey.Call(uintptr(vk), vkToChar, layoutInFront())
	return uint32(char)
}

func watchLocal(_ Options, on func(screen.LocalEvent)) (io.Closer, error) {
	h := &hooks{gone: make(chan struct{})}
	ready := make(chan error)
	go h.run(on, ready)
	if err := <-ready; err != nil {
		<-h.gone
		return nil, fmt.Errorf("this computer's own mouse and keyboard cannot be told from the operator's: %w", err)
	}
	return h, nil
}

func (h *hooks) run(on func(screen.LocalEvent), ready chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(h.gone)
	var message [48]byte
	_, _, _ = procPeekMessage.Call(uintptr(unsafe.Pointer(&message)), 0, 0, 0, 0) // makes the thread's queue
	h.thread = windows.GetCurrentThreadId()
	var own ownKeys
	keyboard := windows.NewCallback(func(code int32, what uintptr, event *keyHook) uintptr {
		if code == 0 {
			down := what == msgKeyDown || what == msgSysKeyDown
			if event.flags&keyInjected != 0 {
				own.injected(event.vk, down)
			} else {
				keysym := keysymOfVirtualKey(event.vk, event.flags&keyHookExtended != 0, charOf)
				for _, e := range own.event(event.vk, keysym, down, isDown) {
					on(e)
				}
			}
		}
		next, _, _ := procNextHook.Call(0, uintptr(code), what, uintptr(unsafe.Pointer(event)))
		return next
	})
	mouse := windows.NewCallback(func(code int32, what uintptr, event *mouseHook) uintptr {
		if code == 0 && event.flags&mouseInjected == 0 {
			on(screen.LocalEvent{Down: what == msgLeftDown || what == msgRightDown || what == msgMidD})
		}
		next, _, _ := procNextHook.Call(0, uintptr(code), what, uintptr(unsafe.Pointer(event)))
		return next
	})
	for kind, callback := range map[uintptr]uintptr{hookKeyboard: keyboard, hookMouse: mouse} {
		hook, _, err := procSetHook.Call(kind, callback, 0, 0)
		if hook == 0 {
			ready <- err
			return
		}
		defer func() { _, _, _ = procUnhook.Call(hook) }()
	}
	ready <- nil
	for {
		got, _, _ := procGetMessage.Call(uintptr(unsafe.Pointer(&message)), 0, 0, 0)
		if int32(got) <= 0 {
			return
		}
	}
}

// Close is part of io.Closer.
func (h *hooks) Close() error {
	_, _, _ = procThreadMessage.Call(uintptr(h.thread), msgQuit, 0, 0)
	<-h.gone
	return nil
}
