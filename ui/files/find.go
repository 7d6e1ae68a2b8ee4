package files

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// find opens the folder that something is in, with it selected where the system can do that.
func find(path string) {
	go func() {
		switch runtime.GOOS {
		case "windows":
			_ = exec.Command("explorer", "/select,"+path).Run()
		case "darwin":
			_ = exec.Command("open", "-R", path).Run()
		default:
			show := exec.Command("dbus-send", "--session", "--print-reply", "--reply-timeout=3000", "--dest=org.freedesktop.FileManager1",
				"/org/freedesktop/FileManager1", "org.freedesktop.FileManager1.ShowItems", "array:string:file://"+path, "string:")
			show.WaitDelay = time.Second
			if show.Run() != nil { // no file manager that knows how
				_ = exec.Command("xdg-open", filepath.Dir(path)).Run()
			}
		}
	}()
}
