package main

import (
	"io"
	"log"
	"os"
	"path/filepath"
	"runtime"

	"github.com/go-text/typesetting/fontscan"
)

// leaveNoTraces keeps the GUI toolkit from writing into the person's folders, which it would do at its start:
// settings, a cache of its own and an index of fonts. Until restore is called, which must be before anybody
// chooses a file, its folders are at a place where nothing can be made.
func leaveNoTraces() (restore func()) {
	indexFonts()
	forget := rememberShaders()
	nowhere := filepath.Join(os.DevNull, "handrail")
	var undo []func()
	for _, name := range toolkitFolders[runtime.GOOS] {
		old, was := os.LookupEnv(name)
		if was {
			undo = append(undo, func() { os.Setenv(name, old) })
		} else {
			undo = append(undo, func() { os.Unsetenv(name) })
		}
		os.Setenv(name, nowhere)
	}
	return func() {
		forget()
		for _, put := range undo {
			put()
		}
	}
}

// rememberShaders lets Mesa, which draws on Linux, keep the programs for the graphics card that it has compiled for the first
// window: each further one, such as the bar, would compile them again, and without a graphics card all windows would stand
// still for a second or two. They are kept in a file in a temporary folder, which Mesa holds open; forget removes both once
// the first window is there, so that nothing is left however the program ends.
func rememberShaders() (forget func()) {
	dir, err := os.MkdirTemp("", "handrail")
	if err != nil || runtime.GOOS == "windows" {
		os.Setenv("MESA_SHADER_CACHE_DISABLE", "true")
		return func() { _ = os.RemoveAll(dir) }
	}
	os.Setenv("MESA_SHADER_CACHE_DIR", dir)
	os.Setenv("MESA_DISK_CACHE_SINGLE_FILE", "true")
	return func() { _ = os.RemoveAll(dir) }
}

// toolkitFolders are the environment's names for the folders that Fyne and its font finder write into.
var toolkitFolders = map[string][]string{
	"linux":   {"XDG_CONFIG_HOME", "XDG_CACHE_HOME"},
	"freebsd": {"XDG_CONFIG_HOME", "XDG_CACHE_HOME"},
	"windows": {"USERPROFILE", "LOCALAPPDATA", "APPDATA"},
	"darwin":  {"HOME"},
}

// indexFonts makes the index of the system's fonts, from which text beyond Latin is drawn, in a temporary folder
// that is gone when it returns. The font finder makes its index once in a program, and must be able to write
// it.
func indexFonts() {
	dir, err := os.MkdirTemp("", "handrail")
	if err != nil {
		return // text that the program's own font lacks stays without letters
	}
	defer os.RemoveAll(dir)
	_, _ = fontscan.SystemFonts(log.New(io.Discard, "", 0), dir)
}
