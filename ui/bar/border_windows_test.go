package bar

import (
	"testing"
	"time"
)

var (
	getDC    = user32.NewProc("GetDC")
	getPixel = gdi32.NewProc("GetPixel")
)

// TestTheFrame shows the frame and looks at the screen's edges.
func TestTheFrame(t *testing.T) {
	f := newBorders()
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
