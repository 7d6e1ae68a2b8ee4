package endtoend

import (
	"image/color"
	"syscall"
	"testing"

	"handrail/screen/screentest"
	"handrail/session"
)

// wallpaperBlue is the blue of the wallpaper; its red and green are the place.
const wallpaperBlue = 99

// hung says whether the wallpaper hangs on a display, looked at where no window is.
func hung(display *screentest.Display) bool {
	x, y := display.Width-20, display.Height-20
	return shot(display).RGBAAt(x, y) == color.RGBA{uint8(x), uint8(y), wallpaperBlue, 255}
}

// TestTheWallpaperWhileSharing: it is off while the operator wants that, and back when the session ends or the customer's
// program is killed.
func TestTheWallpaperWhileSharing(t *testing.T) {
	customers := screentest.Start(t, 800, 600)
	customers.Openbox()
	customers.Wallpaper(wallpaperBlue)
	relay := startRelay(t)
	desk := startHeadless(t, relay)
	begin := func() (*client, string) {
		s := desk.newSession()
		c := startClient(t, customers, "--relay", relay.url, "--code", s.Code, "--yes", "--events")
		c.await(session.Active)
		withoutFrame(customers)
		if !hung(customers) {
			t.Error("the wallpaper is gone, and nobody has asked for that")
		}
		desk.ctl("set", s.ID, "plain=on")
		screentest.WaitFor(t, "the wallpaper is off", func() bool { return !hung(customers) })
		return c, s.ID
	}

	c, id := begin()
	if !desk.show(id).Plain {
		t.Error("ctl does not say that the desktop is wanted plain")
	}
	desk.ctl("set", id, "plain=off")
	screentest.WaitFor(t, "the wallpaper is back", func() bool { return hung(customers) })
	desk.ctl("set", id, "plain=on")
	screentest.WaitFor(t, "the wallpaper is off again", func() bool { return !hung(customers) })
	desk.ctl("session", "end", id)
	c.awaitEnd(t)
	if !hung(customers) {
		t.Error("the wallpaper is not back after the end")
	}

	killed, _ := begin()
	if err := killed.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the wallpaper of the killed program is back", func() bool { return hung(customers) })
}
