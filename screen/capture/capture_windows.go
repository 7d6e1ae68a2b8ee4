package capture

import "handrail/screen"

func open(Options) (screen.Capturer, error) { return openPolling() }
