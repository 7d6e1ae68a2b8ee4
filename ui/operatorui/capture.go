package operatorui

import (
	"time"

	"handrail/ui/kit"
	"handrail/ui/text"
)

// capturedKeys is whether the viewer has the shortcuts that the operator's system usually has for itself.
type capturedKeys struct {
	on    bool
	retry *time.Timer // the system did not give them yet
	tries int
}

// What a window manager may take to let go of the keyboard.
const (
	captureRetry = 100 * time.Millisecond
	captureTries = 10
)

func (c *capturedKeys) stop() {
	if c.retry != nil {
		c.retry.Stop()
		c.retry = nil
	}
}

// captureKeys has the system's shortcuts go to the customer's computer while the picture is in full screen and has the
// keyboard, and gives them back in every other case.
func (v *viewerWindow) captureKeys() {
	device := v.board.window.options.Device
	if device == nil || v.gone {
		return
	}
	v.captured.stop()
	want := v.win.FullScreen() && v.picture.Focused() && v.board.window.options.Settings.On("capture_keys")
	if !want {
		if v.captured.on {
			v.captured.on = false
			device.Capture(v.win, false)
		}
		v.captured.tries = 0
		return
	}
	if v.captured.on {
		return
	}
	if v.captured.on = device.Capture(v.win, true); v.captured.on {
		return
	}
	if v.captured.tries++; v.captured.tries > captureTries {
		v.status.say(text.T("viewer.capture.no"))
		return
	}
	v.captured.retry = time.AfterFunc(captureRetry, func() { kit.Do(v.captureKeys) })
}
