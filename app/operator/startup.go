package main

import (
	"fmt"
	"os"

	"handrail/app/autostart"
	"handrail/session/settings"
)

// startup makes true what the settings say about starting with the computer.
func startup(v *settings.Values) error {
	if !v.On("autostart") {
		return autostart.Remove()
	}
	own, err := os.Executable()
	if err != nil {
		return fmt.Errorf("this program's place cannot be found: %w", err)
	}
	if v.On("background") {
		return autostart.Set(own, "--background")
	}
	return autostart.Set(own)
}

// keepStartup does so when the program starts: its file may have been moved, and the policy may have changed. What a person
// has set up without these settings is left alone.
func (p *program) keepStartup(v *settings.Values) {
	if !v.On("autostart") && v.Source("autostart") != settings.FromPolicy {
		return
	}
	if err := startup(v); err != nil {
		fmt.Fprintln(p.err, "handrail:", err)
	}
}
