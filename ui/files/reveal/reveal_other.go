//go:build !windows && !darwin

package reveal

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/godbus/dbus/v5"

	"handrail/screen"
)

func show(path string) {
	if !showItem(path) {
		_ = exec.Command("xdg-open", filepath.Dir(path)).Run()
	}
}

// showItem asks the file manager, if one is there that knows how; the session's bus starts it.
func showItem(path string) bool {
	address := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if address == "" { // a bus is not started for this: it would stay behind
		address = "unix:path=" + filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")
	}
	bus, err := dbus.Connect(address)
	if err != nil {
		return false
	}
	defer bus.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	manager := bus.Object("org.freedesktop.FileManager1", "/org/freedesktop/FileManager1")
	return manager.CallWithContext(ctx, "org.freedesktop.FileManager1.ShowItems", 0, []string{screen.FileURI(path)}, "").Err == nil
}
