package session

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestHashesAreThoseOfSha256sum compares with the command that hashPath names.
func TestHashesAreThoseOfSha256sum(t *testing.T) {
	if _, err := exec.LookPath("sha256sum"); err != nil {
		t.Skip("sha256sum is not there")
	}
	folder := t.TempDir()
	for name, text := range map[string]string{"a/b.txt": "one", "a.txt": "two", "a/ž/empty": "", "Z": strings.Repeat("long ", 200_000)} {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for path, command := range map[string]string{
		filepath.Join(folder, "Z"): "sha256sum Z",
		folder:                     `find . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum`,
	} {
		cmd := exec.Command("sh", "-c", command)
		cmd.Dir = folder
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		want, _, _ := strings.Cut(string(out), " ")
		if got := hashPath(path, nil); got != want {
			t.Errorf("%s: %s, %s says %s", path, got, command, want)
		}
	}
	stop := make(chan struct{})
	close(stop)
	if got := hashPath(folder, stop); got != "" {
		t.Errorf("stopped, and yet %s", got)
	}
	if got := hashPath(filepath.Join(folder, "not there"), nil); got != "" {
		t.Errorf("of nothing: %s", got)
	}
}
