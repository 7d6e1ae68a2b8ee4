package device

import (
	"image"

	"fyne.io/fyne/v2"
	"github.com/go-gl/glfw/v3.4/glfw"
)

// Place is where the content of a window that has been shown lies among the monitors, as desktop.Window.RequestPosition takes
// it. ok is false where that cannot be told: while the window is minimised, and on Wayland.
func Place(w fyne.Window) (at image.Rectangle, ok bool) {
	view := viewport(w)
	if view == nil || glfw.GetPlatform() == glfw.PlatformWayland || view.GetAttrib(glfw.Iconified) == glfw.True {
		return image.Rectangle{}, false
	}
	x, y := view.GetPos()
	width, height := view.GetSize()
	return image.Rect(x, y, x+width, y+height), true
}

// Monitors are the parts of the monitors that windows may fill, without bars of the system.
func Monitors() (list []image.Rectangle) {
	for _, m := range glfw.GetMonitors() {
		x, y, width, height := m.GetWorkarea()
		if width > 0 && height > 0 {
			list = append(list, image.Rect(x, y, x+width, y+height))
		}
	}
	return list
}

// Unfocused calls show, which shows a window for the first time: it does not get the keyboard for that.
func Unfocused(show func()) {
	glfw.WindowHint(glfw.FocusOnShow, glfw.False)
	defer glfw.WindowHint(glfw.FocusOnShow, glfw.True)
	show()
}

// Minimise leaves of a window that has been shown only what the system's list of windows has of it.
func Minimise(w fyne.Window) {
	if view := viewport(w); view != nil {
		view.Iconify()
	}
}
