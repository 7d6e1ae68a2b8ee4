// Package again starts this program a second time, as a process that outlives the first: it puts back what the first has
// changed on this computer, however the first one ends.
//
//	func main() {
//		mine.Guard() // first of all: when os.Args says that this is the second process, it does its work and ends
//		…
//	}
package again

import (
	"errors"
	"os"
	"os/exec"
)

// Command is this program once more with one argument, not started yet.
func Command(arg string) *exec.Cmd {
	path, err := ownPath()
	cmd := exec.Command(path, arg)
	cmd.Err = errors.Join(cmd.Err, err)
	cmd.Args[0] = os.Args[0]
	detach(cmd)
	return cmd
}
