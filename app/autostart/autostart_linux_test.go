package autostart

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// started writes a program that says with which arguments it was started.
func started(t *testing.T) (program, told string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), `my $programs "č" \ now`)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	program, told = filepath.Join(dir, "handrail"), filepath.Join(t.TempDir(), "told")
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho \"$*\" >'"+told+".new' && mv '"+told+".new' '"+told+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return program, told
}

// TestTheDesktopStartsIt has GLib, with which desktops read such entries, start what Set has written.
func TestTheDesktopStartsIt(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config")
	t.Setenv("XDG_CONFIG_HOME", config)
	program, told := started(t)
	for range 2 { // the second time in place of the first
		if err := Set(program, "--background"); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("gio", "launch", filepath.Join(config, "autostart", "handrail.desktop")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if text, err := os.ReadFile(told); err == nil {
			if string(text) != "--background\n" {
				t.Errorf("it was started with %q", text)
			}
			break
		}
		if time.Now().After(end) {
			t.Fatal("it was not started")
		}
	}
}

// TestNothingIsLeft looks at all that is in the folder of settings.
func TestNothingIsLeft(t *testing.T) {
	config := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	if err := Remove(); err != nil {
		t.Errorf("there is nothing to remove: %v", err)
	}
	if err := Set("/usr/bin/handrail"); err != nil {
		t.Fatal(err)
	}
	if err := Remove(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(config); err != nil || len(left) > 0 {
		t.Errorf("left: %v %v", left, err)
	}
	other := filepath.Join(config, "autostart", "other.desktop")
	if err := Set("/usr/bin/handrail"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Errorf("what others have put there is gone: %v", err)
	}
}
