package app

import (
	"os"
	"path/filepath"

	"handrail/session/link"
	"handrail/session/settings"
)

// Settings reads the settings file beside the program, or else the system's. A file that cannot be used does
// not stop a program: it goes on as if there were none, and notes say in sentences what is wrong. The file's proxy is
// used from then on.
func Settings() (file settings.File, notes []string) {
	dir := ""
	if program, err := os.Executable(); err == nil {
		dir = filepath.Dir(program)
	}
	path, ok := settings.Find(dir)
	if !ok {
		return file, nil
	}
	file, notes, err := settings.Load(path)
	if err != nil {
		notes = append(notes, err.Error())
	}
	if file.Proxy != "" {
		proxy, err := settings.ParseProxy(file.Proxy)
		if err != nil {
			return file, append(notes, err.Error())
		}
		link.UseProxy(proxy)
	}
	return file, notes
}
