package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"handrail/session/settings"
)

// TestAnAddressThatCannotBeUsed: one in a file is shown in the window, where it can be corrected; one on the command line ends the
// program with a sentence.
func TestAnAddressThatCannotBeUsed(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"XDG_CONFIG_HOME", "HOME", "AppData"} {
		t.Setenv(name, home)
	}
	file := settings.UserFile()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("relay = 'http://relay.example.org'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	p := &program{out: &said, err: &said}
	start, err := p.startValues(openCommand{})
	if err != nil {
		t.Fatal(err)
	}
	o := start.options()
	if o.Relay != nil || o.Address != "http://relay.example.org" || !errors.Is(o.Problem, settings.ErrInsecure) {
		t.Errorf("the window begins with %v, %q and %v", o.Relay, o.Address, o.Problem)
	}
	if _, err := p.startValues(openCommand{Relay: "not an address"}); !errors.Is(err, settings.ErrAddress) {
		t.Errorf("on the command line: %v", err)
	}
	start, err = p.startValues(openCommand{Relay: "relay.example.org"})
	if o := start.options(); err != nil || o.Relay == nil || o.Relay.Host != "relay.example.org" || o.Problem != nil {
		t.Errorf("with a good one on the command line: %v, %v, %v", err, o.Relay, o.Problem)
	}
}

// TestWhatIsMissingIsAskedFor: the window says nothing of it, as there is a field for it.
func TestWhatIsMissingIsAskedFor(t *testing.T) {
	all := startValues{Relay: "relay.example.org", User: "desk1", Password: "secret"}
	if !all.complete() {
		t.Error("nothing is missing")
	}
	for _, leave := range []func(*startValues){func(s *startValues) { s.Relay = "" }, func(s *startValues) { s.User = "" }, func(s *startValues) { s.Password = "" }} {
		s := all
		if leave(&s); s.complete() {
			t.Errorf("something is missing of %+v", s)
		}
	}
}
