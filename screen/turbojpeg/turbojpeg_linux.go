package turbojpeg

import (
	"fmt"
	"image"
	"runtime"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"

	"handrail/screen"
)

// The library's name has been the same since version 1.2, and so have these functions and numbers (turbojpeg.h).
const (
	library = "libturbojpeg.so.0"

	pixelsBGRX    = 3
	coloursHalved = 2           // 4:2:0
	flags         = 1024 | 2048 // into the given buffer; the faster transform
)

var functions struct {
	open, compress, size uintptr
}

var load = sync.OnceValue(func() error {
	handle, err := purego.Dlopen(library, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return err
	}
	for name, f := range map[string]*uintptr{
		"tjInitCompress": &functions.open, "tjCompress2": &functions.compress, "tjBufSize": &functions.size,
	} {
		if *f, err = purego.Dlsym(handle, name); err != nil {
			return err
		}
	}
	return nil
})

// writer is the library's compressor. It lives as long as the program: there is one for each session that is shared.
type writer struct {
	handle uintptr
	out    []byte
	size   image.Point // of the last picture, for which out is large enough
	args   [11]uintptr // of the last call: those of a variadic one would be allocated each time
	buffer *byte
	length uint64
	pins   runtime.Pinner
}

// New makes a writer, or returns nil where the library is missing.
func New() screen.JPEG {
	if load() != nil {
		return nil
	}
	handle, _, _ := purego.SyscallN(functions.open)
	if handle == 0 {
		return nil
	}
	return &writer{handle: handle}
}

// Append is part of screen.JPEG.
func (w *writer) Append(dst []byte, fb *screen.Framebuffer, r image.Rectangle, quality int) ([]byte, error) {
	if fb.Format != screen.BGRX || r.Empty() || !r.In(fb.Bounds()) {
		return dst, fmt.Errorf("turbojpeg: %v of a picture of %v", r, fb.Bounds())
	}
	if r.Size() != w.size {
		w.size = r.Size()
		most, _, _ := purego.SyscallN(functions.size, uintptr(r.Dx()), uintptr(r.Dy()), coloursHalved)
		if uintptr(len(w.out)) < most {
			w.out = make([]byte, most)
		}
	}
	w.buffer, w.length = &w.out[0], uint64(len(w.out))
	source := &fb.Pix[r.Min.Y*fb.Stride+4*r.Min.X]
	w.pins.Pin(w)
	w.pins.Pin(w.buffer)
	w.pins.Pin(source)
	w.args = [...]uintptr{
		w.handle, uintptr(unsafe.Pointer(source)), uintptr(r.Dx()), uintptr(fb.Stride), uintptr(r.Dy()), pixelsBGRX,
		uintptr(unsafe.Pointer(&w.buffer)), uintptr(unsafe.Pointer(&w.length)), coloursHalved, uintptr(quality), flags,
	}
	failed, _, _ := purego.SyscallN(functions.compress, w.args[:]...)
	w.pins.Unpin()
	if int32(failed) != 0 || w.length > uint64(len(w.out)) {
		return dst, fmt.Errorf("turbojpeg: %d", int32(failed))
	}
	return append(dst, w.out[:w.length]...), nil
}
