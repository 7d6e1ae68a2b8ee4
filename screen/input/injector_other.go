//go:build !linux && !windows && !(darwin && cgo)

package input

import (
	"fmt"
	"runtime"

	"handrail/screen"
)

func open(Options) (screen.Injector, error) {
	return nil, fmt.Errorf("this computer cannot be controlled: this program was built for %s without what that needs "+
		"(Linux with X11, Windows, and macOS with cgo are supported)", runtime.GOOS)
}
