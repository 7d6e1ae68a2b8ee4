package input

import (
	"io"

	"handrail/screen"
)

// WatchLocal calls on for everything that this computer's own pointers and keyboards do, as opposed to what
// programs inject, until it is closed. on runs on one goroutine and must not block; Close waits until it does not
// run any more. An error is a sentence for a person.
//
// X11 tells the device that a raw event of XInput2 comes from: XTEST's are programs. Windows marks what was
// injected. macOS tells the process that made an event. Where a system program injects for the person, such as a
// keyboard on the screen, that counts as injected.
func WatchLocal(o Options, on func(screen.LocalEvent)) (io.Closer, error) { return watchLocal(o, on) }
