//go:build !linux && !windows && !darwin

package clipboard

import (
	"errors"

	"handrail/screen"
)

func open(Options, func(screen.Clip)) (screen.Clipboard, error) {
	return nil, errors.New("the clipboard of this system cannot be used by this program yet")
}
