package autostart

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

const (
	key   = `Software\Microsoft\Windows\CurrentVersion\Run`
	value = "Handrail"
)

// Set has the system start a program with these arguments from now on.
func Set(program string, args ...string) error {
	k, _, err := registry.CreateKey(registry.CURRENT_USER, key, registry.SET_VALUE)
	if err != nil {
		return fmt.Errorf("starting with the computer: %w", err)
	}
	defer k.Close()
	line := []string{`"` + program + `"`} // quoted also where it need not be: paths have spaces
	for _, arg := range args {
		line = append(line, windows.EscapeArg(arg))
	}
	if err := k.SetStringValue(value, strings.Join(line, " ")); err != nil {
		return fmt.Errorf("starting with the computer: %w", err)
	}
	return nil
}

// Remove undoes Set.
func Remove() error {
	k, err := registry.OpenKey(registry.CURRENT_USER, key, registry.SET_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("no longer starting with the computer: %w", err)
	}
	defer k.Close()
	if err := k.DeleteValue(value); err != nil && !errors.Is(err, registry.ErrNotExist) {
		return fmt.Errorf("no longer starting with the computer: %w", err)
	}
	return nil
}
