package reveal

import (
	"os/exec"
	"path/filepath"
	"syscall"
)

func show(path string) { _ = selecting("explorer.exe", path).Run() }

// selecting is how Explorer is asked. It reads its command line by itself: the path must be in quotation marks of its own,
// because of spaces and commas, and the word before it must not be within them, where Go would put it. Names on Windows have no
// quotation marks in them.
func selecting(explorer, path string) *exec.Cmd {
	cmd := exec.Command(explorer)
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `explorer.exe /select,"` + filepath.Clean(path) + `"`}
	return cmd
}
