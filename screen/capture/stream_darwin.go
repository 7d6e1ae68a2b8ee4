package capture

import (
	"errors"
	"fmt"
	"image"
	"sync"
	"time"
	"unsafe"

	"github.com/ebitengine/purego"
	"github.com/ebitengine/purego/objc"
)

// displayStream is the witness of one monitor on macOS: a CGDisplayStream (CGDisplayStream.h). Its pictures are not used.
// Apple has taken it out of newer headers in favour of ScreenCaptureKit, and left it in the system; so it is looked for
// when the program runs.
//
// A stream calls on threads of its own, also after it has been told to stop. Then it calls once more to say so, and only
// after that, if ever, it may be given back.
type displayStream struct {
	graphics *streams
	stream   uintptr         // CGDisplayStreamRef
	pixels   image.Point     // size of the monitor's own picture, in which rectangles come
	bounds   image.Rectangle // of the monitor, in the system's coordinates
	bell     chan struct{}   // buffered 1: something was seen, or the stream has ended

	mu    sync.Mutex
	seen  sighting
	ended bool
}

// streams are functions of CoreGraphics and CoreFoundation.
type streams struct {
	displays    func(most uint32, ids *uint32, n *uint32) int32 // CGGetActiveDisplayList
	bounds      func(display uint32) cgRect                     // CGDisplayBounds
	mode        func(display uint32) uintptr                    // CGDisplayCopyDisplayMode
	pixelWidth  func(mode uintptr) uintptr                      // CGDisplayModeGetPixelWidth
	pixelHeight func(mode uintptr) uintptr                      // CGDisplayModeGetPixelHeight

	create func(display uint32, width, height uintptr, format int32, properties, queue uintptr, handler objc.Block) uintptr // CGDisplayStreamCreateWithDispatchQueue
	start  func(stream uintptr) int32                                                                                       // CGDisplayStreamStart
	stop   func(stream uintptr) int32                                                                                       // CGDisplayStreamStop
	rects  func(update uintptr, kind int32, n *uintptr) unsafe.Pointer                                                      // CGDisplayStreamUpdateGetRects

	queue      func(priority int, flags uintptr) uintptr                                               // dispatch_get_global_queue
	dictionary func(allocator uintptr, keys, values *uintptr, n int, onKeys, onValues uintptr) uintptr // CFDictionaryCreate
	retain     func(object uintptr) uintptr                                                            // CFRetain
	release    func(object uintptr)                                                                    // CFRelease

	withoutPointer uintptr // properties of streams, a CFDictionaryRef
}

// cgRect is CGRect where CGFloat has 64 bits (CGGeometry.h).
type cgRect struct{ x, y, width, height float64 }

const (
	formatBGRA = 'B'<<24 | 'G'<<16 | 'R'<<8 | 'A' // kCVPixelFormatType_32BGRA
	dirtyRects = 2                                // kCGDisplayStreamUpdateDirtyRects: redrawn or moved
	mostRects  = 1 << 10

	frameComplete = 0 // kCGDisplayStreamFrameStatusFrameComplete
	frameBlank    = 2 // kCGDisplayStreamFrameStatusFrameBlank
	frameStopped  = 3 // kCGDisplayStreamFrameStatusStopped
)

// bindStreams finds the functions. On a macOS without them there are no witnesses.
var bindStreams = sync.OnceValues(func() (*streams, error) {
	g := &streams{}
	const framework = "/System/Library/Frameworks/ApplicationServices.framework/ApplicationServices"
	services, err := purego.Dlopen(framework, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNever, err)
	}
	find := func(name string) uintptr {
		at, failed := purego.Dlsym(services, name)
		if failed != nil && err == nil {
			err = fmt.Errorf("%w: %w", errNever, failed)
		}
		return at
	}
	for name, fn := range map[string]any{
		"CGGetActiveDisplayList": &g.displays, "CGDisplayBounds": &g.bounds, "CGDisplayCopyDisplayMode": &g.mode,
		"CGDisplayModeGetPixelWidth": &g.pixelWidth, "CGDisplayModeGetPixelHeight": &g.pixelHeight,
		"CGDisplayStreamCreateWithDispatchQueue": &g.create, "CGDisplayStreamStart": &g.start, "CGDisplayStreamStop": &g.stop,
		"CGDisplayStreamUpdateGetRects": &g.rects, "dispatch_get_global_queue": &g.queue, "CFDictionaryCreate": &g.dictionary,
		"CFRetain": &g.retain, "CFRelease": &g.release,
	} {
		if at := find(name); at != 0 {
			purego.RegisterFunc(fn, at)
		}
	}
	showCursor, no := find("kCGDisplayStreamShowCursor"), find("kCFBooleanFalse")
	onKeys, onValues := find("kCFTypeDictionaryKeyCallBacks"), find("kCFTypeDictionaryValueCallBacks")
	if err != nil {
		return nil, err
	}
	key, value := valueAt(showCursor), valueAt(no)
	g.withoutPointer = g.dictionary(0, &key, &value, 1, onKeys, onValues)
	return g, nil
})

// valueAt is the pointer that a C variable holds, given the variable's address.
func valueAt(address uintptr) uintptr { return **(**uintptr)(unsafe.Pointer(&address)) }

// streamDisplays is the summon of macOS.
func streamDisplays(monitors []image.Rectangle) ([]witness, error) {
	g, err := bindStreams()
	if err != nil {
		return nil, err
	}
	return witnesses(monitors, g.watchDisplay)
}

// watchDisplay begins to watch the monitor that is at a place of the desktop.
func (g *streams) watchDisplay(bounds image.Rectangle) (witness, error) {
	display, err := g.at(bounds)
	if err != nil {
		return nil, err
	}
	mode := g.mode(display)
	if mode == 0 {
		return nil, errors.New("a monitor has no mode")
	}
	d := &displayStream{graphics: g, bounds: bounds, bell: make(chan struct{}, 1)}
	d.pixels = image.Pt(int(g.pixelWidth(mode)), int(g.pixelHeight(mode)))
	g.release(mode)
	if d.pixels.X <= 0 || d.pixels.Y <= 0 {
		return nil, errors.New("a monitor has no pixels")
	}
	handler := objc.NewBlock(func(_ objc.Block, status int32, _ uint64, _, update objc.ID) { d.hear(status, uintptr(update)) })
	defer handler.Release() // the stream keeps its own
	d.stream = g.create(display, uintptr(d.pixels.X), uintptr(d.pixels.Y), formatBGRA, g.withoutPointer, g.queue(0, 0), handler)
	if d.stream == 0 {
		return nil, errors.New("CGDisplayStreamCreateWithDispatchQueue gives no stream")
	}
	if failed := g.start(d.stream); failed != 0 {
		g.release(d.stream)
		return nil, fmt.Errorf("CGDisplayStreamStart says %d", failed)
	}
	return d, nil
}

// at is the display at a place of the desktop.
func (g *streams) at(bounds image.Rectangle) (uint32, error) {
	var ids [32]uint32
	var n uint32
	if failed := g.displays(uint32(len(ids)), &ids[0], &n); failed != 0 {
		return 0, fmt.Errorf("CGGetActiveDisplayList says %d", failed)
	}
	for _, id := range ids[:min(int(n), len(ids))] {
		if r := g.bounds(id); image.Rect(int(r.x), int(r.y), int(r.x+r.width), int(r.y+r.height)) == bounds {
			return id, nil
		}
	}
	return 0, fmt.Errorf("there is no monitor at %v", bounds)
}

// hear is called by the system, on any thread.
func (d *displayStream) hear(status int32, update uintptr) {
	d.mu.Lock()
	switch status {
	case frameComplete:
		d.noteLocked(update)
	case frameBlank:
		d.seen.dirty.Add(d.bounds)
	case frameStopped:
		d.ended = true
	}
	news := d.ended || !d.seen.dirty.Empty()
	d.mu.Unlock()
	if status == frameStopped {
		d.graphics.release(d.stream)
	}
	if news {
		ring(d.bell)
	}
}

func (d *displayStream) noteLocked(update uintptr) {
	if update == 0 {
		return
	}
	var n uintptr
	list := d.graphics.rects(update, dirtyRects, &n)
	switch {
	case list == nil || n == 0:
	case n > mostRects:
		d.seen.dirty.Add(d.bounds)
	default:
		for _, r := range unsafe.Slice((*cgRect)(list), n) {
			d.seen.dirty.Add(spread(r.x, r.y, r.width, r.height, d.pixels, d.bounds))
		}
	}
}

// watch is part of witness.
func (d *displayStream) watch(timeout time.Duration, s *sighting) error {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-d.bell:
	case <-timer.C:
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s.add(&d.seen)
	d.seen.clear()
	if d.ended {
		return errors.New("the display stream has ended")
	}
	return nil
}

// close is part of witness. It does not wait for the stream's last word: that has been seen not to come when monitors
// change, and then the stream is left as it is.
func (d *displayStream) close() {
	d.mu.Lock()
	if d.ended {
		d.mu.Unlock()
		return
	}
	d.graphics.retain(d.stream) // the last word may come meanwhile
	d.mu.Unlock()
	d.graphics.stop(d.stream)
	d.graphics.release(d.stream)
}
