package clipboard

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"

	"handrail/screen"
)

// board is Windows' clipboard. Its window, which nobody sees, belongs to one thread; what must be done there is sent to it.
type board struct {
	on     func(screen.Clip)
	window uintptr
	png    uintptr // the registered format "PNG"
	secret uintptr // the registered format of what is not for programs like this one
	calls  chan func()
	gone   chan struct{}

	mu   sync.Mutex
	clip screen.Clip // what was set, or read last: does not come back
}

var (
	procRegisterClass  = user32.NewProc("RegisterClassExW")
	procCreateWindow   = user32.NewProc("CreateWindowExW")
	procDestroyWindow  = user32.NewProc("DestroyWindow")
	procDefWindow      = user32.NewProc("DefWindowProcW")
	procGetMessage     = user32.NewProc("GetMessageW")
	procDispatch       = user32.NewProc("DispatchMessageW")
	procPostMessage    = user32.NewProc("PostMessageW")
	procAddListener    = user32.NewProc("AddClipboardFormatListener")
	procRemoveListener = user32.NewProc("RemoveClipboardFormatListener")
	procRegisterFormat = user32.NewProc("RegisterClipboardFormatW")
	procHas            = user32.NewProc("IsClipboardFormatAvailable")
	procOwner          = user32.NewProc("GetClipboardOwner")

	procSize = kernel32.NewProc("GlobalSize")
)

// From winuser.h.
const (
	formatDIB, formatText = 8, 13
	messageOnly           = ^uintptr(2) // HWND_MESSAGE
	msgClose              = 0x0010
	msgUpdate             = 0x031d
	msgApp                = 0x8000
)

type wndClass struct {
	size, style                        uint32
	proc                               uintptr
	clsExtra, wndExtra                 int32
	instance, icon, cursor, background uintptr
	menu, name                         *uint16
	smallIcon                          uintptr
}

func open(_ Options, on func(screen.Clip)) (screen.Clipboard, error) {
	b := &board{on: on, calls: make(chan func(), 1), gone: make(chan struct{})}
	ready := make(chan error)
	go b.run(ready)
	if err := <-ready; err != nil {
		<-b.gone
		return nil, fmt.Errorf("the clipboard cannot be used: %w", err)
	}
	return b, nil
}

// run makes the window and handles its messages until Close.
func (b *board) run(ready chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(b.gone)
	if err := b.setUp(); err != nil {
		ready <- err
		return
	}
	ready <- nil
	var message [64]byte
	for {
		got, _, _ := procGetMessage.Call(uintptr(unsafe.Pointer(&message)), b.window, 0, 0)
		if int32(got) <= 0 || *(*uint32)(unsafe.Pointer(&message[8])) == msgClose {
			break
		}
		_, _, _ = procDispatch.Call(uintptr(unsafe.Pointer(&message)))
	}
	_, _, _ = procRemoveListener.Call(b.window)
	_, _, _ = procDestroyWindow.Call(b.window)
}

func (b *board) setUp() error {
	name, err := windows.UTF16PtrFromString(fmt.Sprintf("HandrailClipboard%p", b))
	if err != nil {
		return err
	}
	class := wndClass{proc: windows.NewCallback(b.handle), name: name}
	class.size = uint32(unsafe.Sizeof(class))
	if atom, _, err := procRegisterClass.Call(uintptr(unsafe.Pointer(&class))); atom == 0 {
		return err
	}
	window, _, err := procCreateWindow.Call(0, uintptr(unsafe.Pointer(name)), 0, 0, 0, 0, 0, 0, messageOnly, 0, 0, 0)
	if window == 0 {
		return err
	}
	b.window = window
	b.png = register("PNG")
	b.secret = register("ExcludeClipboardContentFromMonitorProcessing")
	if ok, _, err := procAddListener.Call(window); ok == 0 {
		return err
	}
	return nil
}

func register(name string) uintptr {
	p, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return 0
	}
	format, _, _ := procRegisterFormat.Call(uintptr(unsafe.Pointer(p)))
	return format
}

// handle is called for the window's messages.
func (b *board) handle(window, what, wParam, lParam uintptr) uintptr {
	switch what {
	case msgUpdate:
		if owner, _, _ := procOwner.Call(); owner != window {
			b.read()
		}
		return 0
	case msgApp:
		(<-b.calls)()
		return 0
	}
	result, _, _ := procDefWindow.Call(window, what, wParam, lParam)
	return result
}

// What others may take to let go of the clipboard, which one program has at a time.
const (
	openTries = 20
	openPause = 10 * time.Millisecond
)

// access opens the clipboard for fn.
func (b *board) access(fn func() error) error {
	for try := 1; ; try++ {
		ok, _, err := openClipboard.Call(b.window)
		if ok != 0 {
			break
		}
		if try == openTries {
			return fmt.Errorf("another program keeps the clipboard: %w", err)
		}
		time.Sleep(openPause)
	}
	defer func() { _, _, _ = closeClipboard.Call() }()
	return fn()
}

// read passes on what others have copied.
func (b *board) read() {
	var clip screen.Clip
	err := b.access(func() error {
		if has(b.secret) {
			return nil
		}
		clip = b.best()
		return nil
	})
	if err != nil || clip.Check() != nil {
		return
	}
	b.mu.Lock()
	known := b.clip.Equal(clip)
	b.clip = clip
	b.mu.Unlock()
	if !known {
		b.on(clip)
	}
}

// best is the clip in its best form: text where there is text, because what gives text may give a picture of it as well.
func (b *board) best() screen.Clip {
	switch {
	case has(formatText):
		data := get(formatText, 2*screen.MaxClipText+2)
		units := make([]uint16, len(data)/2)
		for i := range units {
			units[i] = binary.LittleEndian.Uint16(data[2*i:])
		}
		for i, u := range units {
			if u == 0 {
				units = units[:i]
				break
			}
		}
		return screen.Clip{Text: strings.ReplaceAll(string(utf16.Decode(units)), "\r\n", "\n")}
	case has(b.png):
		return screen.Clip{PNG: get(b.png, screen.MaxClipPNG)}
	case has(formatDIB):
		return screen.Clip{PNG: fromDIB(get(formatDIB, maxDIB))}
	}
	return screen.Clip{}
}

// maxDIB is the largest picture in bytes, without compression, that is looked at.
const maxDIB = 80 << 20

func has(format uintptr) bool {
	ok, _, _ := procHas.Call(format)
	return ok != 0
}

// get is a copy of what the open clipboard has in a format; nil if there is more than most bytes.
func get(format uintptr, most int) []byte {
	handle, _, _ := getData.Call(format)
	if handle == 0 {
		return nil
	}
	size, _, _ := procSize.Call(handle)
	if size == 0 || size > uintptr(most) {
		return nil
	}
	at, _, _ := globalLock.Call(handle)
	if at == 0 {
		return nil
	}
	defer func() { _, _, _ = globalUnlock.Call(handle) }()
	return bytes.Clone(unsafe.Slice((*byte)(pointer(at)), size))
}

// pointer is an address that Windows has given; it is no memory of Go's.
func pointer(at uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&at)) }

// put gives the open clipboard a copy of data.
func put(format uintptr, data []byte) error {
	handle, _, err := globalAlloc.Call(moveable, uintptr(len(data)))
	if handle == 0 {
		return err
	}
	at, _, err := globalLock.Call(handle)
	if at == 0 {
		_, _, _ = globalFree.Call(handle)
		return err
	}
	copy(unsafe.Slice((*byte)(pointer(at)), len(data)), data)
	_, _, _ = globalUnlock.Call(handle)
	if ok, _, err := setData.Call(format, handle); ok == 0 {
		_, _, _ = globalFree.Call(handle)
		return err
	}
	return nil // the memory is the clipboard's now
}

// Set is part of screen.Clipboard.
func (b *board) Set(clip screen.Clip) error {
	if err := clip.Check(); err != nil {
		return err
	}
	var dib []byte
	if len(clip.PNG) > 0 {
		var err error
		if dib, err = toDIB(clip.PNG); err != nil {
			return err
		}
	}
	b.mu.Lock()
	b.clip = clip
	b.mu.Unlock()
	done := make(chan error, 1)
	select {
	case b.calls <- func() { done <- b.access(func() error { return b.write(clip, dib) }) }:
	case <-b.gone:
		return fmt.Errorf("the clipboard is closed")
	}
	_, _, _ = procPostMessage.Call(b.window, msgApp, 0, 0)
	select {
	case err := <-done:
		return err
	case <-b.gone:
		return fmt.Errorf("the clipboard is closed")
	}
}

func (b *board) write(clip screen.Clip, dib []byte) error {
	if ok, _, err := emptyClipboard.Call(); ok == 0 {
		return err
	}
	if len(clip.PNG) > 0 {
		if err := put(b.png, clip.PNG); err != nil {
			return err
		}
		if dib == nil {
			return nil
		}
		return put(formatDIB, dib)
	}
	text := strings.ReplaceAll(strings.ReplaceAll(clip.Text, "\r\n", "\n"), "\n", "\r\n")
	data := make([]byte, 0, 2*len(text)+2)
	for _, u := range utf16.Encode([]rune(text)) {
		data = binary.LittleEndian.AppendUint16(data, u)
	}
	return put(formatText, append(data, 0, 0))
}

// Close is part of screen.Clipboard. What was set stays on Windows' clipboard.
func (b *board) Close() error {
	_, _, _ = procPostMessage.Call(b.window, msgClose, 0, 0)
	<-b.gone
	return nil
}
