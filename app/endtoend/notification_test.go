package endtoend

import (
	"image"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"handrail/screen/screentest"
	"handrail/session"
)

// notifications are a session bus and a program that shows notifications on a display, as a desktop has them. It gives the
// environment of programs there.
func notifications(t *testing.T, display *screentest.Display) (env []string, shows *running) {
	t.Helper()
	bus := start(t, os.Environ(), tool(t, "dbus-daemon"), "--session", "--nofork", "--print-address=1")
	select {
	case address := <-bus.lines:
		env = append(display.Env(), "DBUS_SESSION_BUS_ADDRESS="+address)
	case <-time.After(screentest.Limit):
		t.Fatal("there is no session bus")
	}
	shows = start(t, env, tool(t, "dunst"), "-conf", "/dev/null")
	screentest.WaitFor(t, "notifications are shown", func() bool {
		return strings.Contains(run(t, env, tool(t, "dbus-send"), "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/",
			"org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.Notifications"), "boolean true")
	})
	return env, shows
}

// TestArrivalsAreAnnounced sends a file each way, and reads the notifications on both desktops. Nobody waits for them.
func TestArrivalsAreAnnounced(t *testing.T) {
	operators, customers := screentest.Start(t, 1280, 900), screentest.Start(t, 1100, 800)
	operators.Openbox()
	customers.Openbox()
	relay := startRelay(t)
	home := t.TempDir()
	env, shows := notifications(t, operators)
	desk := startWindow(t, operators, relay, append(env, "HOME="+home)...)
	s := desk.newSession()
	c := &client{t: t, home: t.TempDir()}
	env, _ = notifications(t, customers)
	env = append(env, "HOME="+c.home, "TMPDIR="+c.home, "XDG_RUNTIME_DIR="+c.home, "LANG=C.UTF-8")
	c.running = start(t, env, program(t, "handrail-client"), "--relay", relay.url, "--code", s.Code, "--yes", "--events")
	c.await(session.Active)
	desk.ctl("wait", s.ID, "active", "--timeout", "60s")

	announced := func(display *screentest.Display, words string) {
		t.Helper()
		screentest.WaitFor(t, "a notification says "+words, func() bool {
			picture := shot(display)
			corner := image.Rect(picture.Rect.Max.X-420, 0, picture.Rect.Max.X, 200) // where dunst has them
			return strings.Contains(strings.Join(strings.Fields(readWords(t, picture, corner)), " "), words)
		})
	}
	desk.ctl("send", s.ID, randomFile(t, filepath.Join(t.TempDir(), "instructions.pdf"), 100_000))
	announced(customers, "instructions.pdf")
	keep(t, customers, "announced-customer")
	randomFile(t, filepath.Join(c.home, "protocol.txt"), 100_000)
	desk.ctl("receive", s.ID, "home/protocol.txt", "--to", t.TempDir())
	announced(operators, "protocol.txt")
	keep(t, operators, "announced-operator")

	// Whoever shows notifications hangs, and the windows do not.
	_ = shows.cmd.Process.Signal(syscall.SIGSTOP)
	t.Cleanup(func() { _ = shows.cmd.Process.Signal(syscall.SIGCONT) }) // it has to hear that it should end
	desk.ctl("receive", s.ID, "home/protocol.txt", "--to", t.TempDir())
	operators.Xdotool("windowactivate", "--sync", viewerOf(t, operators))
	operators.Xdotool("key", "ctrl+alt+i")
	operators.WaitWindow("^File transfer – ")
	c.end()
}
