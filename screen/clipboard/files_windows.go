package clipboard

import (
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"

	"handrail/screen"
)

var (
	user32   = windows.NewLazySystemDLL("user32.dll")
	kernel32 = windows.NewLazySystemDLL("kernel32.dll")
	shell32  = windows.NewLazySystemDLL("shell32.dll")

	openClipboard   = user32.NewProc("OpenClipboard")
	closeClipboard  = user32.NewProc("CloseClipboard")
	emptyClipboard  = user32.NewProc("EmptyClipboard")
	getData         = user32.NewProc("GetClipboardData")
	setData         = user32.NewProc("SetClipboardData")
	sequenceNumber  = user32.NewProc("GetClipboardSequenceNumber")
	globalAlloc     = kernel32.NewProc("GlobalAlloc")
	globalFree      = kernel32.NewProc("GlobalFree")
	globalLock      = kernel32.NewProc("GlobalLock")
	globalUnlock    = kernel32.NewProc("GlobalUnlock")
	moveMemory      = kernel32.NewProc("RtlMoveMemory")
	dragQueryFile   = shell32.NewProc("DragQueryFileW")
	errClipboardSet = errors.New("the files cannot be put on the clipboard")
)

const (
	formatFiles = 15 // CF_HDROP
	moveable    = 2  // GMEM_MOVEABLE
	lookEvery   = 500 * time.Millisecond
	tries       = 10 // another program may have the clipboard open for a moment
)

// fileBoard looks at the clipboard's number, which changes with its contents. That takes no window and no message loop.
type fileBoard struct {
	on   func([]string)
	stop chan struct{}
	gone chan struct{}
	once sync.Once

	mu     sync.Mutex
	number uintptr // of the contents that were seen or set last
}

func openFiles(_ Options, on func([]string)) (screen.FileClipboard, error) {
	b := &fileBoard{on: on, stop: make(chan struct{}), gone: make(chan struct{})}
	go b.run()
	return b, nil
}

// Close is part of screen.FileClipboard.
func (b *fileBoard) Close() error {
	b.once.Do(func() { close(b.stop) })
	<-b.gone
	return nil
}

func (b *fileBoard) run() {
	defer close(b.gone)
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	var before []string
	for {
		if b.changed() {
			if paths, err := readFiles(); err == nil && !slices.Equal(paths, before) {
				before = paths
				b.on(paths)
			}
		}
		select {
		case <-b.stop:
			return
		case <-ticker.C:
		}
	}
}

func (b *fileBoard) changed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	number, _, _ := sequenceNumber.Call()
	changed := number != b.number
	b.number = number
	return changed
}

// withClipboard opens the clipboard for fn, which belongs to one thread meanwhile.
func withClipboard(fn func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for range tries {
		if ok, _, _ := openClipboard.Call(0); ok != 0 {
			defer closeClipboard.Call()
			return fn()
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.New("another program keeps the clipboard to itself")
}

// readFiles gives the files on the clipboard; none is no error.
func readFiles() (paths []string, err error) {
	err = withClipboard(func() error {
		list, _, _ := getData.Call(formatFiles)
		if list == 0 {
			return nil
		}
		count, _, _ := dragQueryFile.Call(list, 0xFFFFFFFF, 0, 0)
		for i := range min(count, screen.MaxClipFiles) {
			length, _, _ := dragQueryFile.Call(list, i, 0, 0)
			name := make([]uint16, length+1)
			if n, _, _ := dragQueryFile.Call(list, i, uintptr(unsafe.Pointer(&name[0])), length+1); n > 0 {
				paths = append(paths, windows.UTF16ToString(name))
			}
		}
		return nil
	})
	return paths, err
}

// SetFiles is part of screen.FileClipboard.
func (b *fileBoard) SetFiles(paths []string) error {
	if len(paths) == 0 {
		return errNoFiles
	}
	if len(paths) > screen.MaxClipFiles {
		return errTooMany
	}
	data := dropFiles(paths)
	b.mu.Lock()
	defer b.mu.Unlock()
	err := withClipboard(func() error {
		memory, _, _ := globalAlloc.Call(moveable, uintptr(len(data)))
		if memory == 0 {
			return errClipboardSet
		}
		at, _, _ := globalLock.Call(memory)
		if at == 0 {
			globalFree.Call(memory)
			return errClipboardSet
		}
		moveMemory.Call(at, uintptr(unsafe.Pointer(&data[0])), uintptr(len(data)))
		globalUnlock.Call(memory)
		emptyClipboard.Call()
		if ok, _, _ := setData.Call(formatFiles, memory); ok == 0 { // else the memory is the system's now
			globalFree.Call(memory)
			return errClipboardSet
		}
		return nil
	})
	b.number, _, _ = sequenceNumber.Call()
	return err
}

// dropFiles writes paths as the system keeps them: DROPFILES (offset of the names u32, a point, two booleans, of
// which the last says UTF-16), then the names, each with a zero behind it, and another zero.
func dropFiles(paths []string) []byte {
	const header = 20
	data := make([]byte, header)
	binary.LittleEndian.PutUint32(data, header)
	binary.LittleEndian.PutUint32(data[16:], 1)
	for _, p := range paths {
		for _, u := range utf16.Encode([]rune(p)) {
			data = binary.LittleEndian.AppendUint16(data, u)
		}
		data = append(data, 0, 0)
	}
	return append(data, 0, 0)
}
