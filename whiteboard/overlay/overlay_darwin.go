//go:build cgo

package overlay

/*
#cgo CFLAGS: -x objective-c -fobjc-arc
#cgo LDFLAGS: -framework Cocoa -framework QuartzCore
#include "overlay_darwin.h"
*/
import "C"

import (
	"fmt"
	"image"
	"sync"
	"unsafe"

	"handrail/whiteboard"
)

// macSurface is a window without a border on each screen that ignores the mouse and shows its part of the picture. Other
// windows, almost invisible, take the pointer while the customer draws. Windows belong to the main thread; everything is
// done there, and not waited for longer than a moment: at the program's end nobody is there any more to do it.
type macSurface struct {
	handle C.uintptr_t // names the surface in calls from the main thread

	mu sync.Mutex
	on func(whiteboard.Input)
}

// surfaces are those that are open, by their handles: the pointer is told of on the main thread.
var surfaces struct {
	mu   sync.Mutex
	last C.uintptr_t
	open map[C.uintptr_t]*macSurface
}

func open(Options) (surface, error) {
	s := &macSurface{}
	surfaces.mu.Lock()
	surfaces.last++
	s.handle = surfaces.last
	if surfaces.open == nil {
		surfaces.open = map[C.uintptr_t]*macSurface{}
	}
	surfaces.open[s.handle] = s
	surfaces.mu.Unlock()
	if C.handrailOverlayOpen(s.handle) == 0 {
		s.forget()
		return nil, fmt.Errorf("%w: the window system does not answer", ErrUnsupported)
	}
	return s, nil
}

func (s *macSurface) hard() bool { return false }

func (s *macSurface) stale() bool { return false }

func (s *macSurface) resize(width, height int) error {
	return done(C.handrailOverlayResize(s.handle, C.int(width), C.int(height)))
}

func (s *macSurface) present(img *image.RGBA, _ []image.Rectangle, empty bool) error {
	if empty {
		return done(C.handrailOverlayHide(s.handle))
	}
	size := img.Rect.Size()
	return done(C.handrailOverlayShow(s.handle, unsafe.Pointer(&img.Pix[0]), C.int(size.X), C.int(size.Y), C.int(img.Stride)))
}

func (s *macSurface) grab(_ uintptr, on func(whiteboard.Input)) error {
	s.mu.Lock()
	s.on = on
	s.mu.Unlock()
	take := C.int(0)
	if on != nil {
		take = 1
	}
	return done(C.handrailOverlayTake(s.handle, take))
}

func (s *macSurface) close() {
	C.handrailOverlayClose(s.handle)
	s.forget()
}

func (s *macSurface) forget() {
	surfaces.mu.Lock()
	defer surfaces.mu.Unlock()
	delete(surfaces.open, s.handle)
}

// done is what a call came to.
func done(ok C.int) error {
	if ok == 0 {
		return fmt.Errorf("drawing over the screen: the window system does not answer")
	}
	return nil
}

// handrailOverlayPointer is called on the main thread for what the pointer does while it is taken, in pixels of the desktop.
//
//export handrailOverlayPointer
func handrailOverlayPointer(handle C.uintptr_t, x, y, button, pressed C.int) {
	surfaces.mu.Lock()
	s := surfaces.open[handle]
	surfaces.mu.Unlock()
	if s == nil {
		return
	}
	s.mu.Lock()
	on := s.on
	s.mu.Unlock()
	if on != nil {
		on(whiteboard.Input{X: int(x), Y: int(y), Button: int(button), Pressed: pressed != 0})
	}
}
