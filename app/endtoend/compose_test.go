package endtoend

import "testing"

// TestTheComposeKey writes a letter with the compose key of the operator's keyboard.
func TestTheComposeKey(t *testing.T) {
	y := startTyping(t)
	e := watchEvents(t, y.customers)
	y.theirs.layout("us")
	y.own.layout("us")
	y.operators.Do("setxkbmap", "us", "-option", "compose:menu")
	y.operators.Xdotool("mousemove", "640", "460")
	const compose, apostrophe, letterE = 127, 40, 18 // by their codes in Linux's input-event-codes.h
	for _, key := range []int{compose, apostrophe, letterE} {
		y.own.tap(key)
	}
	e.await("+eacute -eacute")
}
