// Package device reaches what Fyne keeps to itself of this computer's keyboard, mouse and monitors: the back and forward buttons,
// every movement of the pointer, the shortcuts that the system has for itself, such as Alt+Tab, and where windows are.
//
//	device.Buttons(window, picture.ExtraButton)
//	device.Moves(window, picture.Trace)
//	device.Capture(window, true)  // Alt+Tab and the Windows key go to the window…
//	device.Capture(window, false) // … and no longer
//
// Everything must be called on Fyne's thread, with windows that have been shown. macOS keeps its shortcuts for itself.
package device

import (
	"fyne.io/fyne/v2"
	"github.com/go-gl/glfw/v3.4/glfw"

	"handrail/screen"
)

// viewport is GLFW's window behind Fyne's, which Fyne makes the current one of its thread to draw. nil: there is none, as with
// the windows of tests, or this version of Fyne draws in another way; then what this package is for is left out.
func viewport(w fyne.Window) (view *glfw.Window) {
	drawn, ok := w.(interface{ RunWithContext(draw func()) })
	if !ok {
		return nil
	}
	drawn.RunWithContext(func() { view = glfw.GetCurrentContext() })
	return view
}

// extra are GLFW's names of the buttons that Fyne does not pass on.
var extra = map[glfw.MouseButton]screen.Button{
	glfw.MouseButton4: screen.ButtonBack, glfw.MouseButton5: screen.ButtonForward,
}

// Buttons calls on for the back and forward buttons of a mouse while the pointer is over the window.
func Buttons(w fyne.Window, on func(b screen.Button, down bool)) {
	view := viewport(w)
	if view == nil {
		return
	}
	var before glfw.MouseButtonCallback
	before = view.SetMouseButtonCallback(func(view *glfw.Window, b glfw.MouseButton, action glfw.Action, mods glfw.ModifierKey) {
		if button, ok := extra[b]; ok {
			on(button, action == glfw.Press)
			return
		}
		if before != nil {
			before(view, b, action, mods)
		}
	})
}

// Moves calls on for each movement of the pointer over the window. Fyne tells only where it is once in a frame, which
// cuts the corners of what is drawn quickly.
func Moves(w fyne.Window, on func(absolute fyne.Position)) {
	view := viewport(w)
	if view == nil {
		return
	}
	var before glfw.CursorPosCallback
	before = view.SetCursorPosCallback(func(view *glfw.Window, x, y float64) {
		if before != nil {
			before(view, x, y)
		}
		if scale := w.Canvas().Scale(); scale > 0 {
			on(fyne.NewPos(float32(int(x))/scale, float32(int(y))/scale)) // as Fyne has it
		}
	})
}

// Capture has the system's own shortcuts go to the window, or no longer. It says whether the system does that. A window
// that loses the keyboard must give them back.
func Capture(w fyne.Window, on bool) bool {
	view := viewport(w)
	return view != nil && capture(view, on)
}
