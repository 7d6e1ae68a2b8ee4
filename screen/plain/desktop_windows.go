package plain

import (
	"fmt"
	"strconv"
	"unsafe"

	"golang.org/x/sys/windows"
)

var systemParameters = windows.NewLazySystemDLL("user32.dll").NewProc("SystemParametersInfoW")

// From winuser.h. Changes are sent to all windows, and not written to the person's profile: signing out undoes them.
const (
	spiGetDragFull, spiSetDragFull           = 0x0026, 0x0025 // windows are dragged with their content
	spiGetAnimation, spiSetAnimation         = 0x0048, 0x0049 // windows fly to the taskbar
	spiGetWallpaper, spiSetWallpaper         = 0x0073, 0x0014
	spiGetUIEffects, spiSetUIEffects         = 0x103E, 0x103F // fading, sliding, shadows
	spiGetClientAnimation, spiSetClientAnima = 0x1042, 0x1043 // animations inside windows
	sendChange                               = 2
)

const off = "0"

// open gives the knobs of Windows' desktop.
func open() (*bench, error) {
	return &bench{close: func() {}, knobs: []knob{
		{name: "wallpaper", kind: Wallpaper, plain: "", read: readWallpaper, write: writeWallpaper},
		{name: "effects", kind: Effects, plain: off, read: reads(spiGetUIEffects), write: writesPointer(spiSetUIEffects)},
		{name: "animations", kind: Effects, plain: off, read: reads(spiGetClientAnimation), write: writesPointer(spiSetClientAnima)},
		{name: "dragging", kind: Effects, plain: off, read: reads(spiGetDragFull), write: func(value string) error {
			n, err := number(value)
			if err != nil {
				return err
			}
			return parameters(spiSetDragFull, n, nil)
		}},
		{name: "minimising", kind: Effects, plain: off, read: readAnimation, write: writeAnimation},
	}}, nil
}

func parameters(action, n uintptr, p unsafe.Pointer) error {
	flags := uintptr(0)
	switch action {
	case spiSetDragFull, spiSetAnimation, spiSetWallpaper, spiSetUIEffects, spiSetClientAnima:
		flags = sendChange
	}
	done, _, err := systemParameters.Call(action, n, uintptr(p), flags)
	if done == 0 {
		return fmt.Errorf("SystemParametersInfo 0x%x: %w", action, err)
	}
	return nil
}

func number(value string) (uintptr, error) {
	n, err := strconv.ParseUint(value, 10, 31)
	return uintptr(n), err
}

// reads gives a reader of a value that Windows keeps as a BOOL.
func reads(action uintptr) func() (string, error) {
	return func() (string, error) {
		var on int32
		err := parameters(action, 0, unsafe.Pointer(&on))
		return strconv.Itoa(int(on)), err
	}
}

// writesPointer gives a writer of a value that Windows takes in place of a pointer.
func writesPointer(action uintptr) func(string) error {
	return func(value string) error {
		n, err := number(value)
		if err != nil {
			return err
		}
		done, _, err := systemParameters.Call(action, 0, n, sendChange)
		if done == 0 {
			return fmt.Errorf("SystemParametersInfo 0x%x: %w", action, err)
		}
		return nil
	}
}

// maxPath is how many UTF-16 units a wallpaper's path may have: the most that Windows gives.
const maxPath = 32767

func readWallpaper() (string, error) {
	path := make([]uint16, maxPath)
	err := parameters(spiGetWallpaper, uintptr(len(path)), unsafe.Pointer(&path[0]))
	return windows.UTF16ToString(path), err
}

func writeWallpaper(value string) error {
	path, err := windows.UTF16PtrFromString(value)
	if err != nil {
		return err
	}
	return parameters(spiSetWallpaper, 0, unsafe.Pointer(path))
}

// animationInfo is Windows' ANIMATIONINFO.
type animationInfo struct {
	size     uint32
	minimise int32
}

func readAnimation() (string, error) {
	info := animationInfo{size: uint32(unsafe.Sizeof(animationInfo{}))}
	err := parameters(spiGetAnimation, uintptr(info.size), unsafe.Pointer(&info))
	return strconv.Itoa(int(info.minimise)), err
}

func writeAnimation(value string) error {
	n, err := number(value)
	if err != nil {
		return err
	}
	info := animationInfo{size: uint32(unsafe.Sizeof(animationInfo{})), minimise: int32(n)}
	return parameters(spiSetAnimation, uintptr(info.size), unsafe.Pointer(&info))
}
