package endtoend

import "testing"

// TestTheComposeKey writes a letter with the compose key of the operator's keyboard.
func TestTheComposeKey(t *testing.T) {
	y := startTyping(t)
	e := watchEvents(t, y.customers)
	y.theirs.layout("us")
	y.operators.Xdotool("mousemove", "640", "460", "click", "1")
	e.await("+1 -1")
	// By their codes in Linux's input-event-codes.h.
	const compose, apostrophe, letterE, shift = 127, 40, 18, 42
	y.own.tap(shift) // with its first key the X server takes the keyboard's layout for everybody's
	e.await("+Shift_L -Shift_L")
	y.own.layout("us", "-option", "compose:menu")
	for _, key := range []int{compose, apostrophe, letterE} {
		y.own.tap(key)
	}
	e.await("+eacute -eacute")
}
