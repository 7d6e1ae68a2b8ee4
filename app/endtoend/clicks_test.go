package endtoend

import (
	"fmt"
	"image"
	"regexp"
	"strconv"
	"testing"
	"time"

	"handrail/screen/screentest"
)

// recordClicks opens a window on the customer's display, far from its corners, that prints where on the desktop
// it is clicked.
func recordClicks(t *testing.T, customers *screentest.Display) *running {
	t.Helper()
	r := start(t, customers.Env(), tool(t, "stdbuf"), "-oL", "xev", "-name", "target", "-geometry", "300x200+60+60", "-event", "button")
	customers.WaitWindow("^target$")
	return r
}

var clicked = regexp.MustCompile(`root:\((\d+),(\d+)\)`)

// nextClick is where the window was clicked next.
func nextClick(t *testing.T, r *running) image.Point {
	t.Helper()
	for limit := time.After(screentest.Limit); ; {
		select {
		case line, open := <-r.lines:
			if !open {
				t.Fatalf("the window has gone: %s", r.errors)
			}
			if found := clicked.FindStringSubmatch(line); found != nil {
				x, _ := strconv.Atoi(found[1])
				y, _ := strconv.Atoi(found[2])
				return image.Pt(x, y)
			}
		case <-limit:
			t.Fatal("no click has arrived")
		}
	}
}

// clickAround clicks in the viewer on several pixels of the remote window and compares where the customer's
// program was clicked with what was seen there.
func clickAround(t *testing.T, operators, customers *screentest.Display, target *running, actual bool) {
	t.Helper()
	var picture image.Rectangle
	screentest.WaitFor(t, "the picture is in place", func() bool {
		before := picture
		picture = find(shot(operators), backdrop)
		isActual := picture.Dx() == customers.Width && picture.Dy() == customers.Height
		return !picture.Empty() && picture == before && isActual == actual
	})
	scale := float64(picture.Dx()) / float64(customers.Width)
	if other := float64(picture.Dy()) / float64(customers.Height); other < scale-0.005 || other > scale+0.005 {
		t.Errorf("the picture %v is stretched", picture)
	}
	for _, remote := range []image.Point{{100, 100}, {101, 100}, {217, 163}, {333, 241}} {
		t.Run(fmt.Sprint(remote), func(t *testing.T) {
			device := image.Pt(int((float64(remote.X)+0.5)*scale), int((float64(remote.Y)+0.5)*scale))
			want := image.Pt(int((float64(device.X)+0.5)/scale), int((float64(device.Y)+0.5)/scale))
			click(operators, picture.Min.Add(device))
			if down, up := nextClick(t, target), nextClick(t, target); down != want || up != want {
				t.Errorf("seen at %v, clicked at %v and released at %v", want, down, up)
			}
		})
	}
}
