//go:build linux && cgo && !wayland

package device

/*
#cgo LDFLAGS: -lX11
#include <X11/Xlib.h>

static int handrailGrab(void *display, unsigned long window) {
	return XGrabKeyboard((Display *)display, (Window)window, False, GrabModeAsync, GrabModeAsync, CurrentTime) == GrabSuccess;
}

static void handrailUngrab(void *display) {
	XUngrabKeyboard((Display *)display, CurrentTime);
	XFlush((Display *)display);
}
*/
import "C"

import (
	"unsafe"

	"github.com/go-gl/glfw/v3.4/glfw"
)

// capture grabs the keyboard on Fyne's own connection, so that keys arrive as they always do, input methods included.
func capture(view *glfw.Window, on bool) bool {
	display := unsafe.Pointer(glfw.GetX11Display())
	if display == nil {
		return false
	}
	if !on {
		C.handrailUngrab(display)
		return true
	}
	return C.handrailGrab(display, C.ulong(view.GetX11Window())) != 0
}
