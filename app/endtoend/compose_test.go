package endtoend

import "testing"

// TestTheComposeKey writes a letter with the compose key of the operator's keyboard, wherever that is.
func TestTheComposeKey(t *testing.T) {
	y := startTyping(t)
	e := watchEvents(t, y.customers)
	y.theirs.layout("us")
	y.operators.Xdotool("mousemove", "640", "460", "click", "1")
	e.await("+1 -1")
	// By their codes in Linux's input-event-codes.h.
	const rightAlt, menu, apostrophe, letterE, shift = 100, 127, 40, 18, 42
	y.own.tap(shift) // with its first key the X server takes the keyboard's layout for everybody's
	e.await("+Shift_L -Shift_L")
	for _, place := range []struct {
		option string
		key    int
	}{{"compose:menu", menu}, {"compose:ralt", rightAlt}} {
		t.Log(place.option)
		y.own.layout("us", "-option", "", "-option", place.option)
		for _, key := range []int{place.key, apostrophe, letterE} {
			y.own.tap(key)
		}
		e.await("+eacute -eacute")
	}
}
