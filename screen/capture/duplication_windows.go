package capture

// #include "duplication_windows.h"
import "C"

import (
	"fmt"
	"image"
	"time"

	"golang.org/x/sys/windows"

	"handrail/screen"
)

// duplication is the witness of one monitor on Windows: DXGI's desktop duplication. Its pictures are not used.
type duplication struct {
	output *C.output
	bounds image.Rectangle // of the monitor, in the system's coordinates
	scaled bool            // rectangles cannot be used
}

// duplicate is the summon of Windows.
func duplicate(monitors []image.Rectangle) ([]witness, error) {
	return witnesses(monitors, newDuplication)
}

func newDuplication(bounds image.Rectangle) (witness, error) {
	at := C.RECT{C.LONG(bounds.Min.X), C.LONG(bounds.Min.Y), C.LONG(bounds.Max.X), C.LONG(bounds.Max.Y)}
	var made *C.output
	if err := failure("DuplicateOutput", C.duplicate_output(&at, &made)); err != nil {
		return nil, err
	}
	size := image.Pt(int(made.width), int(made.height))
	return &duplication{output: made, bounds: bounds, scaled: !fits(size, int(made.rotation), bounds)}, nil
}

// failure is what a result of COM means, nil for success.
func failure(what string, result C.HRESULT) error {
	switch code := windows.Errno(uint32(result)); {
	case result >= 0:
		return nil
	case code == windows.Errno(windows.E_NOTIMPL), code == facilityWin32|windows.ERROR_MOD_NOT_FOUND,
		code == facilityWin32|windows.ERROR_PROC_NOT_FOUND, code == windows.Errno(windows.E_NOINTERFACE):
		return fmt.Errorf("%w: %s says 0x%08X", errNever, what, uint32(code))
	default:
		return fmt.Errorf("%s says 0x%08X", what, uint32(code))
	}
}

// facilityWin32 makes an HRESULT of an error number (HRESULT_FROM_WIN32, winerror.h).
const facilityWin32 = 0x80070000

// watch is part of witness.
func (d *duplication) watch(timeout time.Duration, s *sighting) error {
	if err := failure("AcquireNextFrame", C.next_frame(d.output, C.UINT(timeout.Milliseconds()))); err != nil {
		return err
	}
	o := d.output
	if o.whole != 0 || d.scaled && o.dirty+o.moves > 0 {
		s.dirty.Add(d.bounds)
		return nil
	}
	for _, m := range o.move_rects[:o.moves] {
		to := rectangle(m.DestinationRect)
		from := to.Sub(to.Min).Add(image.Pt(int(m.SourcePoint.x), int(m.SourcePoint.y)))
		s.move(screen.Move{To: d.place(to), From: d.place(from).Min})
	}
	for _, r := range o.dirty_rects[:o.dirty] {
		s.dirty.Add(d.place(rectangle(r)))
	}
	return nil
}

func (d *duplication) place(r image.Rectangle) image.Rectangle {
	return turn(r, int(d.output.rotation), d.bounds)
}

func rectangle(r C.RECT) image.Rectangle {
	return image.Rect(int(r.left), int(r.top), int(r.right), int(r.bottom))
}

// close is part of witness.
func (d *duplication) close() { C.end_output(d.output) }
