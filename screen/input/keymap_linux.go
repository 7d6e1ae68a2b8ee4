package input

import (
	"github.com/jezek/xgb/xproto"

	"handrail/screen"
)

// keymap is the X server's keyboard map as of when it was read. The first four keysyms of a keycode are group
// 1 plain and with Shift, group 2 plain and with Shift; keys with one group have it twice.
type keymap struct {
	first     xproto.Keycode
	perCode   int
	keysyms   []xproto.Keysym
	group     int            // the present one, from 0
	shift     xproto.Keycode // a key that is Shift, 0 if there is none
	capsLock  xproto.Keycode // the key that is Caps Lock, 0 if there is none
	modifiers map[xproto.Keycode]bool
}

func (m *keymap) codes() int { return len(m.keysyms) / max(1, m.perCode) }

// of is a keycode's keysyms on all levels.
func (m *keymap) of(code xproto.Keycode) []xproto.Keysym {
	at := (int(code) - int(m.first)) * m.perCode
	if at < 0 || at+m.perCode > len(m.keysyms) {
		return nil
	}
	return m.keysyms[at : at+m.perCode]
}

// level is a keycode's keysym in the present group, plain (0) or with Shift (1); 0 if it gives none or if that
// is not certain.
func (m *keymap) level(code xproto.Keycode, level int) xproto.Keysym {
	k := m.of(code)
	get := func(i int) xproto.Keysym {
		if i < len(k) {
			return k[i]
		}
		return 0
	}
	oneGroup := get(2) == 0 && get(3) == 0 || get(0) == get(2) && get(1) == get(3)
	switch {
	case oneGroup:
		return get(level)
	case m.group < 2:
		return get(2*m.group + level)
	default:
		return 0 // groups 3 and 4 are not where the protocol's older part can tell
	}
}

// same says whether two keysyms are the same key or character.
func same(a xproto.Keysym, b uint32) bool {
	if uint32(a) == b {
		return a != 0
	}
	r := screen.RuneOfKeysym(uint32(a))
	return r != 0 && r == screen.RuneOfKeysym(b)
}

// charKey is the key that gives a keysym plain or with Shift.
func (m *keymap) charKey(keysym uint32) (code xproto.Keycode, shift, ok bool) {
	for level := range 2 {
		if level == 1 && m.shift == 0 {
			break
		}
		for n := range m.codes() {
			code := m.first + xproto.Keycode(n)
			if same(m.level(code, level), keysym) {
				return code, level == 1, true
			}
		}
	}
	return 0, false, false
}

// keyFor is the key that gives a keysym on any level of any group, those of the present group first.
func (m *keymap) keyFor(keysym uint32) (xproto.Keycode, bool) {
	if code, _, ok := m.charKey(keysym); ok {
		return code, true
	}
	for n := range m.codes() {
		code := m.first + xproto.Keycode(n)
		for _, k := range m.of(code) {
			if same(k, keysym) {
				return code, true
			}
		}
	}
	return 0, false
}

// refresh reads the keyboard map again if somebody else has changed it.
//
// Each keyboard has a map of its own, and the X server's present one is that of the keyboard used last. An
// event without meaning makes it XTEST's, which is the one that counts for us.
func (i *injector) refresh() error {
	if i.closed {
		return ErrClosed
	}
	if !i.stale.Load() {
		return nil
	}
	if s := i.slots.unused(); s != nil {
		i.slots.pressed(s)
		if err := i.tapKey(s.code); err != nil {
			return err
		}
	}
	return i.readKeymap()
}

// readKeymap reads the keyboard map as it is after all that was sent before.
func (i *injector) readKeymap() error {
	if err := i.sync(); err != nil {
		return err
	}
	i.stale.Store(false)
	setup := xproto.Setup(i.conn)
	first, count := setup.MinKeycode, int(setup.MaxKeycode)-int(setup.MinKeycode)+1
	reply, err := xproto.GetKeyboardMapping(i.conn, first, byte(count)).Reply()
	if err != nil {
		return err
	}
	mods, err := xproto.GetModifierMapping(i.conn).Reply()
	if err != nil {
		return err
	}
	m := keymap{
		first: first, perCode: int(reply.KeysymsPerKeycode), keysyms: reply.Keysyms, group: i.keymap.group,
		modifiers: map[xproto.Keycode]bool{},
	}
	per := int(mods.KeycodesPerModifier)
	for n, code := range mods.Keycodes {
		if code == 0 {
			continue
		}
		m.modifiers[code] = true
		plain := uint32(m.level(code, 0))
		if row := n / per; row == 0 && m.shift == 0 && (plain == screen.KeyShift || plain == screen.KeyShiftRight) {
			m.shift = code
		} else if row == 1 && m.capsLock == 0 && plain == screen.KeyCapsLock {
			m.capsLock = code
		}
	}
	i.keymap = m
	i.slots.review(&i.keymap)
	return nil
}

// state asks for the modifiers and the group that are in force now, whoever holds them.
func (i *injector) state() (modifiers uint16, err error) {
	reply, err := xproto.QueryPointer(i.conn, i.root).Reply()
	if err != nil {
		return 0, err
	}
	i.keymap.group = int(reply.Mask >> 13 & 3)
	return reply.Mask, nil
}
