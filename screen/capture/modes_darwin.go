package capture

import (
	"image"

	"handrail/screen"
)

// modes would change the resolution of monitors; on macOS nothing does yet.
type modes struct{}

// of lists the resolutions of monitors: none that can be set.
func (*modes) of([]screen.Monitor, image.Point) []screen.Mode { return nil }
