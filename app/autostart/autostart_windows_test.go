package autostart

import (
	"errors"
	"testing"

	"golang.org/x/sys/windows/registry"
)

func TestSet(t *testing.T) {
	read := func() (string, error) {
		k, err := registry.OpenKey(registry.CURRENT_USER, key, registry.QUERY_VALUE)
		if err != nil {
			return "", err
		}
		defer k.Close()
		text, _, err := k.GetStringValue(value)
		return text, err
	}
	for range 2 {
		if err := Set(`C:\Program Files\handrail.exe`, "--background"); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := read(); err != nil || text != `"C:\Program Files\handrail.exe" --background` {
		t.Errorf("%q %v", text, err)
	}
	for range 2 {
		if err := Remove(); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := read(); !errors.Is(err, registry.ErrNotExist) {
		t.Errorf("left: %q %v", text, err)
	}
}
