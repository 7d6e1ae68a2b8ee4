package bar

import (
	"unsafe"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
	"golang.org/x/sys/windows"
)

var (
	user32       = windows.NewLazySystemDLL("user32.dll")
	setWindowPos = user32.NewProc("SetWindowPos")
	getMetrics   = user32.NewProc("GetSystemMetrics")
	getCursorPos = user32.NewProc("GetCursorPos")
)

// held is a top-most window. One goroutine, Fyne's, uses it.
type held struct {
	window   uintptr
	screen   int
	x, width int
	moved    bool
}

func hold(w fyne.Window) placer {
	h := &held{}
	if native, ok := w.(driver.NativeWindow); ok {
		native.RunNative(func(context any) {
			if c, ok := context.(driver.WindowsWindowContext); ok {
				h.window = c.HWND
			}
		})
	}
	if h.window == 0 {
		return nil
	}
	const width = 0 // SM_CXSCREEN
	w0, _, _ := getMetrics.Call(width)
	h.screen = int(w0)
	return h
}

func (h *held) apply() {
	const topMost, noSize, noActivate = ^uintptr(0), 0x0001, 0x0010
	h.x = max(0, min(h.x, h.screen-h.width))
	_, _, _ = setWindowPos.Call(h.window, topMost, uintptr(h.x), 0, 0, 0, noSize|noActivate)
}

func (h *held) move(x int) {
	h.x, h.moved = x, true
	h.apply()
}

func (h *held) at() int { return h.x }

func (h *held) room() int { return h.screen }

func (h *held) middle(width int) {
	h.x = resized(h.x, h.width, width, h.screen, h.moved)
	h.width = width
	h.apply()
}

func (h *held) pointer() (int, bool) {
	var at struct{ x, y int32 }
	ok, _, _ := getCursorPos.Call(uintptr(unsafe.Pointer(&at)))
	return int(at.x), ok != 0
}

func (h *held) close() {}
