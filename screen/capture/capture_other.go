//go:build !linux && !windows && !darwin

package capture

import (
	"fmt"
	"runtime"

	"handrail/screen"
)

func open(Options) (screen.Capturer, error) {
	return nil, fmt.Errorf("the screen cannot be captured on %s: only Linux with X11, Windows and macOS are supported",
		runtime.GOOS)
}
