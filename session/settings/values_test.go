package settings

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestValuesOfUserAndPolicy(t *testing.T) {
	user := write(t, "settings.toml", "appearance = 'dark'\nlanguage = 'sl'\nopen_viewer = false\n")
	policy := write(t, "policy.toml", "language = 'de'\n")
	v, notes := Open(Operator, user, policy)
	if len(notes) > 0 {
		t.Error(notes)
	}
	for _, c := range []struct {
		key, want string
		source    Source
	}{{"appearance", "dark", FromUser}, {"language", "de", FromPolicy}, {"text_size", "normal", FromDefault}, {"open_viewer", "false", FromUser}, {"nonsense", "", FromDefault}} {
		if got := v.Get(c.key); got != c.want || v.Source(c.key) != c.source {
			t.Errorf("%s is %q from %d", c.key, got, v.Source(c.key))
		}
	}
	for key, want := range map[string]error{"language": ErrLocked, "nonsense": ErrUnknown, "appearance": ErrValue} {
		if err := v.Set(key, "purple"); !errors.Is(err, want) {
			t.Errorf("%s: %v", key, err)
		}
	}
	if err := v.Reset("language"); !errors.Is(err, ErrLocked) {
		t.Errorf("resetting what the policy has set: %v", err)
	}
}

func TestValuesAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "handrail", "settings.toml")
	v, notes := Open(Operator, path, "")
	if len(notes) > 0 {
		t.Error(notes)
	}
	heard := ""
	v.OnChange(func(key string) { heard += key + " " })
	for key, value := range map[string]string{"relay": `quotes " and \ č`, "appearance": "contrast", "open_viewer": "false", "quality": "high"} {
		if err := v.Set(key, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.Reset("appearance"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(heard, "relay") {
		t.Errorf("changes heard of: %s", heard)
	}
	again, notes := Open(Operator, path, "")
	if len(notes) > 0 {
		t.Error(notes)
	}
	if again.Get("relay") != `quotes " and \ č` || again.On("open_viewer") || again.Get("appearance") != "auto" || again.Source("quality") != FromDefault {
		data, _ := os.ReadFile(path)
		t.Errorf("kept was:\n%s", data)
	}
}

func TestBrokenFileIsKept(t *testing.T) {
	path := write(t, "settings.toml", "appearance = 'dark'\nlanguage = \n")
	v, notes := Open(Operator, path, "")
	if len(notes) != 1 || !strings.Contains(notes[0].String(), "line 2, column 12") || v.Get("appearance") != "auto" {
		t.Fatalf("%q, appearance %s", notes, v.Get("appearance"))
	}
	if err := v.Set("appearance", "light"); err != nil {
		t.Fatal(err)
	}
	if kept, err := os.ReadFile(path + ".broken"); err != nil || !strings.HasPrefix(string(kept), "appearance = 'dark'") {
		t.Errorf("kept: %q, %v", kept, err)
	}
	if again, notes := Open(Operator, path, ""); len(notes) > 0 || again.Get("appearance") != "light" {
		t.Errorf("afterwards: %q, %s", notes, again.Get("appearance"))
	}
}

func TestValuesThatCannotBe(t *testing.T) {
	path := write(t, "settings.toml", "appearance = 'purple'\nopen_viewer = 'yes'\nquality = 7\nlater = 3\n")
	v, notes := Open(Operator, path, "")
	if len(notes) != 4 || v.Get("appearance") != "auto" || !v.On("open_viewer") {
		t.Errorf("%q", notes)
	}
	if err := v.Set("quality", "speed"); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(path); !strings.Contains(string(data), "later = 3") {
		t.Errorf("what another version has written is lost:\n%s", data)
	}
}

func TestDefaultsAreAllowed(t *testing.T) {
	for _, s := range Operator {
		if s.Kind == Switch && s.Default == "" || !s.allows(s.Default) || s.About == "" {
			t.Errorf("%s: default %q", s.Key, s.Default)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("appearance = 'dark'\nopen_viewer = true\nx = [[1],{a=2}]\n"))
	path := filepath.Join(f.TempDir(), FileName)
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		v, _ := Open(Operator, path, "")
		if err := v.Set("text_size", "large"); err != nil {
			t.Fatal(err)
		}
		if again, _ := Open(Operator, path, ""); again.Get("text_size") != "large" {
			t.Errorf("what was set is lost")
		}
		os.Remove(path + ".broken")
	})
}

func TestEverySettingIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/SETTINGS.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Operator {
		value := s.Default
		if s.Kind != Switch {
			value = `"` + value + `"`
		}
		if !strings.Contains(string(page), "| `"+s.Key+"` | `"+value+"`") {
			t.Errorf("docs/SETTINGS.md has no line for %s = %s", s.Key, value)
		}
	}
}
