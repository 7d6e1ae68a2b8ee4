package input

import (
	"fmt"
	"slices"
	"time"

	"github.com/jezek/xgb/xproto"
)

// slot is a keycode that no key of the keyboard has, for characters that the keyboard map lacks.
type slot struct {
	code   xproto.Keycode
	keysym uint32 // what it gives now, 0 for nothing
	ours   bool   // and we have made it so
	used   uint64 // when it was pressed last, in presses of any slot
}

// slots are all of them.
//
// A program that gets a key event asks the X server what the keycode means when it comes to it, which under load
// is much later. A slot that was pressed may get another character only after that, which is what settle waits
// for. Slots are taken least recently used first, as many at once as a text needs, so that this is rarely needed and
// that programs read the changed map once.
//
// Nor may any other key be on its way to a program while the map changes: Xlib, which reads what has changed with the
// next key that it looks at, forgets changes that it hears of while it reads (XkbGetMapChanges; the later ones of several
// characters then give nothing). So every change waits until the keys before it have been handled.
type slots struct {
	all     []*slot
	clock   uint64
	settled uint64 // the clock up to which presses have been handled
}

const levels = 4 // plain and with Shift, in two groups

// vacant says whether a keycode gives nothing, or only what a program like this one left behind when it was
// killed: one Unicode character on all levels.
func vacant(keysyms []xproto.Keysym) bool {
	for _, k := range keysyms {
		if k != 0 && (k < 0x01000100 || k != keysyms[0]) {
			return false
		}
	}
	return len(keysyms) > 0 && (keysyms[0] == 0 || len(keysyms) >= 2 && keysyms[1] == keysyms[0])
}

// review compares the slots with a keyboard map just read: some may be lost to a new layout, others won.
func (s *slots) review(m *keymap) {
	kept := s.all[:0]
	for _, t := range s.all {
		k := m.of(t.code)
		if !vacant(k) && !(t.ours && k[0] == xproto.Keysym(t.keysym)) {
			continue
		}
		if t.keysym != uint32(k[0]) {
			t.keysym, t.ours = uint32(k[0]), false
		}
		kept = append(kept, t)
	}
	s.all = kept
	for n := range m.codes() {
		code := m.first + xproto.Keycode(n)
		if k := m.of(code); vacant(k) && !m.modifiers[code] && s.at(code) == nil {
			s.all = append(s.all, &slot{code: code, keysym: uint32(k[0])})
		}
	}
}

func (s *slots) at(code xproto.Keycode) *slot {
	for _, t := range s.all {
		if t.code == code {
			return t
		}
	}
	return nil
}

// unused is a slot that gives nothing, nil if there is none.
func (s *slots) unused() *slot {
	for _, t := range s.all {
		if t.keysym == 0 {
			return t
		}
	}
	return nil
}

// pressed notes that a slot is being pressed.
func (s *slots) pressed(t *slot) {
	s.clock++
	t.used = s.clock
}

// plan says which slots to change to which keysyms, so that as much as possible of what comes next can be typed
// without another change. The first of next has no key.
func (s *slots) plan(next []uint32, hasKey func(uint32) bool, busy func(*slot) bool) (victims []*slot, keysyms []uint32) {
	reserved := map[*slot]bool{}
	var free []*slot
	for _, t := range s.all {
		if !busy(t) {
			free = append(free, t)
		}
	}
	for _, k := range next {
		if slices.Contains(keysyms, k) {
			continue
		}
		if at := slices.IndexFunc(free, func(t *slot) bool { return t.keysym == k }); at >= 0 {
			if !reserved[free[at]] && len(reserved)+len(keysyms) == len(free) {
				break
			}
			reserved[free[at]] = true
			continue
		}
		if hasKey(k) {
			continue
		}
		if len(reserved)+len(keysyms) == len(free) {
			break
		}
		keysyms = append(keysyms, k)
	}
	for _, t := range free {
		if !reserved[t] {
			victims = append(victims, t)
		}
	}
	slices.SortStableFunc(victims, func(a, b *slot) int {
		return int(int64(a.used) - int64(b.used))
	})
	return victims[:len(keysyms)], keysyms
}

// lookAhead is how much of a text is looked at to choose what slots give.
const lookAhead = 2000

// slotFor makes slots give the first of the keysyms and as many of the others as there is room for, and
// returns the first one's.
func (i *injector) slotFor(next []uint32, stop <-chan struct{}) (*slot, error) {
	next = next[:min(len(next), lookAhead)]
	hasKey := func(k uint32) bool {
		_, _, ok := i.keymap.charKey(k)
		return ok
	}
	for range 3 {
		victims, keysyms := i.slots.plan(next, hasKey, i.isHeld)
		if len(keysyms) == 0 {
			return nil, fmt.Errorf("the character %s cannot be typed: the keyboard map has no room for it", name(next[0]))
		}
		if err := i.change(victims, keysyms, stop); err != nil {
			return nil, err
		}
		for _, t := range i.slots.all {
			if t.keysym == next[0] {
				return t, nil
			}
		}
		// Somebody else has changed the keyboard map at the same time.
	}
	return nil, fmt.Errorf("the character %s cannot be typed: the keyboard map keeps changing", name(next[0]))
}

func (i *injector) isHeld(t *slot) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.ContainsFunc(i.held, func(h hold) bool {
		return h.press == xproto.KeyPress && h.code == byte(t.code)
	})
}

// change makes slots give other keysyms, once programs have handled all keys pressed so far.
func (i *injector) change(victims []*slot, keysyms []uint32, stop <-chan struct{}) error {
	limit := time.Duration(0)
	switch {
	case slices.ContainsFunc(victims, func(t *slot) bool { return t.used > i.slots.settled }):
		limit = settleLimit
	case i.struck.Load() >= i.settled:
		limit = otherKeysLimit
	}
	if limit > 0 {
		if err := i.settle(limit, stop); err != nil {
			return err
		}
	}
	for n, t := range victims {
		t.keysym, t.ours = keysyms[n], keysyms[n] != 0
		k := xproto.Keysym(keysyms[n])
		// On all levels: Shift, Caps Lock and the group make no difference then, and an upper-case letter
		// alone would be taken for the shifted one of a pair.
		xproto.ChangeKeyboardMapping(i.conn, 1, t.code, levels, []xproto.Keysym{k, k, k, k})
	}
	return i.readKeymap()
}

// restoreKeymap makes the slots that were used give nothing again.
func (i *injector) restoreKeymap() error {
	if i.stale.Load() {
		if err := i.readKeymap(); err != nil {
			return err
		}
	}
	var used []*slot
	for _, t := range i.slots.all {
		if t.ours {
			used = append(used, t)
		}
	}
	if len(used) == 0 {
		return nil
	}
	return i.change(used, make([]uint32, len(used)), nil)
}
