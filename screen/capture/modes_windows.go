package capture

import (
	"fmt"
	"image"
	"slices"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"

	"handrail/screen"
)

var (
	enumDisplayDevices    = user32.NewProc("EnumDisplayDevicesW")
	enumDisplaySettings   = user32.NewProc("EnumDisplaySettingsW")
	changeDisplaySettings = user32.NewProc("ChangeDisplaySettingsExW")
)

// Numbers of wingdi.h and winuser.h.
const (
	deviceAttached  = 1          // DISPLAY_DEVICE_ATTACHED_TO_DESKTOP
	currentSettings = 0xFFFFFFFF // ENUM_CURRENT_SETTINGS
	whileWeRun      = 4          // CDS_FULLSCREEN: Windows takes it back when this program ends, however it ends

	fieldBits, fieldWidth, fieldHeight, fieldFrequency = 0x40000, 0x80000, 0x100000, 0x400000
)

// displayDevice is DISPLAY_DEVICEW.
type displayDevice struct {
	size   uint32
	name   [32]uint16
	title  [128]uint16
	flags  uint32
	id     [128]uint16
	regKey [128]uint16
}

// deviceMode is DEVMODEW as it is for displays.
type deviceMode struct {
	device           [32]uint16
	version, driver  uint16
	size, extra      uint16
	fields           uint32
	x, y             int32
	orientation      uint32
	fixedOutput      uint32
	_                [5]int16
	form             [32]uint16
	logPixels        uint16
	bits             uint32
	width, height    uint32
	flags, frequency uint32
	_                [8]uint32
}

// modes changes the resolution of monitors. Windows itself puts it back when this program is killed. Safe for concurrent
// use.
type modes struct {
	mu      sync.Mutex
	devices map[string]string // Windows' names of the monitors, by ours
	known   []screen.Monitor  // for which list was made
	list    []screen.Mode
	changed map[string]bool // Windows' names
}

// of lists the resolutions of monitors, whose desktop's top left pixel is at origin.
func (m *modes) of(monitors []screen.Monitor, origin image.Point) []screen.Mode {
	m.mu.Lock()
	defer m.mu.Unlock()
	if slices.Equal(monitors, m.known) {
		return m.list
	}
	m.known, m.list, m.devices = slices.Clone(monitors), nil, map[string]string{}
	for _, device := range attachedDevices() {
		now, ok := settings(device, currentSettings)
		if !ok {
			continue
		}
		at := image.Pt(int(now.x), int(now.y)).Sub(origin)
		i := slices.IndexFunc(monitors, func(s screen.Monitor) bool { return s.Bounds.Min == at })
		if i < 0 {
			continue
		}
		m.devices[monitors[i].Name] = device
		m.list = append(m.list, sizes(monitors[i].Name, device, now)...)
	}
	m.list = m.list[:min(len(m.list), screen.MaxModes)]
	return m.list
}

// attachedDevices are Windows' names of the outputs that are part of the desktop.
func attachedDevices() (names []string) {
	for i := uintptr(0); ; i++ {
		d := displayDevice{size: uint32(unsafe.Sizeof(displayDevice{}))}
		if ok, _, _ := syscall.SyscallN(enumDisplayDevices.Addr(), 0, i, uintptr(unsafe.Pointer(&d)), 0); ok == 0 {
			return names
		}
		if d.flags&deviceAttached != 0 {
			names = append(names, windows.UTF16ToString(d.name[:]))
		}
	}
}

// settings is one of a device's modes, by number, or the present one.
func settings(device string, number uint32) (mode deviceMode, ok bool) {
	name, err := windows.UTF16PtrFromString(device)
	if err != nil {
		return mode, false
	}
	mode.size = uint16(unsafe.Sizeof(mode))
	found, _, _ := syscall.SyscallN(enumDisplaySettings.Addr(), uintptr(unsafe.Pointer(name)), uintptr(number), uintptr(unsafe.Pointer(&mode)))
	return mode, found != 0
}

// sizes are the resolutions of a device in the present depth of colour, the largest first.
func sizes(monitor, device string, now deviceMode) (list []screen.Mode) {
	for i := uint32(0); ; i++ {
		mode, ok := settings(device, i)
		if !ok {
			break
		}
		one := screen.Mode{Monitor: monitor, Width: int(mode.width), Height: int(mode.height)}
		if mode.bits == now.bits && mode.orientation == now.orientation && !slices.Contains(list, one) {
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b screen.Mode) int { return b.Width*b.Height - a.Width*a.Height })
	return list
}

// find is the device's mode with this size and the most pictures a second.
func find(device string, width, height int) (best deviceMode, ok bool) {
	now, _ := settings(device, currentSettings)
	for i := uint32(0); ; i++ {
		mode, there := settings(device, i)
		if !there {
			return best, ok
		}
		if int(mode.width) != width || int(mode.height) != height || mode.bits != now.bits || mode.orientation != now.orientation {
			continue
		}
		if !ok || mode.frequency > best.frequency {
			best, ok = mode, true
		}
	}
}

// SetMode is part of screen.ModeSetter.
func (m *modes) SetMode(mode screen.Mode) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	device, ok := m.devices[mode.Monitor]
	if !ok {
		return fmt.Errorf("the resolution cannot be changed: there is no monitor %q", mode.Monitor)
	}
	next, ok := find(device, mode.Width, mode.Height)
	if !ok {
		return fmt.Errorf("the resolution cannot be changed: the monitor %q has none of %d×%d", mode.Monitor, mode.Width, mode.Height)
	}
	next.fields = fieldBits | fieldWidth | fieldHeight | fieldFrequency
	if err := change(device, &next, whileWeRun); err != nil {
		return err
	}
	if m.changed == nil {
		m.changed = map[string]bool{}
	}
	m.changed[device] = true
	return nil
}

// PutBack is part of screen.ModeSetter.
func (m *modes) PutBack() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var failed error
	for device := range m.changed {
		if err := change(device, nil, 0); err != nil { // no mode: what the person has chosen
			failed = err
			continue
		}
		delete(m.changed, device)
	}
	return failed
}

func change(device string, mode *deviceMode, how uintptr) error {
	name, err := windows.UTF16PtrFromString(device)
	if err != nil {
		return err
	}
	result, _, _ := syscall.SyscallN(changeDisplaySettings.Addr(), uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(mode)), 0, how, 0)
	if result != 0 {
		return fmt.Errorf("the resolution cannot be changed: Windows says %d", int32(result))
	}
	return nil
}
