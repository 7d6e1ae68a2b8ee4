//go:build !linux

package turbojpeg

import "handrail/screen"

// New returns nil: the library is looked for on Linux only.
func New() screen.JPEG { return nil }
