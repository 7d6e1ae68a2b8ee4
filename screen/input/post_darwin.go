package input

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"

	"handrail/screen"
)

// graphics are functions of macOS (CoreGraphics, CoreFoundation) that make, post and hear events. They are bound when first
// needed, so that this compiles without a Mac. Objects are numbers here; "create" gives one that must be released.
type graphics struct {
	trusted  func() bool                                       // AXIsProcessTrusted
	source   func(state int32) uintptr                         // CGEventSourceCreate
	state    func(state int32) uint64                          // CGEventSourceFlagsState
	create   func(source uintptr) uintptr                      // CGEventCreate
	location func(event uintptr) cgPoint                       // CGEventGetLocation
	flags    func(event uintptr) uint64                        // CGEventGetFlags
	setFlags func(event uintptr, flags uint64)                 // CGEventSetFlags
	number   func(event uintptr, field uint32) int64           // CGEventGetIntegerValueField
	setField func(event uintptr, field uint32, value int64)    // CGEventSetIntegerValueField
	text     func(event, most uintptr, n *uintptr, to *uint16) // CGEventKeyboardGetUnicodeString
	setText  func(event, n uintptr, text *uint16)              // CGEventKeyboardSetUnicodeString
	post     func(tap uint32, event uintptr)                   // CGEventPost
	release  func(object uintptr)                              // CFRelease

	createKey func(source uintptr, key uint16, down bool) uintptr // CGEventCreateKeyboardEvent
	// CGEventCreateMouseEvent. Its CGPoint travels as its two numbers do, by the calling conventions of both kinds of Mac.
	createMouse func(source uintptr, kind uint32, x, y float64, button uint32) uintptr
	createWheel func(source uintptr, units, wheels uint32, y, x, z int32) uintptr // CGEventCreateScrollWheelEvent2

	createTap  func(where, place, options uint32, mask uint64, callback, info uintptr) uintptr // CGEventTapCreate
	enableTap  func(tap uintptr, on bool)                                                      // CGEventTapEnable
	endPort    func(port uintptr)                                                              // CFMachPortInvalidate
	loopSource func(allocator, port uintptr, order int) uintptr                                // CFMachPortCreateRunLoopSource
	loop       func() uintptr                                                                  // CFRunLoopGetCurrent
	addSource  func(loop, source, mode uintptr)                                                // CFRunLoopAddSource
	runLoop    func(mode uintptr, seconds float64, once bool) int32                            // CFRunLoopRunInMode
	stopLoop   func(loop uintptr)                                                              // CFRunLoopStop
	usualMode  uintptr                                                                         // kCFRunLoopDefaultMode

	own uintptr // the source that this program's events are said to come from
}

// cgPoint is CGPoint where CGFloat has 64 bits (CGGeometry.h).
type cgPoint struct{ x, y float64 }

// From CGEventTypes.h and CGEventSource's and CGScrollWheel's headers.
const (
	tapHardware = 0 // kCGHIDEventTap

	sourcePrivate, sourceHardware = -1, 1 // kCGEventSourceState…

	fieldClicks, fieldDeltaX, fieldDeltaY = 1, 4, 5   // kCGMouseEvent…
	fieldKey                              = 9         // kCGKeyboardEventKeycode
	fieldProcess                          = 41        // kCGEventSourceUnixProcessID
	unitPixel                             = uint32(0) // kCGScrollEventUnitPixel
)

var bindGraphics = sync.OnceValues(func() (*graphics, error) {
	const framework = "/System/Library/Frameworks/ApplicationServices.framework/ApplicationServices"
	services, err := purego.Dlopen(framework, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("mouse and keyboard cannot be used: %w", err)
	}
	g := &graphics{}
	for name, fn := range map[string]any{
		"AXIsProcessTrusted":  &g.trusted,
		"CGEventSourceCreate": &g.source, "CGEventSourceFlagsState": &g.state, "CGEventCreate": &g.create,
		"CGEventGetLocation": &g.location, "CGEventGetFlags": &g.flags, "CGEventSetFlags": &g.setFlags,
		"CGEventGetIntegerValueField": &g.number, "CGEventSetIntegerValueField": &g.setField,
		"CGEventKeyboardGetUnicodeString": &g.text, "CGEventKeyboardSetUnicodeString": &g.setText,
		"CGEventPost": &g.post, "CFRelease": &g.release, "CGEventCreateKeyboardEvent": &g.createKey,
		"CGEventCreateMouseEvent": &g.createMouse, "CGEventCreateScrollWheelEvent2": &g.createWheel,
		"CGEventTapCreate": &g.createTap, "CGEventTapEnable": &g.enableTap, "CFMachPortInvalidate": &g.endPort,
		"CFMachPortCreateRunLoopSource": &g.loopSource, "CFRunLoopGetCurrent": &g.loop, "CFRunLoopAddSource": &g.addSource,
		"CFRunLoopRunInMode": &g.runLoop, "CFRunLoopStop": &g.stopLoop,
	} {
		at, err := purego.Dlsym(services, name)
		if err != nil {
			return nil, fmt.Errorf("mouse and keyboard cannot be used: %w", err)
		}
		purego.RegisterFunc(fn, at)
	}
	mode, err := purego.Dlsym(services, "kCFRunLoopDefaultMode")
	if err != nil {
		return nil, fmt.Errorf("mouse and keyboard cannot be used: %w", err)
	}
	g.usualMode = **(**uintptr)(unsafe.Pointer(&mode))
	g.own = g.source(sourceHardware)
	return g, nil
})

// pointer is where the pointer is.
func (g *graphics) pointer() (cgPoint, error) {
	event := g.create(0)
	if event == 0 {
		return cgPoint{}, errNoEvents
	}
	defer g.release(event)
	return g.location(event), nil
}

var errNoEvents = fmt.Errorf("macOS does not make events for this program")

// character is what a key gives alone in the layout of now, 0 for nothing.
func (g *graphics) character(key uint16) rune {
	alone := g.source(sourcePrivate) // in which nothing is held
	if alone != 0 {
		defer g.release(alone)
	}
	event := g.createKey(alone, key, true)
	if event == 0 {
		return 0
	}
	defer g.release(event)
	var units [4]uint16
	var n uintptr
	g.text(event, uintptr(len(units)), &n, &units[0])
	if n != 1 {
		return 0
	}
	return rune(units[0])
}

// mayControl is an obstacle while macOS drops silently what this program injects.
func mayControl() error {
	g, err := bindGraphics()
	if err != nil {
		return err
	}
	if !g.trusted() {
		return &screen.Obstacle{Name: screen.ObstacleMacHands, Sentence: "macOS has not allowed it: please allow this program in " +
			"System Settings, Privacy & Security, Accessibility"}
	}
	return nil
}
