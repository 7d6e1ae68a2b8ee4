package input

import (
	"fmt"
	"maps"
	"slices"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"

	"handrail/screen"
)

// sendInput is a device by Windows' function of that name.
type sendInput struct {
	pressed map[uint32]keyboardInput // keys that are down, by their keysyms
}

var (
	user32            = windows.NewLazySystemDLL("user32.dll")
	procSendInput     = user32.NewProc("SendInput")
	procGetMetrics    = user32.NewProc("GetSystemMetrics")
	procVkKeyScan     = user32.NewProc("VkKeyScanExW")
	procMapVirtualKey = user32.NewProc("MapVirtualKeyExW")
	procGetLayout     = user32.NewProc("GetKeyboardLayout")
	procDesktopWindow = user32.NewProc("GetDesktopWindow")
)

func open(Options) (screen.Injector, error) {
	if window, _, _ := procDesktopWindow.Call(); window == 0 {
		return nil, fmt.Errorf("there is no screen: this program runs without a desktop")
	}
	return &guarded{plain: newPlain(&sendInput{pressed: map[uint32]keyboardInput{}})}, nil
}

// From winuser.h.
const (
	inputMouse, inputKeyboard = 0, 1

	mouseMove, mouseAbsolute, mouseVirtualDesk = 0x0001, 0x8000, 0x4000
	mouseWheel, mouseHWheel                    = 0x0800, 0x1000

	keyExtended, keyUp, keyUnicode = 0x0001, 0x0002, 0x0004
)

// mouseInput and keyboardInput are the two shapes of INPUT; both have its size. What follows the kind is a union that is
// aligned like a pointer.
type mouseInput struct {
	kind   uint32
	_      [pointerSize - 4]byte
	dx, dy int32
	data   uint32
	flags  uint32
	time   uint32
	extra  uintptr
}

const pointerSize = unsafe.Sizeof(uintptr(0))

type keyboardInput struct {
	kind  uint32
	_     [pointerSize - 4]byte
	vk    uint16
	scan  uint16
	flags uint32
	time  uint32
	extra uintptr
	_     [8]byte
}

// Windows refuses every input of another size, so a mistake must not compile.
var _ [unsafe.Sizeof(mouseInput{})]byte = [unsafe.Sizeof(keyboardInput{})]byte{}

func send(first unsafe.Pointer, n int) error {
	sent, _, err := procSendInput.Call(uintptr(n), uintptr(first), unsafe.Sizeof(mouseInput{}))
	if int(sent) != n {
		return fmt.Errorf("Windows did not take the input (a window of an administrator's may be in front): %w", err)
	}
	return nil
}

func sendMouse(m mouseInput) error {
	m.kind = inputMouse
	return send(unsafe.Pointer(&m), 1)
}

func (*sendInput) move(x, y int) error {
	const widthMetric, heightMetric = 78, 79 // of all monitors together, whose top left is our (0, 0)
	w, _, _ := procGetMetrics.Call(widthMetric)
	h, _, _ := procGetMetrics.Call(heightMetric)
	return sendMouse(mouseInput{
		dx: normalised(x, int(w)), dy: normalised(y, int(h)), flags: mouseMove | mouseAbsolute | mouseVirtualDesk,
	})
}

// normalised is a position as SendInput takes it: 0 to 65535 from one edge to the other, in a pixel's middle.
func normalised(at, size int) int32 {
	size = max(size, 1)
	at = min(max(at, 0), size-1)
	return int32((at*65536 + 32768) / size)
}

func (*sendInput) button(b screen.Button, down bool) error {
	var m mouseInput
	switch b {
	case screen.ButtonLeft:
		m.flags = 0x0002
	case screen.ButtonRight:
		m.flags = 0x0008
	case screen.ButtonMiddle:
		m.flags = 0x0020
	case screen.ButtonBack:
		m.flags, m.data = 0x0080, 1
	case screen.ButtonForward:
		m.flags, m.data = 0x0080, 2
	default:
		return fmt.Errorf("input: there is no button %d", b)
	}
	if !down {
		m.flags <<= 1 // each button's flag for release follows the one for press
	}
	return sendMouse(m)
}

// scroll needs no conversion: Windows counts 120 parts to a notch as well (WHEEL_DELTA).
func (*sendInput) scroll(dx, dy int) error {
	if dy != 0 {
		if err := sendMouse(mouseInput{flags: mouseWheel, data: uint32(int32(-dy))}); err != nil {
			return err
		}
	}
	if dx != 0 {
		return sendMouse(mouseInput{flags: mouseHWheel, data: uint32(int32(dx))})
	}
	return nil
}

// key releases what was pressed for the keysym, whatever the layout is by now.
func (s *sendInput) key(keysym uint32, down bool) error {
	k, ok := s.pressed[keysym]
	if down {
		k, ok = s.keyOf(keysym)
	}
	if !ok {
		// No key has it: as a character, when pressed.
		if r := screen.RuneOfKeysym(keysym); r != 0 && down {
			return s.text(r)
		}
		return nil
	}
	pressed := k
	if !down {
		k.flags |= keyUp
	}
	if err := send(unsafe.Pointer(&k), 1); err != nil {
		return err
	}
	if down {
		s.pressed[keysym] = pressed
	} else {
		delete(s.pressed, keysym)
	}
	return nil
}

// keyOf is the key for a keysym in the layout of the window in front: each window has its own.
func (s *sendInput) keyOf(keysym uint32) (keyboardInput, bool) {
	layout := layoutInFront()
	shortcut := slices.ContainsFunc(slices.Collect(maps.Keys(s.pressed)), changesShortcuts)
	vk, extended, ok := virtualKey(keysym, shortcut, func(r rune) int16 {
		found, _, _ := procVkKeyScan.Call(uintptr(r), layout)
		return int16(found)
	})
	const vkToScanCode = 0
	scan, _, _ := procMapVirtualKey.Call(uintptr(vk), vkToScanCode, layout)
	k := keyboardInput{kind: inputKeyboard, vk: vk, scan: uint16(scan)}
	if extended {
		k.flags = keyExtended
	}
	return k, ok
}

func layoutInFront() uintptr {
	window, _, _ := procForeground.Call()
	thread, _, _ := procProcessOf.Call(window, 0)
	layout, _, _ := procGetLayout.Call(thread)
	if layout == 0 { // some windows do not tell
		layout, _, _ = procGetLayout.Call(0)
	}
	return layout
}

// place presses a key as a keyboard does: by its scan code alone.
func (*sendInput) place(position uint16, down bool) error {
	const byScanCode = 0x0008
	scan, extended, ok := screen.WindowsScanCode(position)
	if !ok {
		return nil // no such key
	}
	code := uintptr(scan)
	if extended {
		code |= 0xe000
	}
	const scanCodeToVK = 3
	vk, _, _ := procMapVirtualKey.Call(code, scanCodeToVK, layoutInFront()) // Windows finds it itself; Wine wants it
	k := keyboardInput{kind: inputKeyboard, vk: uint16(vk), scan: scan, flags: byScanCode}
	if extended {
		k.flags |= keyExtended
	}
	if !down {
		k.flags |= keyUp
	}
	return send(unsafe.Pointer(&k), 1)
}

func (*sendInput) text(r rune) error {
	units := utf16.AppendRune(nil, r)
	events := make([]keyboardInput, 0, 4)
	for _, u := range units {
		events = append(events, keyboardInput{kind: inputKeyboard, scan: u, flags: keyUnicode})
	}
	for _, u := range units {
		events = append(events, keyboardInput{kind: inputKeyboard, scan: u, flags: keyUnicode | keyUp})
	}
	return send(unsafe.Pointer(&events[0]), len(events))
}
