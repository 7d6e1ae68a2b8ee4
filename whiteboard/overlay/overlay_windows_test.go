package overlay

import (
	"image"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"handrail/whiteboard"
)

var (
	procGetDC           = user32.NewProc("GetDC")
	procReleaseDC       = user32.NewProc("ReleaseDC")
	procGetPixel        = gdi32.NewProc("GetPixel")
	procWindowFromPoint = user32.NewProc("WindowFromPoint")
	procMouseEvent      = user32.NewProc("mouse_event")
	procSetCursorPos    = user32.NewProc("SetCursorPos")
	procGetWindowLong   = user32.NewProc("GetWindowLongW")
)

// pixel is a pixel of the screen, as 0xbbggrr.
func pixel(x, y int) uint32 {
	dc, _, _ := procGetDC.Call(0)
	defer procReleaseDC.Call(0, dc)
	c, _, _ := procGetPixel.Call(dc, uintptr(x), uintptr(y))
	return uint32(c)
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain until ", what)
		}
	}
}

const redPixel = uint32(0x1c1ce8)

// TestOnThisScreen draws on the screen that the test runs on, lets a click through, and takes the pointer for a moment. With
// HANDRAIL_OVERLAY_STAY it stays at the end, for somebody to look at it and to kill it.
func TestOnThisScreen(t *testing.T) {
	width, height := metric(metricWidth), metric(metricHeight)
	before := pixel(200, 150)
	o, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	pad := whiteboard.NewHub("test")
	monitors := []whiteboard.Monitor{{Name: "all", Bounds: image.Rect(0, 0, width, height)}}
	style := whiteboard.Style{Kind: whiteboard.Line, Color: whiteboard.Red, Width: 8}
	place := whiteboard.Place{Monitor: "all", Size: image.Pt(width, height)}
	if _, err := pad.Draw(style, place, []whiteboard.Point{whiteboard.At(50, 150), whiteboard.At(350, 150)}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Paint(width, height, pad.Marks(monitors)); err != nil {
		t.Fatal(err)
	}
	if os.Getenv("HANDRAIL_OVERLAY_STAY") != "" {
		select {}
	}
	s := o.surface.(*winSurface)
	style1, _, _ := procGetWindowLong.Call(uintptr(s.window), ^uintptr(19)) // GWL_EXSTYLE is -20
	if want := uintptr(exTopmost | exTransparent | exLayered); style1&want != want {
		t.Errorf("the window's style is %x", style1)
	}
	packed := func(x, y int) uintptr { return uintptr(uint32(x)) | uintptr(uint32(y))<<32 }
	if under, _, _ := procWindowFromPoint.Call(packed(200, 150)); windows.HWND(under) == s.window {
		t.Error("clicks on the line go to the overlay")
	}
	await(t, "the line is on the screen", func() bool { return pixel(200, 150) == redPixel })

	var got []whiteboard.Input
	inputs := make(chan whiteboard.Input, 64)
	if err := o.Grab(0, func(in whiteboard.Input) { inputs <- in }); err != nil {
		t.Fatal(err)
	}
	procSetCursorPos.Call(120, 90)
	await(t, "the pointer's movement arrives", func() bool {
		select {
		case in := <-inputs:
			got = append(got, in)
		default:
			procMouseEvent.Call(1, 1, 0, 0, 0)
		}
		return len(got) > 0
	})
	procMouseEvent.Call(2, 0, 0, 0, 0)
	procMouseEvent.Call(4, 0, 0, 0, 0)
	pressed, released := false, false
	await(t, "the button arrives", func() bool {
		select {
		case in := <-inputs:
			pressed = pressed || in.Button == 1 && in.Pressed
			released = released || in.Button == 1 && !in.Pressed
		default:
		}
		return pressed && released
	})
	o.Release()
	o.Close()
	await(t, "the screen is as it was", func() bool { return pixel(200, 150) == before })
}
