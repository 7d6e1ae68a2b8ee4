package endtoend

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/wire"
)

// TestAWholeSession is the main job with the operator's program headless.
func TestAWholeSession(t *testing.T) {
	customers := screentest.Start(t, 1280, 800)
	customers.Openbox()
	relay := startRelay(t)
	desk := startHeadless(t, relay)

	s := desk.newSession()
	c := startClient(t, customers, "--relay", relay.url, "--code", s.Code, "--yes", "--events")
	c.await(session.Active)
	desk.ctl("wait", s.ID, "active", "--timeout", "60s")

	written := typeIntoTerminal(t, customers, desk, s.ID)
	if want := "čšž 한국어 😀"; written != want {
		t.Errorf("the terminal wrote %q instead of %q", written, want)
	}
	screentest.WaitFor(t, "the snapshot equals the customer's display", func() bool {
		picture := desk.snapshot(s.ID)
		screen := customers.Pixels()
		return picture.Bounds() == screen.Bounds() && bytes.Equal(picture.Pix, screen.Pix)
	})

	desk.ctl("chat", s.ID, "All done. Goodbye!")
	desk.ctl("session", "end", s.ID)
	if ended := c.await(session.Ended); ended.Reason != wire.ReasonByOperator {
		t.Errorf("the customer is told %q", ended.Reason)
	}
	if status := c.awaitEnd(t); status != 0 {
		t.Errorf("the customer's program ended with status %d: %s", status, c.errors)
	}
	if files := c.files(); len(files) > 0 {
		t.Errorf("the customer's program left %v", files)
	}
	if state := desk.show(s.ID).State; state != session.Ended {
		t.Errorf("the operator's session is %s", state)
	}
	again := startClient(t, customers, "--relay", relay.url, "--code", s.Code, "--yes", "--events")
	if status := again.awaitEnd(t); status != 1 || !strings.Contains(again.errors.String(), wire.ReasonUnknownCode.Sentence()) {
		t.Errorf("with the old code: status %d, %q", status, again.errors)
	}
}

// typeIntoTerminal types a command into a real terminal on the customer's display and returns what it wrote.
func typeIntoTerminal(t *testing.T, customers *screentest.Display, desk *desk, id string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "written")
	start(t, append(customers.Env(), "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "PS1=$ "), "xterm", "-u8", "-T", "terminal", "-e", "sh")
	window := customers.WaitWindow("^terminal$")
	endButton(t, customers)
	customers.Xdotool("windowactivate", "--sync", window)
	desk.ctl("type", id, "printf %s 'čšž 한국어 😀' > "+file+"\n")
	screentest.WaitFor(t, "the terminal has written the file", func() bool {
		info, err := os.Stat(file)
		return err == nil && info.Size() > 0
	})
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(written)
}
