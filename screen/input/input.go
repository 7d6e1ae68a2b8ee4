// Package input moves the pointer, presses buttons and keys, and types text on this computer, as an operator
// asks.
//
// On X11 it speaks the protocol itself (XTEST). Keys are those of the present keyboard map; characters
// that it lacks are put onto keycodes that are free, for as long as they are needed. Windows (SendInput) and
// macOS (CGEvent) take characters as they are.
//
//	i, err := input.Open(input.Options{})
//	…
//	defer i.Close() // releases what is held, and puts the keyboard map back
//	err = i.Type("čšž 한국어 😀\n")
package input

import (
	"errors"

	"handrail/screen"
)

// Options says what to control.
type Options struct {
	// Display is the name of an X display; empty is $DISPLAY. Other systems ignore it.
	Display string
}

// ErrClosed is what an injector returns after Close or after the display has gone.
var ErrClosed = errors.New("the screen is no longer there")

// ErrInterrupted is what Type returns when ReleaseAll or Close ended it before the text did.
var ErrInterrupted = errors.New("typing was interrupted")

// Open gets ready to inject input. An error is a sentence for a person.
func Open(o Options) (screen.Injector, error) { return open(o) }
