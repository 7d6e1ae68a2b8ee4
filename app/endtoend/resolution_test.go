package endtoend

import (
	"syscall"
	"testing"

	"handrail/screen/screentest"
	"handrail/session"
)

// TestTheResolutionOfAKilledProgram: what the operator has changed is as it was when the session ends, and also when the
// customer's program is killed.
func TestTheResolutionOfAKilledProgram(t *testing.T) {
	customers := screentest.Start(t, 1024, 768)
	customers.Resize(800, 600) // makes the display know it
	customers.Resize(1024, 768)
	relay := startRelay(t)
	desk := startHeadless(t, relay)
	begin := func() (*client, string) {
		s := desk.newSession()
		c := startClient(t, customers, "--relay", relay.url, "--code", s.Code, "--yes", "--events")
		c.await(session.Active)
		desk.ctl("set", s.ID, "resolution=800x600")
		awaitSize(t, customers, 800, 600)
		return c, s.ID
	}
	ended, id := begin()
	desk.ctl("session", "end", id)
	ended.awaitEnd(t)
	awaitSize(t, customers, 1024, 768)

	killed, _ := begin()
	if err := killed.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	awaitSize(t, customers, 1024, 768)
}

func awaitSize(t *testing.T, d *screentest.Display, width, height int) {
	t.Helper()
	screentest.WaitFor(t, "the display has the size", func() bool {
		now := d.Pixels().Rect
		return now.Dx() == width && now.Dy() == height
	})
}
