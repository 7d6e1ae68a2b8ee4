//go:build !linux && !windows && !(darwin && cgo)

package overlay

func open(Options) (surface, error) { return nil, ErrUnsupported }
