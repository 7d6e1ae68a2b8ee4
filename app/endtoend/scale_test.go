package endtoend

import (
	"bytes"
	"fmt"
	"image"
	"testing"

	"handrail/screen/screentest"
	"handrail/session"
)

// TestThePictureIsSharpAtEveryScale has the windows drawn larger and larger, and wants the picture in actual size to be the
// customer's screen pixel by pixel all the same. Every second pixel of that is white, so that nothing blurred passes.
func TestThePictureIsSharpAtEveryScale(t *testing.T) {
	customers := screentest.Start(t, 500, 360)
	customers.Openbox()
	customers.Do("xsetroot", "-gray")
	relay := startRelay(t)
	for _, scale := range []string{"1", "1.25", "1.5", "2"} {
		t.Run(scale, func(t *testing.T) {
			operators := screentest.Start(t, 1400, 900)
			operators.Openbox()
			desk := startWindow(t, operators, relay, "FYNE_SCALE="+scale)
			c := startClient(t, customers, "--relay", relay.url, "--code", desk.newSession().Code, "--yes", "--events")
			c.await(session.Active)
			customers.Xdotool("windowminimize", customers.WaitWindow("^Handrail$")) // its cursor in the chat may blink
			customers.WaitWindow("^Handrail frame$")                                // the bar is there, too
			viewer := viewerOf(t, operators)
			operators.Xdotool("windowactivate", "--sync", viewer)
			operators.Xdotool("windowsize", viewer, "1380", "860", "windowmove", viewer, "0", "20")
			operators.Xdotool("key", "ctrl+alt+1")
			screentest.WaitFor(t, "the picture is the customer's screen", func() bool {
				_, found := within(shot(operators), shot(customers))
				return found
			})
			keep(t, operators, fmt.Sprintf("scale-%s", scale))
		})
	}
}

// within finds where one picture lies in another one, the same in every pixel.
func within(large, small *image.RGBA) (at image.Point, found bool) {
	if small.Rect.Empty() {
		return at, false
	}
	row := func(p *image.RGBA, x, y, width int) []byte {
		i := p.PixOffset(x, y)
		return p.Pix[i : i+4*width]
	}
	width, height := small.Rect.Dx(), small.Rect.Dy()
	same := func(x, y int) bool {
		for dy := range height {
			if !bytes.Equal(row(large, x, y+dy, width), row(small, 0, dy, width)) {
				return false
			}
		}
		return true
	}
	for y := range large.Rect.Dy() - height + 1 {
		for x := range large.Rect.Dx() - width + 1 {
			if same(x, y) {
				return image.Pt(x, y), true
			}
		}
	}
	return at, false
}
