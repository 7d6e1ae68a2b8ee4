package scheme

import (
	"errors"
	"testing"

	"golang.org/x/sys/windows/registry"
)

func TestRegister(t *testing.T) {
	if err := Register(`C:\Program Files\handrail.exe`, "--link"); err != nil {
		t.Fatal(err)
	}
	k, err := registry.OpenKey(registry.CURRENT_USER, key+`\shell\open\command`, registry.QUERY_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	text, _, err := k.GetStringValue("")
	k.Close()
	if err != nil || text != `"C:\Program Files\handrail.exe" --link "%1"` {
		t.Errorf("%q %v", text, err)
	}
	if err := Remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := registry.OpenKey(registry.CURRENT_USER, key, registry.QUERY_VALUE); !errors.Is(err, registry.ErrNotExist) {
		t.Errorf("the key is left: %v", err)
	}
}
