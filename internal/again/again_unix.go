//go:build unix

package again

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// ownPath is this program's file. On Linux it can be started also when its file was renamed or deleted in the meantime.
func ownPath() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

// detach keeps what ends the first process from ending the second as well: it is to put back then.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
