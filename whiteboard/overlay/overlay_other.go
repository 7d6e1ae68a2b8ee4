//go:build !linux && !windows

package overlay

func open(Options) (surface, error) { return nil, ErrUnsupported }
