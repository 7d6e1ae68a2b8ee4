package input

import (
	"fmt"
	"image"
	"time"

	"handrail/screen"
)

// quartz is a device by macOS' events. Each event says which buttons and modifiers are down with it: programs believe that,
// and not what was pressed before.
type quartz struct {
	*graphics
	bounds image.Rectangle // of the desktop in the system's coordinates

	wheel   screen.Wheel
	mouse   macMouse
	held    macHeld
	pressed map[uint32]uint16 // keys that are down, by their keysyms
}

func open(Options) (screen.Injector, error) {
	g, err := bindGraphics()
	if err != nil {
		return nil, err
	}
	all := desktop()
	if all.Empty() {
		return nil, fmt.Errorf("there is no screen: this program runs without a desktop")
	}
	if err := mayControl(); err != nil {
		return nil, err
	}
	return newPlain(&quartz{graphics: g, bounds: all, pressed: map[uint32]uint16{}}), nil
}

// send posts an event with the operator's modifiers, and releases it.
func (q *quartz) send(event uintptr) error {
	if event == 0 {
		return errNoEvents
	}
	defer q.release(event)
	q.setFlags(event, q.held.flags(q.flags(event)))
	q.post(tapHardware, event)
	return nil
}

func (q *quartz) move(x, y int) error {
	from, err := q.pointer()
	if err != nil {
		return err
	}
	to := cgPoint{
		float64(q.bounds.Min.X + min(max(x, 0), q.bounds.Dx()-1)),
		float64(q.bounds.Min.Y + min(max(y, 0), q.bounds.Dy()-1)),
	}
	kind, button := q.mouse.movement()
	event := q.createMouse(q.own, kind, to.x, to.y, button)
	if event != 0 { // games look at these
		q.setField(event, fieldDeltaX, int64(to.x-from.x))
		q.setField(event, fieldDeltaY, int64(to.y-from.y))
	}
	return q.send(event)
}

func (q *quartz) button(b screen.Button, down bool) error {
	button, ok := macButtons[b]
	if !ok {
		return fmt.Errorf("input: there is no button %d", b)
	}
	at, err := q.pointer()
	if err != nil {
		return err
	}
	event := q.createMouse(q.own, macButtonType(button, down), at.x, at.y, button)
	if event == 0 {
		return errNoEvents
	}
	var clicks int64
	if down {
		clicks = q.mouse.press(button, at.x, at.y, time.Now())
	} else {
		clicks = q.mouse.release(button)
	}
	q.setField(event, fieldClicks, clicks)
	return q.send(event)
}

func (q *quartz) scroll(dx, dy int) error {
	const notch, wheels = 40, 2 // pixels, as macOS counts
	if dx, dy = q.wheel.Add(dx, dy, screen.Notch/notch); dx == 0 && dy == 0 {
		return nil
	}
	return q.send(q.createWheel(q.own, unitPixel, wheels, int32(-dy), int32(-dx), 0))
}

// key releases what was pressed for the keysym, whatever the layout is by now.
func (q *quartz) key(keysym uint32, down bool) error {
	key, ok := q.pressed[keysym]
	if down {
		key, ok = macKeyFor(keysym, q.held.shortcut(), q.character)
	}
	if !ok {
		// No key has it: as a character, when pressed.
		if r := screen.RuneOfKeysym(keysym); r != 0 && down {
			return q.text(r)
		}
		return nil
	}
	if err := q.press(key, down); err != nil {
		return err
	}
	if down {
		q.pressed[keysym] = key
	} else {
		delete(q.pressed, keysym)
	}
	return nil
}

func (q *quartz) place(position uint16, down bool) error {
	key, ok := screen.MacKey(position)
	if !ok {
		return nil // no such key
	}
	return q.press(key, down)
}

// press presses or releases a key. macOS itself gives the events of modifiers their type.
func (q *quartz) press(key uint16, down bool) error {
	event := q.createKey(q.own, key, down)
	if event == 0 {
		return errNoEvents
	}
	q.held.note(key, down)
	return q.send(event)
}

// text types a character by events that carry it, whatever key they name.
func (q *quartz) text(r rune) error {
	units := macUnits(r)
	for _, down := range []bool{true, false} {
		event := q.createKey(q.own, 0, down)
		if event == 0 {
			return errNoEvents
		}
		q.setText(event, uintptr(len(units)), &units[0])
		if err := q.send(event); err != nil {
			return err
		}
	}
	return nil
}
