package device

import (
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/go-gl/glfw/v3.4/glfw"
	"golang.org/x/sys/windows"

	"handrail/ui/kit"
)

var (
	user32        = windows.NewLazySystemDLL("user32.dll")
	setHook       = user32.NewProc("SetWindowsHookExW")
	unhook        = user32.NewProc("UnhookWindowsHookEx")
	nextHook      = user32.NewProc("CallNextHookEx")
	getMessage    = user32.NewProc("GetMessageW")
	peekMessage   = user32.NewProc("PeekMessageW")
	threadMessage = user32.NewProc("PostThreadMessageW")
	keyState      = user32.NewProc("GetAsyncKeyState")
)

// From winuser.h.
const (
	lowLevelKeyboard            = 13
	quit                        = 0x0012
	keyDown, sysKeyDown         = 0x0100, 0x0104
	vkTab, vkEscape, vkControl  = 0x09, 0x1b, 0x11
	vkLeftWin, vkRightWin, vkF4 = 0x5b, 0x5c, 0x73
	flagExtended, flagAlt       = 0x01, 0x20
)

type keyEvent struct{ vk, scan, flags, time uint32 }

// hook is a low-level hook for the keyboard, on a thread of its own, that takes the keys which Windows would keep.
type hook struct {
	on     func(key glfw.Key, scan int, action glfw.Action, mods glfw.ModifierKey)
	taken  map[uint32]bool // pressed for the window: their releases are the window's too; the thread owns it
	thread uint32
	gone   chan struct{}
}

// present is the hook while a window has the shortcuts; Fyne's thread owns it.
var present *hook

// capture takes Alt+Tab, Alt+Esc, Ctrl+Esc and the Windows key from the system and gives them to the window as GLFW would.
func capture(view *glfw.Window, on bool) bool {
	if !on {
		if present != nil {
			present.close()
			present = nil
		}
		return true
	}
	if present != nil {
		return true
	}
	handle := view.SetKeyCallback(nil)
	view.SetKeyCallback(handle)
	if handle == nil {
		return false
	}
	present = newHook(func(key glfw.Key, scan int, action glfw.Action, mods glfw.ModifierKey) {
		kit.Do(func() { handle(view, key, scan, action, mods) })
	})
	return present != nil
}

// newHook gives on the keys from now on, on the hook's thread, until close. nil: Windows does not do that. There may be one at a time.
func newHook(on func(glfw.Key, int, glfw.Action, glfw.ModifierKey)) *hook {
	h := &hook{on: on, taken: map[uint32]bool{}, gone: make(chan struct{})}
	ready := make(chan bool)
	go h.run(ready)
	if !<-ready {
		<-h.gone
		return nil
	}
	return h
}

// captured is the key as GLFW calls it, if Windows would keep it.
func captured(e *keyEvent, ctrl bool) (key glfw.Key, ok bool) {
	alt := e.flags&flagAlt != 0
	switch {
	case e.vk == vkLeftWin:
		return glfw.KeyLeftSuper, true
	case e.vk == vkRightWin:
		return glfw.KeyRightSuper, true
	case e.vk == vkTab && alt:
		return glfw.KeyTab, true
	case e.vk == vkEscape && (alt || ctrl):
		return glfw.KeyEscape, true
	case e.vk == vkF4 && alt:
		return glfw.KeyF4, true
	}
	return 0, false
}

// hooked is the hook that callback is for.
var hooked atomic.Pointer[hook]

// callback is what Windows calls with every key. All hooks have the same: Go has room for some 2000 callbacks, and never frees one.
var callback = sync.OnceValue(func() uintptr {
	return windows.NewCallback(func(code int32, what uintptr, e *keyEvent) uintptr {
		if h := hooked.Load(); h != nil && code == 0 && h.take(what, e) {
			return 1
		}
		next, _, _ := nextHook.Call(0, uintptr(code), what, uintptr(unsafe.Pointer(e)))
		return next
	})
})

// take gives a key to the window; false: it stays the system's.
func (h *hook) take(what uintptr, e *keyEvent) bool {
	down := what == keyDown || what == sysKeyDown
	state, _, _ := keyState.Call(vkControl)
	key, ok := captured(e, state&0x8000 != 0)
	if down && !ok || !down && !h.taken[e.vk] {
		return false
	}
	action, mods := glfw.Press, glfw.ModifierKey(0)
	switch {
	case !down:
		action = glfw.Release
	case h.taken[e.vk]:
		action = glfw.Repeat
	}
	if e.flags&flagAlt != 0 {
		mods |= glfw.ModAlt
	}
	if state&0x8000 != 0 {
		mods |= glfw.ModControl
	}
	if !ok {
		key, _ = captured(&keyEvent{vk: e.vk, flags: e.flags | flagAlt}, true)
	}
	h.taken[e.vk] = down
	h.on(key, int(e.scan|e.flags&flagExtended<<8), action, mods)
	return true
}

func (h *hook) run(ready chan<- bool) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(h.gone)
	var message [48]byte
	_, _, _ = peekMessage.Call(uintptr(unsafe.Pointer(&message)), 0, 0, 0, 0) // makes the thread's queue
	atomic.StoreUint32(&h.thread, windows.GetCurrentThreadId())
	hooked.Store(h)
	defer hooked.Store(nil)
	handle, _, _ := setHook.Call(lowLevelKeyboard, callback(), 0, 0)
	if handle == 0 {
		ready <- false
		return
	}
	defer func() { _, _, _ = unhook.Call(handle) }()
	ready <- true
	for {
		if got, _, _ := getMessage.Call(uintptr(unsafe.Pointer(&message)), 0, 0, 0); int32(got) <= 0 {
			return
		}
	}
}

func (h *hook) close() {
	_, _, _ = threadMessage.Call(uintptr(atomic.LoadUint32(&h.thread)), quit, 0, 0)
	<-h.gone
}
