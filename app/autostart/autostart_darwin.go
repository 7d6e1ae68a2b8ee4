package autostart

import (
	"fmt"
	"os"
	"path/filepath"
)

func file() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("starting with the computer: %w", err)
	}
	return filepath.Join(home, "Library", "LaunchAgents", label+".plist"), nil
}

// Set has the system start a program with these arguments from now on.
func Set(program string, args ...string) error {
	path, err := file()
	if err != nil {
		return err
	}
	return write(path, launchAgent(program, args))
}

// Remove undoes Set.
func Remove() error {
	path, err := file()
	if err != nil {
		return err
	}
	return remove(path)
}
