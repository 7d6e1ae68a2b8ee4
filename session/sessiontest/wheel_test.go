package sessiontest

import (
	"fmt"
	"testing"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session"
)

// turned is how far the wheel was turned on the computer, right and left, down and up each for themselves, in parts of a notch.
func turned(c *Computer) (right, left, down, up int) {
	for _, e := range c.Hands.Events() {
		var dx, dy int
		if n, _ := fmt.Sscanf(e, "scroll %d %d", &dx, &dy); n == 2 {
			right, left = right+max(dx, 0), left-min(dx, 0)
			down, up = down+max(dy, 0), up-min(dy, 0)
		}
	}
	return right, left, down, up
}

// TestAWheelInParts turns the wheel as a touch pad does: through a session every part arrives, in its direction.
func TestAWheelInParts(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(64, 64)
	o, _ := relay.Connected(t, relay.SignIn(t), computer)
	for n := range 200 {
		sign := 1 - 2*(n/50%2)
		if err := o.Scroll(-sign, sign*(1+n%7)); err != nil {
			t.Fatal(err)
		}
	}
	var want int
	for n := range 50 {
		want += 1 + n%7 + 1 + (n+100)%7
	}
	if err := o.Scroll(3*screen.Notch, 0); err != nil {
		t.Fatal(err)
	}
	var back int
	for n := range 50 {
		back += 1 + (n+50)%7 + 1 + (n+150)%7
	}
	screentest.WaitFor(t, "the last turn arrives", func() bool { right, _, _, _ := turned(computer); return right >= 3*screen.Notch+100 })
	if right, left, down, up := turned(computer); right != 3*screen.Notch+100 || left != 100 || down != want || up != back {
		t.Errorf("turned %d right, %d left, %d down, %d up instead of %d, 100, %d and %d", right, left, down, up, 3*screen.Notch+100, want, back)
	}
}

// TestAnOlderOperatorsWheel sends whole notches, as programs do that know no parts.
func TestAnOlderOperatorsWheel(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(64, 64)
	h, _, _ := relay.besiege(t, computer, session.DefaultPermissions())
	h.input(session.Input{Kind: session.InputScroll, X: -1, Y: 2})
	screentest.WaitFor(t, "two notches", func() bool {
		_, left, down, _ := turned(computer)
		return left == screen.Notch && down == 2*screen.Notch
	})
}
