package capture

import (
	"github.com/ebitengine/purego"

	"handrail/screen"
)

// maySee is an obstacle while macOS gives this program nothing but the desktop's background, and says nothing about it. macOS
// asks the person the first time.
func maySee() error {
	const framework = "/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics"
	graphics, err := purego.Dlopen(framework, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil //nolint:nilerr // nothing is known, so it is tried
	}
	ask := func(name string) (answer, known bool) {
		at, err := purego.Dlsym(graphics, name)
		if err != nil {
			return false, false // macOS before 10.15 asks nobody
		}
		var fn func() bool
		purego.RegisterFunc(&fn, at)
		return fn(), true
	}
	if may, known := ask("CGPreflightScreenCaptureAccess"); may || !known {
		return nil
	}
	if may, _ := ask("CGRequestScreenCaptureAccess"); may {
		return nil
	}
	return &screen.Obstacle{Name: screen.ObstacleMacScreen, Sentence: "macOS has not allowed it: please allow this program in " +
		"System Settings, Privacy & Security, Screen Recording, and start it again"}
}
