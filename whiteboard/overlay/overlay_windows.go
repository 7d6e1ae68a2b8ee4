package overlay

import (
	"fmt"
	"image"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"

	"handrail/whiteboard"
)

// winSurface is a layered window that clicks go through, as large as the desktop, whose picture has transparency. A second
// window, almost invisible, takes the pointer while the customer draws. Both belong to one thread, which runs their
// messages; everything that must be done there is sent to it.
type winSurface struct {
	thread uint32
	calls  chan func()
	gone   chan struct{} // closed when the thread has ended
	window windows.HWND
	origin image.Point // of the desktop, in the system's coordinates
	bits   bitmap
	shown  bool
	taker  windows.HWND

	mu sync.Mutex
	on func(whiteboard.Input)
}

// bitmap is a picture in memory that windows can be made of.
type bitmap struct {
	dc, handle uintptr
	pixels     []byte // blue, green, red, alpha; colours multiplied by alpha
	size       image.Point
}

var (
	user32 = windows.NewLazySystemDLL("user32.dll")
	gdi32  = windows.NewLazySystemDLL("gdi32.dll")

	procRegisterClassEx     = user32.NewProc("RegisterClassExW")
	procCreateWindowEx      = user32.NewProc("CreateWindowExW")
	procDefWindowProc       = user32.NewProc("DefWindowProcW")
	procDestroyWindow       = user32.NewProc("DestroyWindow")
	procGetMessage          = user32.NewProc("GetMessageW")
	procTranslateMessage    = user32.NewProc("TranslateMessage")
	procDispatchMessage     = user32.NewProc("DispatchMessageW")
	procPostThreadMessage   = user32.NewProc("PostThreadMessageW")
	procShowWindow          = user32.NewProc("ShowWindow")
	procSetWindowPos        = user32.NewProc("SetWindowPos")
	procGetSystemMetrics    = user32.NewProc("GetSystemMetrics")
	procUpdateLayeredWindow = user32.NewProc("UpdateLayeredWindow")
	procSetLayered          = user32.NewProc("SetLayeredWindowAttributes")
	procLoadCursor          = user32.NewProc("LoadCursorW")
	procCreateCompatibleDC  = gdi32.NewProc("CreateCompatibleDC")
	procDeleteDC            = gdi32.NewProc("DeleteDC")
	procCreateDIBSection    = gdi32.NewProc("CreateDIBSection")
	procSelectObject        = gdi32.NewProc("SelectObject")
	procDeleteObject        = gdi32.NewProc("DeleteObject")
)

// Numbers of the Windows headers.
const (
	wsPopup                                                   = 0x80000000
	exTopmost, exTransparent, exTool, exLayered, exNoActivate = 0x8, 0x20, 0x80, 0x80000, 0x08000000
	wmApp, wmQuit                                             = 0x8000, 0x12
	wmMouseMove, wmLeftDown, wmLeftUp, wmRightDown, wmRightUp = 0x200, 0x201, 0x202, 0x204, 0x205
	wmMiddleDown, wmMiddleUp                                  = 0x207, 0x208
	showNoActivate, hide                                      = 4, 0
	metricX, metricY                                          = 76, 77 // of the virtual screen
	metricWidth, metricHeight                                 = 78, 79
	ulwAlpha, lwaAlpha                                        = 2, 2
	posNoSize, posNoMove, posNoActivate                       = 1, 2, 0x10
	cursorCross                                               = 32515
	topmost                                                   = ^uintptr(0) // HWND_TOPMOST
)

type wndClass struct {
	size, style                        uint32
	proc                               uintptr
	clsExtra, wndExtra                 int32
	instance, icon, cursor, background uintptr
	menu, name                         *uint16
	smallIcon                          uintptr
}

type point struct{ x, y int32 }

type message struct {
	window  uintptr
	message uint32
	wParam  uintptr
	lParam  uintptr
	time    uint32
	at      point
	private uint32
}

type bitmapInfo struct {
	size                         uint32
	width, height                int32
	planes, bits                 uint16
	compression, imageSize       uint32
	xPerMeter, yPerMeter         int32
	used, important, firstColour uint32
}

func open(Options) (surface, error) {
	s := &winSurface{calls: make(chan func(), 16), gone: make(chan struct{})}
	ready := make(chan error, 1)
	go s.run(ready)
	if err := <-ready; err != nil {
		<-s.gone
		return nil, err
	}
	return s, nil
}

// run makes the window and handles messages until close.
func (s *winSurface) run(ready chan<- error) {
	defer close(s.gone)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s.thread = windows.GetCurrentThreadId()
	name, err := windows.UTF16PtrFromString(fmt.Sprintf("HandrailOverlay%p", s))
	if err != nil {
		ready <- err
		return
	}
	cursor, _, _ := procLoadCursor.Call(0, cursorCross)
	class := wndClass{proc: windows.NewCallback(s.handle), cursor: cursor, name: name}
	class.size = uint32(unsafe.Sizeof(class))
	if atom, _, err := procRegisterClassEx.Call(uintptr(unsafe.Pointer(&class))); atom == 0 {
		ready <- fmt.Errorf("%w: %w", ErrUnsupported, err)
		return
	}
	s.window, err = create(name, exTopmost|exTransparent|exTool|exLayered|exNoActivate)
	if err == nil {
		s.taker, err = create(name, exTopmost|exTool|exLayered|exNoActivate)
	}
	ready <- err
	if err != nil {
		return
	}
	procSetLayered.Call(uintptr(s.taker), 0, 1, lwaAlpha) // of 255: nobody sees it, and it still gets clicks
	s.loop()
	procDestroyWindow.Call(uintptr(s.window))
	procDestroyWindow.Call(uintptr(s.taker))
	s.bits.free()
}

func create(class *uint16, style uintptr) (windows.HWND, error) {
	window, _, err := procCreateWindowEx.Call(style, uintptr(unsafe.Pointer(class)), 0, wsPopup, 0, 0, 1, 1, 0, 0, 0, 0)
	if window == 0 {
		return 0, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	return windows.HWND(window), nil
}

func (s *winSurface) loop() {
	var m message
	for {
		got, _, _ := procGetMessage.Call(uintptr(unsafe.Pointer(&m)), 0, 0, 0)
		if int32(got) <= 0 {
			return
		}
		if m.window == 0 && m.message == wmApp {
			(<-s.calls)()
			continue
		}
		procTranslateMessage.Call(uintptr(unsafe.Pointer(&m)))
		procDispatchMessage.Call(uintptr(unsafe.Pointer(&m)))
	}
}

// do runs something on the windows' thread and waits for it.
func (s *winSurface) do(fn func() error) error {
	done := make(chan error, 1)
	select {
	case s.calls <- func() { done <- fn() }:
	case <-s.gone:
		return ErrClosed
	}
	procPostThreadMessage.Call(uintptr(s.thread), wmApp, 0, 0)
	select {
	case err := <-done:
		return err
	case <-s.gone:
		return ErrClosed
	}
}

// handle is called for what happens to the windows.
func (s *winSurface) handle(window, what, wParam, lParam uintptr) uintptr {
	in := whiteboard.Input{X: int(int16(lParam)), Y: int(int16(lParam >> 16))} // the taker begins where the desktop does
	switch what {
	case wmMouseMove:
	case wmLeftDown, wmLeftUp:
		in.Button, in.Pressed = 1, what == wmLeftDown
	case wmMiddleDown, wmMiddleUp:
		in.Button, in.Pressed = 2, what == wmMiddleDown
	case wmRightDown, wmRightUp:
		in.Button, in.Pressed = 3, what == wmRightDown
	default:
		result, _, _ := procDefWindowProc.Call(window, what, wParam, lParam)
		return result
	}
	s.mu.Lock()
	on := s.on
	s.mu.Unlock()
	if on != nil {
		on(in)
	}
	return 0
}

func (s *winSurface) hard() bool { return false }

func (s *winSurface) stale() bool { return false }

func metric(n uintptr) int {
	v, _, _ := procGetSystemMetrics.Call(n)
	return int(int32(v))
}

func (s *winSurface) resize(width, height int) error {
	return s.do(func() error {
		s.origin = image.Pt(metric(metricX), metric(metricY))
		s.bits.free()
		return s.bits.make(width, height)
	})
}

func (s *winSurface) present(img *image.RGBA, changed []image.Rectangle, empty bool) error {
	return s.do(func() error {
		for _, r := range changed {
			s.bits.copy(img, r)
		}
		if empty {
			s.shown = false
			procShowWindow.Call(uintptr(s.window), hide)
			return nil
		}
		at := point{int32(s.origin.X), int32(s.origin.Y)}
		size := point{int32(s.bits.size.X), int32(s.bits.size.Y)}
		var from point
		blend := uint32(0) | 0<<8 | 255<<16 | 1<<24 // AC_SRC_OVER, no flags, opaque, AC_SRC_ALPHA
		ok, _, err := procUpdateLayeredWindow.Call(uintptr(s.window), 0, uintptr(unsafe.Pointer(&at)), uintptr(unsafe.Pointer(&size)),
			s.bits.dc, uintptr(unsafe.Pointer(&from)), 0, uintptr(unsafe.Pointer(&blend)), ulwAlpha)
		if ok == 0 {
			return fmt.Errorf("drawing over the screen: %w", err)
		}
		if !s.shown {
			s.shown = true
			procShowWindow.Call(uintptr(s.window), showNoActivate)
		}
		procSetWindowPos.Call(uintptr(s.window), topmost, 0, 0, 0, 0, posNoSize|posNoMove|posNoActivate)
		return nil
	})
}

func (b *bitmap) make(width, height int) error {
	info := bitmapInfo{width: int32(width), height: -int32(height), planes: 1, bits: 32}
	info.size = uint32(unsafe.Offsetof(info.firstColour))
	b.dc, _, _ = procCreateCompatibleDC.Call(0)
	var pixels unsafe.Pointer
	var err error
	b.handle, _, err = procCreateDIBSection.Call(b.dc, uintptr(unsafe.Pointer(&info)), 0, uintptr(unsafe.Pointer(&pixels)), 0, 0)
	if b.dc == 0 || b.handle == 0 {
		return fmt.Errorf("drawing over the screen: %w", err)
	}
	procSelectObject.Call(b.dc, b.handle)
	b.pixels = unsafe.Slice((*byte)(pixels), 4*width*height)
	b.size = image.Pt(width, height)
	return nil
}

func (b *bitmap) copy(img *image.RGBA, r image.Rectangle) {
	r = r.Intersect(image.Rectangle{Max: b.size})
	for y := r.Min.Y; y < r.Max.Y; y++ {
		from := img.Pix[img.PixOffset(r.Min.X, y):][:4*r.Dx()]
		to := b.pixels[4*(y*b.size.X+r.Min.X):]
		for x := 0; x < len(from); x += 4 {
			to[x], to[x+1], to[x+2], to[x+3] = from[x+2], from[x+1], from[x], from[x+3]
		}
	}
}

func (b *bitmap) free() {
	if b.dc != 0 {
		procDeleteDC.Call(b.dc)
		procDeleteObject.Call(b.handle)
	}
	*b = bitmap{}
}

func (s *winSurface) grab(below uintptr, on func(whiteboard.Input)) error {
	s.mu.Lock()
	s.on = on
	s.mu.Unlock()
	return s.do(func() error {
		if on == nil {
			procShowWindow.Call(uintptr(s.taker), hide)
			return nil
		}
		after := topmost
		if below != 0 {
			after = below
		}
		x, y := metric(metricX), metric(metricY)
		procSetWindowPos.Call(uintptr(s.taker), after, uintptr(x), uintptr(y), uintptr(metric(metricWidth)), uintptr(metric(metricHeight)), posNoActivate)
		procShowWindow.Call(uintptr(s.taker), showNoActivate)
		return nil
	})
}

func (s *winSurface) close() {
	procPostThreadMessage.Call(uintptr(s.thread), wmQuit, 0, 0)
	<-s.gone
}
