//go:build !linux && !windows && !darwin

package input

import (
	"fmt"
	"io"

	"handrail/screen"
)

func watchLocal(Options, func(screen.LocalEvent)) (io.Closer, error) {
	return nil, fmt.Errorf("this program was built without the means to tell this computer's own mouse and keyboard from the operator's")
}
