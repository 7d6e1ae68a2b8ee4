package settings

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestLoad(t *testing.T) {
	for _, c := range []struct {
		name, text   string
		want         File
		warns        []string // what each warning names
		line, column int      // of the mistake
	}{
		{name: "empty"},
		{name: "comments", text: "# nothing\n\n"},
		{name: "relay", text: "relay = \"relay.example.org\"\n", want: File{Relay: "relay.example.org"}},
		{name: "keys", text: "[keys]\npanic = \"ctrl+alt+p\"\ncontrol = \"f9\"\n", want: File{Keys: Keys{Panic: "ctrl+alt+p", Control: "f9"}}},
		{name: "Windows text", text: "\xef\xbb\xbfrelay = 'r.example'\r\n", want: File{Relay: "r.example"}},
		{
			name: "names of a later version", text: "relay = 'r.example'\ncolour = 1\n[ui]\ntheme = 'dark'\n",
			want: File{Relay: "r.example"}, warns: []string{`"colour"`, `"ui"`, `"ui.theme"`},
		},
		{name: "no quotes", text: "# a\nrelay = relay.example.org\n", line: 2, column: 9},
		{name: "open quotes", text: "relay = \"relay.example.org\n", line: 1, column: 27},
		{name: "twice", text: "relay = 'a'\nrelay = 'b'\n", line: 2, column: 13},
		{name: "a number", text: "\n\nrelay = 7\n", line: 3, column: 9},
		{name: "another program's file", text: "\x7fELF\x02\x01", line: 1, column: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), FileName)
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			file, warnings, err := Load(path)
			if c.line > 0 {
				var mistake *BrokenError
				if !errors.As(err, &mistake) || file != (File{}) {
					t.Fatalf("%v, %v", file, err)
				}
				t.Log(err)
				if mistake.Line != c.line || mistake.Column != c.column {
					t.Errorf("line %d, column %d", mistake.Line, mistake.Column)
				}
				if s := err.Error(); !strings.Contains(s, path) || !strings.HasSuffix(s, ".") || strings.Contains(s, "\n") {
					t.Errorf("not a sentence: %q", s)
				}
				return
			}
			if err != nil || file != c.want || len(warnings) != len(c.warns) {
				t.Fatalf("%v, %q, %v", file, warnings, err)
			}
			for i, w := range c.warns {
				if !strings.Contains(warnings[i], w) || !strings.Contains(warnings[i], path) {
					t.Errorf("%q does not name %s", warnings[i], w)
				}
			}
		})
	}
}

func TestLoadOfWhatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.toml")
	if err := os.WriteFile(large, make([]byte, maxSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "none.toml"), dir, large} {
		_, _, err := Load(path)
		if err == nil || strings.Count(err.Error(), path) != 1 {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, _, err := Load(filepath.Join(dir, "none.toml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	if found, ok := Find(dir); ok && found == path {
		t.Error("found what is not there")
	}
	if err := os.WriteFile(path, []byte("relay = "), 0o600); err != nil {
		t.Fatal(err)
	}
	if found, ok := Find(dir); !ok || found != path { // broken as it is, it counts
		t.Errorf("found %q, %v", found, ok)
	}
}

func TestPlaces(t *testing.T) {
	env := func(name string) string {
		return map[string]string{"ProgramData": "C:/ProgramData"}[name]
	}
	for _, c := range []struct {
		dir, goos string
		want      []string
	}{
		{"app", "linux", []string{"app/handrail.toml", "/etc/handrail/handrail.toml"}},
		{"app", "freebsd", []string{"app/handrail.toml", "/etc/handrail/handrail.toml"}},
		{"app", "windows", []string{"app/handrail.toml", "C:/ProgramData/Handrail/handrail.toml"}},
		{"app", "darwin", []string{"app/handrail.toml", "/Library/Application Support/Handrail/handrail.toml"}},
		{"", "linux", []string{"/etc/handrail/handrail.toml"}},
	} {
		got := candidates(c.dir, c.goos, env)
		for i := range got {
			got[i] = filepath.ToSlash(got[i])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", c.goos, got)
		}
	}
	if got := candidates("", "windows", func(string) string { return "" }); len(got) != 0 {
		t.Errorf("without ProgramData: %q", got)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte("relay = 'relay.example.org'\n"))
	f.Add([]byte("relay = [\n"))
	f.Add([]byte("\xff\xfe"))
	path := filepath.Join(f.TempDir(), FileName)
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Load(path); err != nil && strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("not one line: %q", err)
		}
	})
}
