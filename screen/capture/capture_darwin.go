package capture

import "handrail/screen"

func open(o Options) (screen.Capturer, error) {
	if err := maySee(); err != nil {
		return nil, err
	}
	return openPolling(o, streamDisplays)
}
