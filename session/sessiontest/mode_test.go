package sessiontest

import (
	"image"
	"slices"
	"testing"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session"
)

func TestTheOperatorChangesTheResolution(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(400, 300)
	small, large := screen.Mode{Monitor: "memory", Width: 320, Height: 200}, screen.Mode{Monitor: "memory", Width: 640, Height: 480}
	computer.Screen.OfferModes(large, small)
	o, c := relay.Connected(t, relay.SignIn(t), computer)
	is := func(width, height int) func() bool {
		return func() bool {
			d, now := o.Info().Desktop, computer.Screen.Desktop()
			return d.Width == width && d.Height == height && now.Width == width
		}
	}
	screentest.WaitFor(t, "the operator knows what can be set", func() bool {
		return slices.Equal(o.Info().Desktop.Modes, []screen.Mode{large, small})
	})
	set := func(m screen.Mode) {
		t.Helper()
		if err := o.SetMode(m); err != nil {
			t.Fatal(err)
		}
	}
	set(small)
	screentest.WaitFor(t, "the desktop is smaller", is(320, 200))
	set(large)
	screentest.WaitFor(t, "the desktop is larger", is(640, 480))
	awaitPicture(t, o.Picture(), computer)
	set(screen.Mode{})
	screentest.WaitFor(t, "the desktop is as it was", is(400, 300))

	// Without control nothing changes, and the operator hears why.
	if err := c.SetPermission(session.Control, false); err != nil {
		t.Fatal(err)
	}
	warned := make(chan string, 8)
	defer o.Listen(func(e session.Event) {
		if e.Type == session.EventWarning {
			warned <- e.Text
		}
	})()
	set(small)
	select {
	case <-warned:
	case <-Within(t).Done():
		t.Fatal("the operator is not told")
	}
	if now := computer.Screen.Desktop(); now.Width != 400 {
		t.Fatalf("without control the desktop became %v", image.Pt(now.Width, now.Height))
	}

	// What was changed is put back when the session ends.
	if err := c.SetPermission(session.Control, true); err != nil {
		t.Fatal(err)
	}
	set(small)
	screentest.WaitFor(t, "the desktop is smaller", is(320, 200))
	o.End()
	<-c.Done()
	if now := computer.Screen.Desktop(); now.Width != 400 || now.Height != 300 {
		t.Errorf("after the session the desktop is %v", image.Pt(now.Width, now.Height))
	}
}
