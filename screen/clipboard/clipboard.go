// Package clipboard gives what people copy on this computer, and takes what was copied on another one: text and
// pictures.
//
//	c, err := clipboard.Open(clipboard.Options{}, func(clip screen.Clip) { … }) // somebody has copied something
//	err = c.Set(screen.Clip{Text: "from the other side"})
//
// What was set does not come back, also where a clipboard manager takes it over at once. What is larger than
// package screen's limits is left where it is.
package clipboard

import "handrail/screen"

// Options says which clipboard.
type Options struct {
	// Display is the name of an X display; empty is $DISPLAY. Other systems ignore it.
	Display string
}

// Open watches the clipboard. on is called for what other programs copy from now on, on one goroutine; Close waits
// until it does not run any more. An error is a sentence for a person.
func Open(o Options, on func(screen.Clip)) (screen.Clipboard, error) { return open(o, on) }
