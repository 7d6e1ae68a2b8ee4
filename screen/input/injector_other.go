//go:build !linux && !windows && !darwin

package input

import (
	"fmt"
	"runtime"

	"handrail/screen"
)

func open(Options) (screen.Injector, error) {
	return nil, fmt.Errorf("this computer cannot be controlled: this program was built for %s without what that needs "+
		"(Linux with X11, Windows, and macOS are supported)", runtime.GOOS)
}
