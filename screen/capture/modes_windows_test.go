package capture

import (
	"context"
	"slices"
	"testing"
	"unsafe"

	"handrail/screen"
	"handrail/screen/screentest"
)

func TestTheStructuresOfWindows(t *testing.T) {
	if got := unsafe.Sizeof(deviceMode{}); got != 220 { // DEVMODEW
		t.Errorf("a mode has %d bytes", got)
	}
	if got := unsafe.Sizeof(displayDevice{}); got != 840 { // DISPLAY_DEVICEW
		t.Errorf("a device has %d bytes", got)
	}
}

// TestChangesTheResolutionAndPutsItBack changes it where there is more than one: on a bare virtual display there may not be.
func TestChangesTheResolutionAndPutsItBack(t *testing.T) {
	c, _ := openHere(t)
	setter := c.(screen.ModeSetter)
	before := c.Desktop()
	own := screen.Mode{Monitor: before.Monitors[0].Name, Width: before.Monitors[0].Bounds.Dx(), Height: before.Monitors[0].Bounds.Dy()}
	if !slices.Contains(before.Modes, own) {
		t.Fatalf("%v is not among %v", own, before.Modes)
	}
	is := func(want screen.Mode) func() bool {
		return func() bool {
			var dirty screen.Region
			if err := c.Wait(context.Background(), &dirty); err != nil {
				t.Fatal(err)
			}
			now := c.Desktop().Monitors[0].Bounds
			return now.Dx() == want.Width && now.Dy() == want.Height
		}
	}
	t.Cleanup(func() { _ = setter.PutBack() })
	for _, m := range before.Modes {
		if m == own || m.Monitor != own.Monitor || m.Width > own.Width || m.Height > own.Height {
			continue
		}
		err := setter.SetMode(m)
		t.Logf("%v instead of %v: %v", m, own, err)
		if err != nil { // a virtual desktop of Wine's lists modes that it refuses
			continue
		}
		screentest.WaitFor(t, "the monitor has the other resolution", is(m))
		break
	}
	if err := setter.PutBack(); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the monitor has its own resolution", is(own))
	for _, wrong := range []screen.Mode{{Monitor: own.Monitor, Width: 641, Height: 479}, {Monitor: "nobody", Width: 640, Height: 480}} {
		if err := setter.SetMode(wrong); err == nil {
			t.Errorf("%v was set", wrong)
		}
	}
}
