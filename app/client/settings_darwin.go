package main

import (
	"os/exec"

	"handrail/screen"
)

// settingsPages are the pages of macOS' settings where people allow what a program may do.
var settingsPages = map[string]string{
	screen.ObstacleMacScreen: "Privacy_ScreenCapture",
	screen.ObstacleMacHands:  "Privacy_Accessibility",
	screen.ObstacleMacWatch:  "Privacy_ListenEvent",
}

// openSettings opens the page where an obstacle can be removed.
func openSettings(problem string) {
	page, ok := settingsPages[problem]
	if !ok {
		return
	}
	open := exec.Command("open", "x-apple.systempreferences:com.apple.preference.security?"+page)
	if open.Start() == nil {
		go func() { _ = open.Wait() }()
	}
}
