//go:build !linux

package overlay

func open(Options) (surface, error) { return nil, ErrUnsupported }
