package scheme

import (
	"errors"
	"fmt"

	"golang.org/x/sys/windows/registry"
)

const key = `Software\Classes\` + Name

// Register makes the system open our addresses with a program; flag stands before the address.
func Register(program, flag string) error {
	for _, value := range []struct{ path, name, text string }{
		{key, "", "URL:Handrail"},
		{key, "URL Protocol", ""},
		{key + `\shell\open\command`, "", `"` + program + `" ` + flag + ` "%1"`},
	} {
		k, _, err := registry.CreateKey(registry.CURRENT_USER, value.path, registry.SET_VALUE)
		if err != nil {
			return fmt.Errorf("links cannot be registered: %w", err)
		}
		err = k.SetStringValue(value.name, value.text)
		k.Close()
		if err != nil {
			return fmt.Errorf("links cannot be registered: %w", err)
		}
	}
	return nil
}

// Remove undoes Register.
func Remove() error {
	for _, path := range []string{key + `\shell\open\command`, key + `\shell\open`, key + `\shell`, key} {
		if err := registry.DeleteKey(registry.CURRENT_USER, path); err != nil && !errors.Is(err, registry.ErrNotExist) {
			return fmt.Errorf("links cannot be taken back: %w", err)
		}
	}
	return nil
}
