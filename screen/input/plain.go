package input

import (
	"errors"
	"slices"
	"sync"

	"handrail/screen"
)

// device is how a system takes input.
type device interface {
	move(x, y int) error
	button(b screen.Button, down bool) error
	scroll(dx, dy int) error // parts of a notch
	key(keysym uint32, down bool) error
	// place presses or releases a key by its position, numbered as Linux does.
	place(position uint16, down bool) error
	// text types characters that have no key of their own.
	text(r rune) error
}

// plain is an injector for systems that take characters as they are: it keeps account of what is held.
type plain struct {
	device device

	mu        sync.Mutex
	held      []plainHold // oldest first, at most mostHeld
	left      []plainHold // what could not be released, oldest first; none of it is held; the last mostHeld
	closed    bool
	interrupt chan struct{}
}

// mostHeld bounds what is held at once: nobody has more fingers.
const mostHeld = 64

// plainHold is what is down: a key by its keysym or by its position, or a button. The others are 0.
type plainHold struct {
	keysym   uint32
	position uint16
	button   screen.Button
}

// modifier tells whether it changes what other keys do.
func (h plainHold) modifier() bool {
	switch h.position {
	case 29, 42, 54, 56, 97, 100, 125, 126: // Control, Shift, Alt and the Windows key at both sides
		return true
	}
	return h.keysym >= screen.KeyShift && h.keysym <= screen.KeySuperRight || h.keysym == screen.KeyAltGr
}

func newPlain(d device) *plain { return &plain{device: d, interrupt: make(chan struct{})} }

// do calls f unless the injector is closed. What could not be released gets another try first.
func (p *plain) do(f func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	_ = p.releaseLocked()
	return f()
}

// MovePointer is part of screen.Injector.
func (p *plain) MovePointer(x, y int) error {
	return p.do(func() error { return p.device.move(x, y) })
}

// Scroll is part of screen.Injector.
func (p *plain) Scroll(dx, dy int) error {
	const most = 100 * screen.Notch
	return p.do(func() error {
		return p.device.scroll(min(max(dx, -most), most), min(max(dy, -most), most))
	})
}

// Button is part of screen.Injector.
func (p *plain) Button(b screen.Button, down bool) error {
	return p.do(func() error { return p.holdLocked(plainHold{button: b}, down) })
}

// Key is part of screen.Injector.
func (p *plain) Key(keysym uint32, down bool) error {
	return p.do(func() error { return p.holdLocked(plainHold{keysym: keysym}, down) })
}

// KeyAt is part of screen.PositionInjector.
func (p *plain) KeyAt(position uint16, down bool) error {
	return p.do(func() error { return p.holdLocked(plainHold{position: position}, down) })
}

func (p *plain) holdLocked(h plainHold, down bool) error {
	at := slices.Index(p.held, h)
	if down == (at >= 0) {
		return nil
	}
	if down && len(p.held) >= mostHeld {
		return errors.New("input: more keys are held than anybody has fingers")
	}
	if err := p.switchLocked(h, down); err != nil {
		return err
	}
	if down {
		p.held = append(p.held, h)
		p.left = slices.DeleteFunc(p.left, func(o plainHold) bool { return o == h })
	} else {
		p.held = slices.Delete(p.held, at, at+1)
	}
	return nil
}

func (p *plain) switchLocked(h plainHold, down bool) error {
	switch {
	case h.keysym != 0:
		return p.device.key(h.keysym, down)
	case h.position != 0:
		return p.device.place(h.position, down)
	}
	return p.device.button(h.button, down)
}

// Type is part of screen.Injector. Modifiers that are held are released for each character and pressed again.
func (p *plain) Type(text string) error {
	p.mu.Lock()
	stop := p.interrupt
	p.mu.Unlock()
	var before rune
	for _, r := range text {
		select {
		case <-stop:
			return ErrInterrupted
		default:
		}
		if r != '\n' || before != '\r' {
			if err := p.do(func() error { return p.typeLocked(r) }); err != nil {
				return err
			}
		}
		before = r
	}
	return nil
}

// typeLocked types one character with nothing held.
func (p *plain) typeLocked(r rune) error {
	var modifiers []plainHold
	for _, h := range p.held {
		if h.modifier() {
			modifiers = append(modifiers, h)
		}
	}
	for _, h := range slices.Backward(modifiers) {
		if err := p.switchLocked(h, false); err != nil {
			return err
		}
	}
	err := p.character(r)
	for _, h := range modifiers {
		if again := p.switchLocked(h, true); err == nil {
			err = again
		}
	}
	return err
}

func (p *plain) character(r rune) error {
	keysym := screen.KeysymOfRune(r)
	switch {
	case keysym >= 0xff00 && keysym <= 0xffff:
		if err := p.device.key(keysym, true); err != nil {
			return err
		}
		return p.device.key(keysym, false)
	case r < 0x20, r >= 0x80 && r < 0xa0:
		return nil
	default:
		return p.device.text(r)
	}
}

// ReleaseAll is part of screen.Injector.
func (p *plain) ReleaseAll() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.interrupt)
	p.interrupt = make(chan struct{})
	p.left = append(p.left, p.held...)
	p.left = p.left[max(0, len(p.left)-mostHeld):]
	p.held = nil
	return p.releaseLocked()
}

// releaseLocked tries once to release each of what is left over, the newest first. The system may refuse for a while: on
// Windows, as long as a question of its own is on the screen.
func (p *plain) releaseLocked() error {
	var failed error
	var left []plainHold
	for _, h := range slices.Backward(p.left) {
		if err := p.switchLocked(h, false); err != nil {
			failed = err
			left = append(left, h)
		}
	}
	slices.Reverse(left)
	p.left = left
	return failed
}

// Close is part of screen.Injector.
func (p *plain) Close() error {
	err := p.ReleaseAll()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	return err
}
