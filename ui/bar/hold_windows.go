package bar

import (
	"time"
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

// held is a top-most window. It is looked at once a second whether it lies above all others, which other top-most windows change,
// and how wide the screen is.
type held struct {
	along
	window     uintptr
	changed    func() // called when the screen has become wider or narrower
	stop, gone chan struct{}
}

// lookEvery is how often it is looked at.
const lookEvery = time.Second

func hold(w fyne.Window, changed func()) placer {
	h := &held{changed: changed, stop: make(chan struct{}), gone: make(chan struct{})}
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
	h.put, h.screen = h.place, screenWidth()
	go h.run()
	return h
}

// screenWidth is how many pixels wide the main monitor is.
func screenWidth() int {
	const width = 0 // SM_CXSCREEN
	pixels, _, _ := getMetrics.Call(width)
	return int(pixels)
}

func (h *held) run() {
	defer close(h.gone)
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-h.stop:
			return
		case <-tick.C:
		}
		h.look(screenWidth())
	}
}

// look puts the window above all others, and onto a screen that has become wider or narrower.
func (h *held) look(screen int) {
	if screen != 0 && h.onto(screen) {
		h.changed()
		return
	}
	arrange(h.window, topMost, 0, noMove)
}

func (h *held) place(x int) { arrange(h.window, topMost, x, 0) }

// From winuser.h.
const (
	topMost                             = ^uintptr(0) // in place of a window: above all others
	noSize, noMove, notActive, dontWait = 0x0001, 0x0002, 0x0010, 0x4000
)

// arrange puts a window right below another one and, without noMove, to a place at the upper edge. It does not wait for another
// thread, if the window is that one's: it may be waiting for this one.
func arrange(window, below uintptr, x int, flags uintptr) {
	_, _, _ = setWindowPos.Call(window, below, uintptr(x), 0, 0, 0, noSize|notActive|dontWait|flags)
}

func (h *held) pointer() (int, bool) {
	var at struct{ x, y int32 }
	ok, _, _ := getCursorPos.Call(uintptr(unsafe.Pointer(&at)))
	return int(at.x), ok != 0
}

func (h *held) close() {
	close(h.stop)
	<-h.gone
}
