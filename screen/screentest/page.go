package screentest

import (
	"os"
	"strings"
	"testing"
)

// WriteTable puts lines between the marks <!-- name --> and <!-- end of name --> of a page, in the place of what is there.
func WriteTable(t testing.TB, path, name string, lines []string) {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first, last := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->\n"
	before, rest, ok := strings.Cut(string(page), first)
	_, after, ended := strings.Cut(rest, last)
	if !ok || !ended {
		t.Fatalf("%s has no place for %s", path, name)
	}
	text := before + first + strings.Join(lines, "\n") + "\n" + last + after
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
