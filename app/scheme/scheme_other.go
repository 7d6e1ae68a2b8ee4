//go:build !linux && !windows && !darwin

package scheme

// Register makes the system open our addresses with a program.
func Register(string, string) error { return ErrUnsupported }

// Remove undoes Register.
func Remove() error { return ErrUnsupported }
