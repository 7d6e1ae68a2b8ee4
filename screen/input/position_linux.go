package input

import "github.com/jezek/xgb/xproto"

// evdevOffset is what X's keycodes of a Linux keyboard have more than Linux's own numbers.
const evdevOffset = 8

// KeyAt is part of screen.PositionInjector. The layout of this display says what the key gives; the X server repeats
// it by itself.
func (i *injector) KeyAt(position uint16, down bool) error {
	code := int(position) + evdevOffset
	if code > 255 {
		return nil // no such key
	}
	i.keys.Lock()
	defer i.keys.Unlock()
	if i.closed {
		return ErrClosed
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.holdLocked(hold{press: xproto.KeyPress, release: xproto.KeyRelease, code: byte(code)}, down)
}
