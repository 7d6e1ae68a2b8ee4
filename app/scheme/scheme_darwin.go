package scheme

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// lsregister tells the system's list of applications of one, or takes it off.
const lsregister = "/System/Library/Frameworks/CoreServices.framework/Frameworks/LaunchServices.framework/Support/lsregister"

// Register makes the system open our addresses with the application that a program is in: with the small one inside it that
// packaging/macos/bundle.sh has made, which knows the flag.
func Register(program, _ string) error {
	links, err := opener(program)
	if err != nil {
		return err
	}
	return tell("-f", links)
}

// Remove undoes Register.
func Remove() error {
	own, err := os.Executable()
	if err != nil {
		return fmt.Errorf("links cannot be taken back: %w", err)
	}
	links, err := opener(own)
	if err != nil {
		return err
	}
	return tell("-u", links)
}

func tell(flag, bundle string) error {
	if out, err := exec.Command(lsregister, flag, bundle).CombinedOutput(); err != nil {
		return fmt.Errorf("the system's list of applications cannot be changed: %w %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// opener is the application that the system starts for our addresses; a program has one when it is in a bundle.
func opener(program string) (string, error) {
	if real, err := filepath.EvalSymlinks(program); err == nil {
		program = real
	}
	links := filepath.Join(filepath.Dir(program), "..", "Helpers", "Handrail Links.app")
	if info, err := os.Stat(filepath.Join(links, "Contents", "Info.plist")); err != nil || !info.Mode().IsRegular() {
		return "", ErrUnsupported
	}
	return links, nil
}
