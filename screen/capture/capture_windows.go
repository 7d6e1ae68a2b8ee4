package capture

import "handrail/screen"

func open(o Options) (screen.Capturer, error) { return openPolling(o, duplicate) }
