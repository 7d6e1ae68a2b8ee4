package bar

import (
	"image"
	"runtime"
	"slices"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
)

// borderColor is as Windows writes colours: blue, green, red.
const borderColor = 0x757A0B

var (
	gdi32            = windows.NewLazySystemDLL("gdi32.dll")
	createBrush      = gdi32.NewProc("CreateSolidBrush")
	deleteObject     = gdi32.NewProc("DeleteObject")
	registerClass    = user32.NewProc("RegisterClassExW")
	createWindow     = user32.NewProc("CreateWindowExW")
	destroyWindow    = user32.NewProc("DestroyWindow")
	defWindow        = user32.NewProc("DefWindowProcW")
	getMessage       = user32.NewProc("GetMessageW")
	dispatchMessage  = user32.NewProc("DispatchMessageW")
	peekMessage      = user32.NewProc("PeekMessageW")
	threadMessage    = user32.NewProc("PostThreadMessageW")
	setTimer         = user32.NewProc("SetTimer")
	killTimer        = user32.NewProc("KillTimer")
	setLayered       = user32.NewProc("SetLayeredWindowAttributes")
	displayMonitors  = user32.NewProc("EnumDisplayMonitors")
	frameWindowClass = "HandrailFrame"
)

// From winuser.h.
const (
	msgQuit, msgTimer, msgShow = 0x0012, 0x0113, 0x8000

	popup, visible                                      = 0x80000000, 0x10000000
	onTop, clickThrough, noTaskbar, layered, noActivate = 0x8, 0x20, 0x80, 0x80000, 0x08000000
)

type frameClass struct {
	size, style                        uint32
	proc                               uintptr
	clsExtra, wndExtra                 int32
	instance, icon, cursor, background uintptr
	menu, name                         *uint16
	smallIcon                          uintptr
}

// frames are four narrow windows around each monitor. Clicks go through them. They belong to a thread of their own, which looks once
// a second whether there are other monitors, and puts them right below the bar, above all other windows.
type frames struct {
	bar    uintptr // its window, or topMost
	thread uint32
	gone   chan struct{}
	shown  bool // owned by whoever calls show

	// Owned by the thread.
	windows []uintptr
	around  []image.Rectangle // the monitors that have them
	visible bool
}

// registered makes the class of windows once for the program.
var registered = sync.OnceValue(func() bool {
	name, err := windows.UTF16PtrFromString(frameWindowClass)
	if err != nil {
		return false
	}
	brush, _, _ := createBrush.Call(borderColor)
	class := frameClass{background: brush, name: name}
	class.proc = windows.NewCallback(func(window, what, wParam, lParam uintptr) uintptr {
		result, _, _ := defWindow.Call(window, what, wParam, lParam)
		return result
	})
	class.size = uint32(unsafe.Sizeof(class))
	atom, _, _ := registerClass.Call(uintptr(unsafe.Pointer(&class)))
	if atom == 0 {
		_, _, _ = deleteObject.Call(brush)
	}
	return atom != 0
})

func newBorders(bar placer) borders {
	if !registered() {
		return nil
	}
	f := &frames{bar: topMost, gone: make(chan struct{})}
	if h, ok := bar.(*held); ok {
		f.bar = h.window
	}
	ready := make(chan struct{})
	go f.run(ready)
	<-ready
	return f
}

func (f *frames) run(ready chan<- struct{}) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(f.gone)
	var message [64]byte
	_, _, _ = peekMessage.Call(uintptr(unsafe.Pointer(&message)), 0, 0, 0, 0) // makes the thread's queue
	f.thread = windows.GetCurrentThreadId()
	timer, _, _ := setTimer.Call(0, 0, uintptr(lookEvery.Milliseconds()), 0)
	close(ready)
	for {
		got, _, _ := getMessage.Call(uintptr(unsafe.Pointer(&message)), 0, 0, 0)
		if int32(got) <= 0 {
			break
		}
		window, what := *(*uintptr)(unsafe.Pointer(&message[0])), *(*uint32)(unsafe.Pointer(&message[8]))
		switch {
		case window == 0 && what == msgShow:
			f.visible = *(*uintptr)(unsafe.Pointer(&message[16])) != 0
			f.layOut()
			continue
		case window == 0 && what == msgTimer:
			f.layOut()
			for _, w := range f.windows {
				arrange(w, f.bar, 0, noMove)
			}
			continue
		}
		_, _, _ = dispatchMessage.Call(uintptr(unsafe.Pointer(&message)))
	}
	_, _, _ = killTimer.Call(0, timer)
	f.visible = false
	f.layOut()
}

// layOut makes the windows that belong around the present monitors, or none.
func (f *frames) layOut() {
	var around []image.Rectangle
	if f.visible {
		around = monitors()
	}
	if slices.Equal(around, f.around) {
		return
	}
	for _, w := range f.windows {
		_, _, _ = destroyWindow.Call(w)
	}
	f.windows, f.around = nil, around
	for _, m := range around {
		for _, side := range sides(m) {
			f.side(side)
		}
	}
}

// seen is filled by EnumDisplayMonitors, which knows no closures; monitorsMu guards it.
var (
	monitorsMu sync.Mutex
	seen       []image.Rectangle
	onMonitor  = sync.OnceValue(func() uintptr {
		return windows.NewCallback(func(_, _ uintptr, r *[4]int32, _ uintptr) uintptr {
			seen = append(seen, image.Rect(int(r[0]), int(r[1]), int(r[2]), int(r[3])))
			return 1
		})
	})
)

func monitors() []image.Rectangle {
	monitorsMu.Lock()
	defer monitorsMu.Unlock()
	seen = nil
	_, _, _ = displayMonitors.Call(0, 0, onMonitor(), 0)
	return seen
}

func (f *frames) side(r image.Rectangle) {
	name, _ := windows.UTF16PtrFromString(frameWindowClass)
	title, _ := windows.UTF16PtrFromString("Handrail frame")
	window, _, _ := createWindow.Call(onTop|clickThrough|noTaskbar|layered|noActivate, uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(title)),
		popup|visible, uintptr(r.Min.X), uintptr(r.Min.Y), uintptr(r.Dx()), uintptr(r.Dy()), 0, 0, 0, 0)
	if window == 0 {
		return
	}
	const byAlpha = 2
	_, _, _ = setLayered.Call(window, 0, 255, byAlpha)
	f.windows = append(f.windows, window)
}

func (f *frames) show(visible bool) {
	if visible == f.shown {
		return
	}
	f.shown = visible
	on := uintptr(0)
	if visible {
		on = 1
	}
	_, _, _ = threadMessage.Call(uintptr(f.thread), msgShow, on, 0)
}

func (f *frames) close() {
	_, _, _ = threadMessage.Call(uintptr(f.thread), msgQuit, 0, 0)
	<-f.gone
}
