package screen

// Notch is one notch of a wheel in the unit in which wheels are turned here: touch pads and fine wheels turn by less.
const Notch = 120

// Wheel adds up small turns of a wheel for who can do only larger ones. The zero value is ready.
type Wheel struct{ x, y turn }

// Add gives how many steps of so many parts there are now, and keeps the rest. Where the direction changes, the rest is
// forgotten: it belonged to the way there, and would shorten the way back.
func (w *Wheel) Add(dx, dy, step int) (x, y int) {
	return w.x.add(dx, step), w.y.add(dy, step)
}

type turn struct{ rest int }

func (t *turn) add(d, step int) int {
	if d < 0 && t.rest > 0 || d > 0 && t.rest < 0 {
		t.rest = 0
	}
	t.rest += d
	whole := t.rest / step
	t.rest %= step
	return whole
}
