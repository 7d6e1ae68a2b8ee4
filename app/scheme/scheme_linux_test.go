package scheme

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestRegister(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	t.Setenv("XDG_DATA_HOME", filepath.Join(home, "data"))
	list := filepath.Join(home, "config", "mimeapps.list")
	const others = "[Added Associations]\ntext/plain=a.desktop\n[Default Applications]\ntext/html=b.desktop\n"
	os.MkdirAll(filepath.Dir(list), 0o700)
	os.WriteFile(list, []byte(others), 0o600)
	for range 2 { // a second time changes nothing
		if err := Register("/opt/my $programs/handrail", "--link"); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(list)
	if err != nil || strings.Count(string(data), mimeType) != 1 || !strings.Contains(string(data), "text/html=b.desktop") ||
		!strings.Contains(string(data), "[Default Applications]\n"+mimeType+"="+entryName) {
		t.Errorf("%s %v", data, err)
	}
	entry, err := os.ReadFile(filepath.Join(home, "data", "applications", entryName))
	if err != nil || !strings.Contains(string(entry), `Exec="/opt/my \\$programs/handrail" --link %u`) {
		t.Errorf("%s %v", entry, err)
	}
	if validate, err := exec.LookPath("desktop-file-validate"); err == nil {
		if out, err := exec.Command(validate, filepath.Join(home, "data", "applications", entryName)).CombinedOutput(); err != nil {
			t.Errorf("%s", out)
		}
	}
	if err := Remove(); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(list); string(data) != others {
		t.Errorf("left: %s", data)
	}
	if err := Remove(); err != nil {
		t.Errorf("again: %v", err)
	}
	os.Remove(list)
	if err := Register("/usr/bin/handrail", "--link"); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(list); string(data) != section+"\n"+mimeType+"="+entryName+"\n" {
		t.Errorf("%s", data)
	}
}
