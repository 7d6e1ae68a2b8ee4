package input

import (
	"fmt"
	"slices"

	"github.com/jezek/xgb/xproto"

	"handrail/screen"
)

// Type is part of screen.Injector. Modifiers that this injector holds are released meanwhile, and Caps Lock is
// off. Control characters without a key of their own are left out.
func (i *injector) Type(text string) error {
	stop := i.interrupted()
	keysyms := keysymsOf(text)
	i.keys.Lock()
	defer i.keys.Unlock()
	if len(keysyms) == 0 {
		return nil
	}
	if err := i.refresh(); err != nil {
		return reason(err)
	}
	resume, err := i.clearModifiers()
	if err == nil {
		err = i.typeKeysyms(keysyms, stop)
	}
	if again := resume(); err == nil {
		err = again
	}
	if err == nil {
		err = i.sync()
	}
	return reason(err)
}

func keysymsOf(text string) []uint32 {
	var keysyms []uint32
	var before rune
	for _, r := range text {
		switch {
		case r == '\n' && before == '\r':
		case r < 0x20 && r != '\n' && r != '\r' && r != '\t' && r != '\b' && r != 0x1b, r >= 0x80 && r < 0xa0:
		default:
			keysyms = append(keysyms, screen.KeysymOfRune(r))
		}
		before = r
	}
	return keysyms
}

// name is a keysym for an error.
func name(keysym uint32) string {
	if r := screen.RuneOfKeysym(keysym); r != 0 {
		return fmt.Sprintf("%q", r)
	}
	return fmt.Sprintf("%#x", keysym)
}

func (i *injector) typeKeysyms(keysyms []uint32, stop <-chan struct{}) error {
	for n, k := range keysyms {
		select {
		case <-stop:
			return ErrInterrupted
		default:
		}
		if i.stale.Load() {
			if err := i.refresh(); err != nil {
				return err
			}
		}
		if err := i.typeKeysym(k, keysyms[n:], stop); err != nil {
			return err
		}
	}
	return nil
}

// typeKeysym types one keysym; next are this and those to come.
func (i *injector) typeKeysym(k uint32, next []uint32, stop <-chan struct{}) error {
	code, shift, ok := i.keymap.charKey(k)
	if !ok {
		s, err := i.slotFor(next, stop)
		if err != nil {
			return err
		}
		code = s.code
	}
	if s := i.slots.at(code); s != nil {
		i.slots.pressed(s)
		return i.tapKey(code)
	}
	if !shift {
		return i.tapKey(code)
	}
	if err := i.fake(xproto.KeyPress, byte(i.keymap.shift), 0, 0); err != nil {
		return err
	}
	if err := i.tapKey(code); err != nil {
		return err
	}
	return i.fake(xproto.KeyRelease, byte(i.keymap.shift), 0, 0)
}

// clearModifiers releases the modifiers that we hold and turns Caps Lock off. The function that it returns puts
// both back.
func (i *injector) clearModifiers() (resume func() error, err error) {
	var released []byte
	i.mu.Lock()
	for _, h := range slices.Backward(i.held) {
		if h.press == xproto.KeyPress && i.keymap.modifiers[xproto.Keycode(h.code)] {
			released = append(released, h.code)
		}
	}
	i.mu.Unlock()
	capsLock := false
	resume = func() error {
		if capsLock {
			if err := i.tapKey(i.keymap.capsLock); err != nil {
				return err
			}
		}
		for _, code := range slices.Backward(released) {
			if err := i.fake(xproto.KeyPress, code, 0, 0); err != nil {
				return err
			}
		}
		return nil
	}
	for _, code := range released {
		if err := i.fake(xproto.KeyRelease, code, 0, 0); err != nil {
			return resume, err
		}
	}
	modifiers, err := i.state()
	if err != nil {
		return resume, err
	}
	if modifiers&xproto.ModMaskLock != 0 && i.keymap.capsLock != 0 {
		capsLock = true
		err = i.tapKey(i.keymap.capsLock)
	}
	return resume, err
}
