// Package settings reads the settings file of Handrail's programs, a small TOML file:
//
//	# handrail.toml
//	relay = "relay.example.org"
//	proxy = "http://name:password@proxy.example.org:3128"
//	plain = "never"
//
//	[keys]
//	panic = "ctrl+alt+shift+esc"
//	control = "f12"
//	files = "f11"
//
// Find says where the file is, Load reads it, and ParseRelay checks the relay's address, from the file or from
// anywhere else. A helpdesk puts the file beside the customer's program; an administrator into the system's
// folder.
package settings

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/BurntSushi/toml"
)

// FileName is what the settings file is called everywhere.
const FileName = "handrail.toml"

// maxSize is the largest settings file, in bytes. What is larger is something else, and could keep the decoder,
// whose time grows with the square of some inputs, busy for a minute.
const maxSize = 8 << 10

const wantsText = "the value must be text in quotes"

// File is what a settings file may say. Everything is optional; the zero value is an empty file.
type File struct {
	// Relay is the relay's address as it was written; see ParseRelay.
	Relay string
	// Proxy is the address of an HTTP proxy to reach the relay through; see ParseProxy.
	Proxy string
	// Plain is what is done with wallpaper and effects of windows while the customer's desktop is shared: "asked" (off when
	// the operator asks for it), "always" or "never"; "" is "asked".
	Plain string
	// Keys are the keys that work in the customer's program whatever window is in front; "" is the default.
	Keys Keys
}

// Keys are combinations such as "ctrl+alt+shift+esc" or "f12".
type Keys struct {
	Panic, Control, Files string
}

// layout is File as TOML has it.
type layout struct {
	Relay text `toml:"relay"`
	Proxy text `toml:"proxy"`
	Plain text `toml:"plain"`
	Keys  struct {
		Panic   text `toml:"panic"`
		Control text `toml:"control"`
		Files   text `toml:"files"`
	} `toml:"keys"`
}

// text is a string that says in plain words what else it found; the decoder adds where.
type text string

func (t *text) UnmarshalTOML(value any) error {
	s, ok := value.(string)
	if !ok {
		return errors.New(wantsText)
	}
	*t = text(s)
	return nil
}

// Find gives the path of the settings file that counts: the one in programDir, where the program itself is, or
// else the one in the system's folder. ok is false if there is none. A file that is there but cannot be read
// counts too, so that Load can say so.
func Find(programDir string) (path string, ok bool) {
	for _, path := range candidates(programDir, runtime.GOOS, os.Getenv) {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return path, true
		}
	}
	return "", false
}

// candidates are the places of the file, the one that counts most first.
func candidates(programDir, goos string, getenv func(string) string) []string {
	var paths []string
	if programDir != "" {
		paths = append(paths, filepath.Join(programDir, FileName))
	}
	switch goos {
	case "windows":
		if dir := getenv("ProgramData"); dir != "" {
			paths = append(paths, filepath.Join(dir, "Handrail", FileName))
		}
	case "darwin":
		paths = append(paths, filepath.Join("/Library/Application Support/Handrail", FileName))
	default:
		paths = append(paths, filepath.Join("/etc/handrail", FileName))
	}
	return paths
}

// Load reads the settings file at path. Warnings are sentences about what was ignored, such as a name that this
// version does not know. An error is one sentence for a person, with the line and column where there is one.
func Load(path string) (file File, warnings []string, err error) {
	data, err := read(path)
	if err != nil {
		return File{}, nil, fmt.Errorf("The settings file %s cannot be read: %w.", path, err) //nolint:staticcheck // a sentence for people
	}
	var content layout
	meta, err := toml.Decode(string(data), &content)
	if err != nil {
		return File{}, nil, broken(path, err)
	}
	file.Relay, file.Proxy, file.Plain = string(content.Relay), string(content.Proxy), string(content.Plain)
	file.Keys = Keys{Panic: string(content.Keys.Panic), Control: string(content.Keys.Control), Files: string(content.Keys.Files)}
	for _, key := range meta.Undecoded() {
		warnings = append(warnings,
			fmt.Sprintf("The settings file %s has %q, which this version does not know; it is ignored.", path, key.String()))
	}
	return file, warnings, nil
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, plain(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, plain(err)
	}
	if len(data) > maxSize {
		return nil, fmt.Errorf("it is larger than %d kB", maxSize>>10)
	}
	return data, nil
}

// plain leaves out the path, which the sentence already has.
func plain(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

// BrokenError is a settings file that is not TOML, or has a value of the wrong kind.
type BrokenError struct {
	Path         string
	Line, Column int // from 1; 0 if not known
	Problem      string
}

func (e *BrokenError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("The settings file %s has a mistake: %s.", e.Path, e.Problem)
	}
	return fmt.Sprintf("The settings file %s has a mistake in line %d, column %d: %s.", e.Path, e.Line, e.Column, e.Problem)
}

func broken(path string, err error) error {
	b := &BrokenError{Path: path, Problem: strings.TrimPrefix(err.Error(), "toml: ")}
	var parse toml.ParseError
	if errors.As(err, &parse) {
		b.Line, b.Column, b.Problem = parse.Position.Line, parse.Position.Col, parse.Message
	}
	if strings.Contains(b.Problem, "expected value but found") {
		b.Problem = wantsText // by far the most likely, and the decoder does not say it
	}
	b.Problem = strings.Join(strings.Fields(strings.TrimSuffix(b.Problem, ".")), " ") // one line
	return b
}
