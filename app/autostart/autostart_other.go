//go:build !linux && !windows && !darwin

package autostart

// Set has the system start a program with these arguments from now on.
func Set(string, ...string) error { return ErrUnsupported }

// Remove undoes Set.
func Remove() error { return nil }
