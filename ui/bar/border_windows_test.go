package bar

import (
	"image"
	"runtime"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	getDC           = user32.NewProc("GetDC")
	getPixel        = gdi32.NewProc("GetPixel")
	windowRect      = user32.NewProc("GetWindowRect")
	windowFromPoint = user32.NewProc("WindowFromPoint")
)

// TestTheFrame shows the frame and looks at the screen's edges.
func TestTheFrame(t *testing.T) {
	f := newBorders(nil)
	if f == nil {
		t.Skip("there is no desktop")
	}
	defer f.close()
	m := monitors()
	if len(m) == 0 {
		t.Skip("there is no monitor")
	}
	at := func(x, y int) uintptr {
		dc, _, _ := getDC.Call(0)
		c, _, _ := getPixel.Call(dc, uintptr(x), uintptr(y))
		return c & 0xffffff
	}
	f.show(true)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if at(m[0].Min.X+1, m[0].Min.Y+100) == borderColor && at(m[0].Max.X-2, m[0].Max.Y-50) == borderColor && at(m[0].Min.X+50, m[0].Min.Y+50) != borderColor {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the left edge is %06x", at(m[0].Min.X+1, m[0].Min.Y+100))
		}
	}
}

// TestTheFrameIsLaidOutAnew has the frame's thread think that the monitors are others than they are, as after a change.
func TestTheFrameIsLaidOutAnew(t *testing.T) {
	if !registered() || len(monitors()) == 0 {
		t.Skip("there is no desktop")
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f := &frames{bar: topMost, visible: true} // the test is the thread
	f.layOut()
	before := f.windows
	f.layOut()
	if len(f.windows) != 4*len(f.around) || f.windows[0] != before[0] {
		t.Error("the frame is made anew where nothing has changed")
	}
	f.around = []image.Rectangle{image.Rect(0, 0, 100, 100)}
	f.layOut()
	var at [4]int32
	if ok, _, _ := windowRect.Call(f.windows[0], uintptr(unsafe.Pointer(&at))); ok == 0 || int(at[2]-at[0]) != monitors()[0].Dx() {
		t.Errorf("the upper edge is at %v, and the monitor is %v", at, monitors()[0])
	}
	f.visible = false
	if f.layOut(); len(f.windows) != 0 {
		t.Error("the frame is still there")
	}
}

// TestTheBarFollowsTheScreen has a window held on screens of other widths, and lets another one cover it.
func TestTheBarFollowsTheScreen(t *testing.T) {
	if !registered() || screenWidth() < 400 {
		t.Skip("there is no desktop")
	}
	name, err := windows.UTF16PtrFromString(frameWindowClass)
	if err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread() // windows belong to a thread
	defer runtime.UnlockOSThread()
	const width, height = 300, 40
	open := func() uintptr {
		window, _, _ := createWindow.Call(onTop|noActivate, uintptr(unsafe.Pointer(name)), 0, popup|visible, 0, 0, width, height, 0, 0, 0, 0)
		if window == 0 {
			t.Fatal("there is no window")
		}
		return window
	}
	window := open()
	defer func() { _, _, _ = destroyWindow.Call(window) }()
	told := 0
	h := &held{window: window, changed: func() { told++ }}
	h.put, h.screen = h.place, 1280
	lies := func(what string, x int32) {
		t.Helper()
		var at [4]int32
		if ok, _, _ := windowRect.Call(window, uintptr(unsafe.Pointer(&at))); ok == 0 || at != [4]int32{x, 0, x + width, height} {
			t.Errorf("%s the window is at %v", what, at)
		}
	}
	h.middle(width)
	lies("at first", 490)
	h.look(800)
	lies("on a narrower screen", 250)
	h.move(9999)
	h.look(640)
	lies("at the right of one that is narrower still", 340)
	if told != 2 || h.room() != 640 {
		t.Errorf("told %d times; the screen is %d wide", told, h.room())
	}
	h.move(0)
	other := open()
	defer func() { _, _, _ = destroyWindow.Call(other) }()
	above := func() uintptr {
		seen, _, _ := windowFromPoint.Call(20 | 20<<32)
		return seen
	}
	if above() != other {
		t.Error("the other window is not above the bar")
	}
	if h.look(640); above() != window {
		t.Error("the bar is not above the other window")
	}
	if told != 2 {
		t.Error("a change was told where there is none")
	}
}
