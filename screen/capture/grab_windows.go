package capture

import (
	"errors"
	"fmt"
	"image"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"

	"handrail/screen"
)

// Functions of GDI (wingdi.h, winuser.h).
var (
	user32 = windows.NewLazySystemDLL("user32.dll")
	gdi32  = windows.NewLazySystemDLL("gdi32.dll")

	getDC              = user32.NewProc("GetDC")
	releaseDC          = user32.NewProc("ReleaseDC")
	createCompatibleDC = gdi32.NewProc("CreateCompatibleDC")
	deleteDC           = gdi32.NewProc("DeleteDC")
	createDIBSection   = gdi32.NewProc("CreateDIBSection")
	selectObject       = gdi32.NewProc("SelectObject")
	deleteObject       = gdi32.NewProc("DeleteObject")
	bitBlt             = gdi32.NewProc("BitBlt")
	gdiFlush           = gdi32.NewProc("GdiFlush")
)

const (
	sourceCopy = 0x00CC0020 // SRCCOPY
	// grabRows is how many rows of the screen are copied at a time: that bounds the memory.
	grabRows = 512
)

// bitmapInfo is BITMAPINFO for 32 bits a pixel: blue, green, red, nothing. A negative height counts rows from above.
type bitmapInfo struct {
	size                   uint32
	width, height          int32
	planes, bitCount       uint16
	compression, sizeImage uint32
	perMetreX, perMetreY   int32
	used, important        uint32
	colours                uint32
}

// grabber copies parts of the screen through one bitmap that is used again and again. The zero value is ready; one
// goroutine at a time uses it.
type grabber struct {
	bitmap uintptr
	pixels []byte // of the bitmap
	width  int
}

// grab copies rectangles of a desktop whose top left pixel is at origin in the system's coordinates, and tells whether any
// pixel is another than before. changes gets where, roughly, unless it is nil.
func (g *grabber) grab(into *screen.Framebuffer, rects []image.Rectangle, origin image.Point, changes *screen.Region) (changed bool, err error) {
	runtime.LockOSThread() // what is taken here belongs to the thread
	defer runtime.UnlockOSThread()
	display, _, _ := syscall.SyscallN(getDC.Addr(), 0)
	if display == 0 {
		return false, errors.New("the screen cannot be captured: it has no device context")
	}
	defer syscall.SyscallN(releaseDC.Addr(), 0, display)
	memory, _, _ := syscall.SyscallN(createCompatibleDC.Addr(), display)
	if memory == 0 {
		return false, errors.New("the screen cannot be captured: there is no device context in memory")
	}
	defer syscall.SyscallN(deleteDC.Addr(), memory)
	if err := g.fit(memory, into.Width); err != nil {
		return false, err
	}
	before, _, _ := syscall.SyscallN(selectObject.Addr(), memory, g.bitmap)
	if before == 0 {
		return false, errors.New("the screen cannot be captured: the bitmap is in use")
	}
	defer syscall.SyscallN(selectObject.Addr(), memory, before)
	for _, r := range rects {
		r = r.Intersect(into.Bounds())
		for ; !r.Empty(); r.Min.Y += grabRows {
			piece := r
			piece.Max.Y = min(r.Max.Y, r.Min.Y+grabRows)
			other, err := g.piece(into, memory, display, piece, origin, changes)
			if err != nil {
				return changed, err
			}
			changed = changed || other
		}
	}
	return changed, nil
}

func (g *grabber) piece(into *screen.Framebuffer, memory, display uintptr, r image.Rectangle, origin image.Point, changes *screen.Region) (changed bool, err error) {
	from := r.Min.Add(origin)
	ok, _, failed := syscall.SyscallN(bitBlt.Addr(), memory, 0, 0, uintptr(r.Dx()), uintptr(r.Dy()), display,
		uintptr(from.X), uintptr(from.Y), sourceCopy)
	if ok == 0 {
		return false, fmt.Errorf("the screen cannot be captured: %w", failed)
	}
	_, _, _ = syscall.SyscallN(gdiFlush.Addr()) // from here on the pixels are there
	for y := range r.Dy() {
		before, now := into.Pix[(r.Min.Y+y)*into.Stride+4*r.Min.X:][:4*r.Dx()], g.pixels[4*g.width*y:]
		if changes != nil {
			note(changes, before, now, r.Min.X, r.Min.Y+y)
		}
		changed = takeRow(before, now) || changed
	}
	return changed, nil
}

// fit makes the bitmap wide enough for a desktop.
func (g *grabber) fit(memory uintptr, width int) error {
	if g.bitmap != 0 && g.width == width {
		return nil
	}
	g.release()
	info := bitmapInfo{width: int32(width), height: -grabRows, planes: 1, bitCount: 32}
	info.size = uint32(unsafe.Sizeof(info) - unsafe.Sizeof(info.colours))
	var bits unsafe.Pointer
	bitmap, _, failed := syscall.SyscallN(createDIBSection.Addr(), memory, uintptr(unsafe.Pointer(&info)), 0,
		uintptr(unsafe.Pointer(&bits)), 0, 0)
	if bitmap == 0 || bits == nil {
		return fmt.Errorf("the screen cannot be captured: %w", failed)
	}
	g.bitmap, g.width = bitmap, width
	g.pixels = unsafe.Slice((*byte)(bits), 4*width*grabRows)
	return nil
}

// release gives the bitmap back.
func (g *grabber) release() {
	if g.bitmap != 0 {
		_, _, _ = syscall.SyscallN(deleteObject.Addr(), g.bitmap)
	}
	*g = grabber{}
}
