package scheme

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"handrail/app/entry"
)

const (
	entryName = "handrail-link.desktop"
	mimeType  = "x-scheme-handler/" + Name
	section   = "[Default Applications]"
)

// Register makes the system open our addresses with a program; flag stands before the address.
func Register(program, flag string) error {
	applications, list, err := places()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(applications, 0o700); err != nil {
		return fmt.Errorf("links cannot be registered: %w", err)
	}
	text := "[Desktop Entry]\nType=Application\nName=Handrail\nNoDisplay=true\nTerminal=false\nExec=" + entry.Exec(program, flag, "%u") +
		"\nMimeType=" + mimeType + ";\n"
	if err := os.WriteFile(filepath.Join(applications, entryName), []byte(text), 0o600); err != nil {
		return fmt.Errorf("links cannot be registered: %w", err)
	}
	return change(list, mimeType+"="+entryName)
}

// Remove undoes Register.
func Remove() error {
	applications, list, err := places()
	if err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(applications, entryName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("links cannot be taken back: %w", err)
	}
	return change(list, "")
}

// places are the folder of the person's desktop entries and the file that says which of them opens what.
func places() (applications, list string, err error) {
	config, err := os.UserConfigDir()
	if err != nil {
		return "", "", fmt.Errorf("links: %w", err)
	}
	data := os.Getenv("XDG_DATA_HOME")
	if data == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", "", fmt.Errorf("links: %w", err)
		}
		data = filepath.Join(home, ".local", "share")
	}
	return filepath.Join(data, "applications"), filepath.Join(config, "mimeapps.list"), nil
}

// change puts a line for our addresses into mimeapps.list, in place of an earlier one, and leaves all others alone.
func change(list, line string) error {
	data, err := os.ReadFile(list)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("links: %w", err)
	}
	var lines []string
	at, inside := -1, false
	for _, l := range strings.Split(strings.TrimRight(string(data), "\n"), "\n") {
		if strings.HasPrefix(l, "[") {
			inside = strings.TrimSpace(l) == section
		}
		if inside && strings.HasPrefix(l, mimeType+"=") {
			continue
		}
		lines = append(lines, l)
		if strings.TrimSpace(l) == section {
			at = len(lines)
		}
	}
	if line != "" {
		if at < 0 {
			lines = append(lines, section)
			at = len(lines)
		}
		lines = append(lines[:at], append([]string{line}, lines[at:]...)...)
	}
	text := strings.TrimLeft(strings.Join(lines, "\n"), "\n")
	if text == "" && len(data) == 0 {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(list), 0o700); err != nil {
		return fmt.Errorf("links: %w", err)
	}
	// Written beside it first, so that a full disk leaves the old one.
	fresh := list + ".handrail"
	if err := os.WriteFile(fresh, []byte(text+"\n"), 0o600); err != nil {
		return fmt.Errorf("links: %w", err)
	}
	if err := os.Rename(fresh, list); err != nil {
		return fmt.Errorf("links: %w", err)
	}
	return nil
}
