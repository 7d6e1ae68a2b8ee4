package autostart

import (
	"fmt"
	"os"
	"path/filepath"

	"handrail/app/entry"
)

// file is the desktop entry (Desktop Application Autostart Specification).
func file() (string, error) {
	config, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("starting with the computer: %w", err)
	}
	return filepath.Join(config, "autostart", "handrail.desktop"), nil
}

// Set has the system start a program with these arguments from now on.
func Set(program string, args ...string) error {
	path, err := file()
	if err != nil {
		return err
	}
	return write(path, "[Desktop Entry]\nType=Application\nName=Handrail\nTerminal=false\nExec="+entry.Exec(program, args...)+"\n")
}

// Remove undoes Set.
func Remove() error {
	path, err := file()
	if err != nil {
		return err
	}
	return remove(path)
}
