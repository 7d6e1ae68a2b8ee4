package screentest

import (
	"fmt"
	"slices"
	"sync"

	"handrail/screen"
)

// Injector is a screen.Injector that only writes down what it is told. The zero value is ready. Its methods
// are safe for concurrent use.
type Injector struct {
	// Err, when set before use, is what every method but Close returns.
	Err error

	mu     sync.Mutex
	events []string
	held   []string // what ReleaseAll releases, oldest first
	closed bool
	signal chan struct{}
}

// Events is what was done so far, such as "move 10 20", "press button 1", "release key ffe3", "scroll 0 -2",
// "type \"text\"" and "close".
func (i *Injector) Events() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.events)
}

// Held is which keys and buttons are down, such as "button 1" and "key ffe3", oldest first.
func (i *Injector) Held() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.held)
}

// Changed is a channel that is closed at the next event.
func (i *Injector) Changed() <-chan struct{} {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.signal == nil {
		i.signal = make(chan struct{})
	}
	return i.signal
}

func (i *Injector) record(format string, args ...any) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.Err != nil {
		return i.Err
	}
	i.recordLocked(format, args...)
	return nil
}

func (i *Injector) recordLocked(format string, args ...any) {
	i.events = append(i.events, fmt.Sprintf(format, args...))
	if i.signal != nil {
		close(i.signal)
		i.signal = nil
	}
}

func (i *Injector) hold(what string, down bool) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.Err != nil {
		return i.Err
	}
	at := slices.Index(i.held, what)
	switch {
	case down:
		i.recordLocked("press %s", what)
		if at < 0 {
			i.held = append(i.held, what)
		}
	default:
		i.recordLocked("release %s", what)
		if at >= 0 {
			i.held = slices.Delete(i.held, at, at+1)
		}
	}
	return nil
}

// MovePointer is part of screen.Injector.
func (i *Injector) MovePointer(x, y int) error { return i.record("move %d %d", x, y) }

// Button is part of screen.Injector.
func (i *Injector) Button(b screen.Button, down bool) error {
	return i.hold(fmt.Sprintf("button %d", b), down)
}

// Scroll is part of screen.Injector.
func (i *Injector) Scroll(dx, dy int) error { return i.record("scroll %d %d", dx, dy) }

// Key is part of screen.Injector.
func (i *Injector) Key(keysym uint32, down bool) error {
	return i.hold(fmt.Sprintf("key %x", keysym), down)
}

// KeyAt is part of screen.PositionInjector.
func (i *Injector) KeyAt(position uint16, down bool) error {
	return i.hold(fmt.Sprintf("position %d", position), down)
}

// Type is part of screen.Injector.
func (i *Injector) Type(text string) error { return i.record("type %q", text) }

// ReleaseAll is part of screen.Injector.
func (i *Injector) ReleaseAll() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	for n := len(i.held) - 1; n >= 0; n-- {
		i.recordLocked("release %s", i.held[n])
	}
	i.held = nil
	return i.Err
}

// Close is part of screen.Injector.
func (i *Injector) Close() error {
	_ = i.ReleaseAll()
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.closed {
		i.recordLocked("close")
	}
	i.closed = true
	return nil
}

var (
	_ screen.Capturer         = (*Desktop)(nil)
	_ screen.PositionInjector = (*Injector)(nil)
)
