//go:build !linux && !windows

package clipboard

import (
	"errors"

	"handrail/screen"
)

func openFiles(Options, func([]string)) (screen.FileClipboard, error) {
	return nil, errors.New("files cannot be copied and pasted on this system; drop them onto the window or press Send instead")
}
