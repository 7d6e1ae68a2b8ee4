// Package app holds what the three programs have in common. The programs themselves are in the folders below
// and only wire together what the other packages do.
package app

import (
	"os"
	"runtime"
)

// Version is the version of all programs.
const Version = "0.1.0"

// Hostname is this computer's name as others are told it.
func Hostname() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "computer"
	}
	return name
}

// System is the name of this computer's operating system for people.
func System() string {
	switch runtime.GOOS {
	case "windows":
		return "Windows"
	case "darwin":
		return "macOS"
	case "linux":
		return "Linux"
	}
	return runtime.GOOS
}
