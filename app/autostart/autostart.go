// Package autostart has the system start one of our programs whenever the person signs in to the computer.
//
//	err := autostart.Set(program, "--background")
//	err = autostart.Remove()                        // nothing is left of it
//
// On Linux that is a desktop entry in the person's folder autostart; on Windows a value below
// HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Run; on macOS a file in the person's LaunchAgents.
package autostart

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrUnsupported is the error on systems where this cannot be done.
var ErrUnsupported = errors.New("on this system programs cannot be started by signing in")

// write writes a file that is all there is to starting. A folder that is not there yet is made.
func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("starting with the computer: %w", err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("starting with the computer: %w", err)
	}
	return nil
}

// remove removes such a file, and its folder if nothing else is in there.
func remove(path string) error {
	if err := os.Remove(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("no longer starting with the computer: %w", err)
	}
	_ = os.Remove(filepath.Dir(path)) // it fails when there is something in it
	return nil
}

// label is what launchd calls the program.
const label = "org.handrail.operator"

// launchAgent is the file with which macOS starts a program when the person signs in.
func launchAgent(program string, args []string) string {
	var list strings.Builder
	for _, arg := range append([]string{program}, args...) {
		list.WriteString("\t\t<string>")
		_ = xml.EscapeText(&list, []byte(arg)) // a Builder takes everything
		list.WriteString("</string>\n")
	}
	return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>` + label + `</string>
	<key>ProgramArguments</key>
	<array>
` + list.String() + `	</array>
	<key>RunAtLoad</key>
	<true/>
	<key>LimitLoadToSessionType</key>
	<string>Aqua</string>
</dict>
</plist>
`
}
