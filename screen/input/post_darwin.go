package input

import (
	"fmt"
	"sync"

	"github.com/ebitengine/purego"

	"handrail/screen"
)

// graphics are functions of macOS that inject keys by their numbers and tell what this program may do. They are bound when
// first needed, so that this file compiles without a Mac.
type graphics struct {
	createKey func(source uintptr, key uint16, down bool) uintptr // CGEventCreateKeyboardEvent
	post      func(tap uint32, event uintptr)                     // CGEventPost
	release   func(object uintptr)                                // CFRelease
	trusted   func() bool                                         // AXIsProcessTrusted
}

var bindGraphics = sync.OnceValues(func() (*graphics, error) {
	const framework = "/System/Library/Frameworks/ApplicationServices.framework/ApplicationServices"
	services, err := purego.Dlopen(framework, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("keys cannot be pressed: %w", err)
	}
	g := &graphics{}
	for name, fn := range map[string]any{
		"CGEventCreateKeyboardEvent": &g.createKey, "CGEventPost": &g.post, "CFRelease": &g.release, "AXIsProcessTrusted": &g.trusted,
	} {
		at, err := purego.Dlsym(services, name)
		if err != nil {
			return nil, fmt.Errorf("keys cannot be pressed: %w", err)
		}
		purego.RegisterFunc(fn, at)
	}
	return g, nil
})

// postKey presses or releases a key by its position.
func postKey(position uint16, down bool) error {
	key, ok := screen.MacKey(position)
	if !ok {
		return nil // no such key
	}
	g, err := bindGraphics()
	if err != nil {
		return err
	}
	event := g.createKey(0, key, down)
	if event == 0 {
		return fmt.Errorf("macOS does not make events for this program")
	}
	defer g.release(event)
	const atTheHardware = 0 // kCGHIDEventTap
	g.post(atTheHardware, event)
	return nil
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
