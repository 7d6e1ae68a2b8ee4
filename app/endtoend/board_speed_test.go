package endtoend

import (
	"image"
	"slices"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"handrail/internal/xext"
	"handrail/screen/screentest"
	"handrail/whiteboard"
)

// ownStroke measures how long a movement of the operator's pointer takes until the operator's window shows the stroke there.
// corner is where the picture begins in the window.
func (d *drawing) ownStroke(t *testing.T, corner image.Point) {
	t.Helper()
	conn, err := xext.Connect(d.operators.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := xext.Use(conn, xext.XTest); err != nil {
		t.Fatal(err)
	}
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	fake := func(kind, detail byte, at image.Point) {
		xtest.FakeInput(conn, kind, detail, 0, root, int16(at.X), int16(at.Y), 0)
	}
	red := func(at image.Point) bool {
		pixel, err := xproto.GetImage(conn, xproto.ImageFormatZPixmap, xproto.Drawable(root), int16(at.X), int16(at.Y), 1, 1, ^uint32(0)).Reply()
		if err != nil {
			t.Fatal(err)
		}
		return pixel.Data[2] == whiteboard.Red.R && pixel.Data[1] == whiteboard.Red.G && pixel.Data[0] == whiteboard.Red.B
	}
	at := corner.Add(image.Pt(100, 420))
	fake(xproto.MotionNotify, 0, at)
	fake(xproto.ButtonPress, 1, at)
	screentest.WaitFor(t, "the stroke begins", func() bool { return red(at) })
	var times []time.Duration
	for range 60 {
		at.X += 8
		began := time.Now()
		fake(xproto.MotionNotify, 0, at)
		screentest.WaitFor(t, "the stroke follows the pointer", func() bool { return red(at) })
		times = append(times, time.Since(began))
		time.Sleep(7 * time.Millisecond)
	}
	fake(xproto.ButtonRelease, 1, at)
	_ = xproto.WarpPointerChecked(conn, 0, root, 0, 0, 0, 0, 5, 5).Check()
	slices.Sort(times)
	t.Logf("from the operator's pointer to the stroke in the operator's window: median %v, 95 %% within %v",
		times[len(times)/2].Round(100*time.Microsecond), times[len(times)*95/100].Round(100*time.Microsecond))
}
