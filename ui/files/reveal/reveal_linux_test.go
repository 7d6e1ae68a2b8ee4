package reveal

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// fileManager is on a bus as file managers are.
type fileManager struct{ shown chan []string }

// ShowItems is called by whoever wants files to be shown.
func (m *fileManager) ShowItems(uris []string, _ string) *dbus.Error {
	m.shown <- uris
	return nil
}

// TestFind has a file shown by the file manager that is on the session's bus.
func TestFind(t *testing.T) {
	daemon, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Skip("there is no bus here:", err)
	}
	cmd := exec.Command(daemon, "--session", "--nofork", "--print-address", "--address=unix:path="+filepath.Join(t.TempDir(), "bus"))
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
	if showItem("/tmp/x") {
		t.Error("somebody has shown a file though nobody is there")
	}
	bus, err := dbus.Connect(strings.TrimSpace(address))
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	m := &fileManager{shown: make(chan []string, 1)}
	if err := bus.Export(m, "/org/freedesktop/FileManager1", "org.freedesktop.FileManager1"); err != nil {
		t.Fatal(err)
	}
	if _, err := bus.RequestName("org.freedesktop.FileManager1", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	if !showItem("/home/anna/a report, 100% č.pdf") {
		t.Fatal("the file manager was not asked")
	}
	if got := <-m.shown; len(got) != 1 || got[0] != "file:///home/anna/a%20report,%20100%25%20%C4%8D.pdf" {
		t.Errorf("it was asked for %q", got)
	}
}
