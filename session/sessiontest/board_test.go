package sessiontest

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"sync"
	"testing"
	"time"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
	"handrail/whiteboard"
)

// drawn is a session on a computer with an overlay.
type drawn struct {
	computer *Computer
	overlay  *Overlay
	operator *operator.Session
	customer *customer.Session
}

func startDrawn(t testing.TB) *drawn {
	t.Helper()
	relay := StartRelay(t, false)
	d := &drawn{computer: NewComputer(320, 200)}
	d.computer.Screen.Fill(image.Rect(0, 0, 320, 200), color.RGBA{200, 200, 200, 255})
	d.overlay = NewOverlay(d.computer.Screen)
	config := d.computer.Config()
	config.OpenOverlay = func() (customer.Overlay, error) { return d.overlay, nil }
	d.operator = NewSession(t, relay.SignIn(t))
	c, err := customer.Join(Within(t), config, relay.URL, d.operator.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	d.customer = c
	if err := c.Start(c.Requested()); err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &d.operator.Status, session.Active)
	screentest.WaitFor(t, "the operator may draw", func() bool {
		_, ready := d.operator.Board().Me()
		return ready && d.operator.MayDraw() == nil
	})
	return d
}

var pen = whiteboard.Style{Kind: whiteboard.Pen, Color: whiteboard.Red, Width: 4}

// line draws a line on one side's board.
func line(t testing.TB, pad *whiteboard.Pad, monitors []whiteboard.Monitor, x0, y0, x1, y1 int) {
	t.Helper()
	place, at := whiteboard.PlaceAt(monitors, x0, y0)
	if _, err := pad.Draw(pen, place, []whiteboard.Point{at, whiteboard.On(place, monitors, x1, y1)}); err != nil {
		t.Fatal(err)
	}
}

func isRed(c color.Color) bool {
	r, g, b, _ := c.RGBA()
	return r>>8 == uint32(whiteboard.Red.R) && g>>8 == uint32(whiteboard.Red.G) && b>>8 == uint32(whiteboard.Red.B)
}

// redAt tells whether the picture of the operator has red at a pixel.
func (d *drawn) redAt(x, y int) bool {
	red := false
	d.operator.Picture().View(func(fb *screen.Framebuffer) {
		red = fb != nil && isRed(fb.RGBA().RGBAAt(x, y))
	})
	return red
}

// TestDrawnOnceAtTheOperators: what the operator draws is over the picture at once, on the customer's screen, and then
// in the picture, where it is no longer drawn over it.
func TestDrawnOnceAtTheOperators(t *testing.T) {
	d := startDrawn(t)
	pad, monitors := d.operator.Board(), d.operator.Monitors()
	line(t, pad, monitors, 20, 100, 300, 100)
	if len(d.operator.Marks()) == 0 && !d.redAt(160, 100) {
		t.Error("the stroke is nowhere to be seen")
	}
	screentest.WaitFor(t, "the stroke is on the customer's screen", func() bool { return isRed(d.computer.Screen.Image().At(160, 100)) })
	screentest.WaitFor(t, "the picture has it and nothing is drawn over it", func() bool {
		seen := d.redAt(160, 100)
		return len(d.operator.Marks()) == 0 && (seen || d.redAt(160, 100))
	})
	if picture := d.operator.Drawn(); !isRed(picture.At(160, 100)) {
		t.Error("the saved picture lacks the stroke")
	}
	line(t, d.customer.Board(), d.customer.Monitors(), 160, 20, 160, 180)
	screentest.WaitFor(t, "the operator sees what the customer draws", func() bool { return d.redAt(160, 30) && len(d.operator.Marks()) == 0 })
	pad.Undo()
	screentest.WaitFor(t, "only the operator's own stroke is gone", func() bool { return !d.redAt(60, 100) && d.redAt(160, 30) })
	if err := pad.Clear(); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "everything is gone", func() bool { return !d.redAt(160, 30) })
}

func TestWithoutAnOverlayTheOperatorDrawsOverThePicture(t *testing.T) {
	d := startDrawn(t)
	line(t, d.operator.Board(), d.operator.Monitors(), 20, 100, 300, 100)
	screentest.WaitFor(t, "the picture has the stroke", func() bool { return d.redAt(160, 100) && len(d.operator.Marks()) == 0 })
	d.overlay.Fail(errors.New("the overlay is broken"))
	line(t, d.operator.Board(), d.operator.Monitors(), 20, 50, 300, 50)
	screentest.WaitFor(t, "both strokes are drawn over the picture", func() bool { return len(d.operator.Marks()) == 2 && !d.redAt(160, 100) })
	if picture := d.operator.Drawn(); !isRed(picture.At(160, 100)) || !isRed(picture.At(160, 50)) {
		t.Error("the saved picture lacks a stroke")
	}
}

func TestDrawingIsTheCustomersToAllow(t *testing.T) {
	d := startDrawn(t)
	line(t, d.operator.Board(), d.operator.Monitors(), 20, 100, 300, 100)
	screentest.WaitFor(t, "the stroke is on the customer's screen", func() bool { return isRed(d.computer.Screen.Image().At(160, 100)) })
	if err := d.customer.SetPermission(session.Whiteboard, false); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the stroke is gone", func() bool { return !isRed(d.computer.Screen.Image().At(160, 100)) })
	line(t, d.operator.Board(), d.operator.Monitors(), 20, 50, 300, 50) // as a program that does not ask would
	screentest.WaitFor(t, "the operator's board agrees", func() bool { return len(d.operator.Board().Items()) == 0 })
	screentest.WaitFor(t, "the operator's program knows", func() bool { return errors.Is(d.operator.MayDraw(), operator.ErrNoWhiteboard) })
	if items := d.customer.Board().Items(); len(items) != 0 || isRed(d.computer.Screen.Image().At(160, 50)) {
		t.Errorf("without permission the board has %v", items)
	}
}

func TestTheOverlayGoesWithTheSession(t *testing.T) {
	d := startDrawn(t)
	line(t, d.operator.Board(), d.operator.Monitors(), 20, 100, 300, 100)
	screentest.WaitFor(t, "the stroke is on the customer's screen", func() bool { return isRed(d.computer.Screen.Image().At(160, 100)) })
	d.operator.End()
	<-d.customer.Done()
	if !d.overlay.Closed() || isRed(d.computer.Screen.Image().At(160, 100)) {
		t.Error("the overlay is still there")
	}
}

func TestStrokesKeepTheirPlaceWhenTheResolutionChanges(t *testing.T) {
	d := startDrawn(t)
	line(t, d.operator.Board(), d.operator.Monitors(), 160, 20, 160, 180)
	screentest.WaitFor(t, "the picture has the stroke", func() bool { return d.redAt(160, 100) && len(d.operator.Marks()) == 0 })
	d.overlay.Fail(errors.New("gone")) // so that the operator's program draws it
	d.computer.Screen.Resize(640, 100)
	screentest.WaitFor(t, "the stroke is in the middle of the new picture", func() bool {
		picture := d.operator.Drawn()
		return picture.Rect.Dx() == 640 && isRed(picture.At(320, 50))
	})
}

// TestBothDrawAtTheSameTime: long strokes from both sides, and the boards are equal in the end.
func TestBothDrawAtTheSameTime(t *testing.T) {
	d := startDrawn(t)
	var wg sync.WaitGroup
	draw := func(pad *whiteboard.Pad, monitors []whiteboard.Monitor, y int) {
		defer wg.Done()
		place, at := whiteboard.PlaceAt(monitors, 0, y)
		id, err := pad.Begin(pen, place, at)
		if err != nil {
			t.Error(err)
			return
		}
		for i := range 600 {
			if err := pad.Extend(id, whiteboard.On(place, monitors, i%320, y+i%40)); err != nil {
				t.Error(err)
			}
		}
		pad.Finish(id)
	}
	wg.Add(2)
	go draw(d.operator.Board(), d.operator.Monitors(), 20)
	go draw(d.customer.Board(), d.customer.Monitors(), 120)
	wg.Wait()
	points := func(pad *whiteboard.Pad) (n int) {
		for _, item := range pad.Items() {
			n += len(item.Points)
		}
		return n
	}
	screentest.WaitFor(t, "both boards have both strokes", func() bool {
		return points(d.operator.Board()) == 1202 && points(d.customer.Board()) == 1202
	})
}

// TestTheOperatorsHandsAreOffWhileTheCustomerDraws: what the operator's pointer does must not be drawn as if the customer
// had drawn it.
func TestTheOperatorsHandsAreOffWhileTheCustomerDraws(t *testing.T) {
	d := startDrawn(t)
	awaitHolder(t, &d.operator.Status, session.HolderOperator)
	if err := d.operator.Button(screen.ButtonLeft, true); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the operator holds a button", func() bool { return len(d.computer.Hands.Held()) == 1 })
	hand := whiteboard.Hand{Pad: d.customer.Board(), Monitors: d.customer.Monitors}
	hand.Hold(whiteboard.ToolOf(whiteboard.Pen), pen)
	if err := d.customer.StartDrawing(0, hand.Take); err != nil {
		t.Fatal(err)
	}
	if held := d.computer.Hands.Held(); len(held) != 0 {
		t.Errorf("the operator still holds %v", held)
	}
	awaitHolder(t, &d.operator.Status, session.HolderCustomer)
	before := len(d.computer.Hands.Events())
	for i := range 20 {
		_ = d.operator.Move(10+i, 10)
		_ = d.operator.Button(screen.ButtonLeft, i%2 == 0)
	}
	for _, in := range []whiteboard.Input{{X: 20, Y: 100, Button: 1, Pressed: true}, {X: 300, Y: 100}, {X: 300, Y: 100, Button: 1}} {
		if !d.overlay.Pointer(in) {
			t.Fatal("the overlay has not taken the pointer")
		}
	}
	screentest.WaitFor(t, "the operator sees what the customer draws", func() bool { return d.redAt(160, 100) })
	d.customer.StopDrawing()
	awaitHolder(t, &d.operator.Status, session.HolderOperator)
	if got := d.computer.Hands.Events()[before:]; len(got) != 0 {
		t.Errorf("while the customer drew the operator did %v", got)
	}
	screentest.WaitFor(t, "the operator clicks again", func() bool {
		_ = d.operator.Move(77, 77)
		return len(d.computer.Hands.Events()) > before
	})
}

func TestACustomerWhoCannotDrawDoesNotKeepControl(t *testing.T) {
	d := startDrawn(t)
	awaitHolder(t, &d.operator.Status, session.HolderOperator)
	d.overlay.Fail(errors.New("the overlay is broken"))
	if err := d.customer.StartDrawing(0, func(whiteboard.Input) {}); err == nil {
		t.Fatal("the customer can draw on a broken overlay")
	}
	awaitHolder(t, &d.operator.Status, session.HolderOperator)
}

// seen is a board as people see it.
func seen(pad *whiteboard.Pad, monitors []whiteboard.Monitor) *image.RGBA {
	var canvas whiteboard.Canvas
	canvas.SetSize(320, 200)
	canvas.Update(pad.Marks(monitors))
	return canvas.Image
}

// TestTheBoardSurvivesItsNetwork: both sides draw, erase and undo while links break again and again; what is on the board
// is the same on both in the end, and nothing that was drawn is lost.
func TestTheBoardSurvivesItsNetwork(t *testing.T) {
	relay := StartRelay(t, false)
	ours, theirs := StartNetwork(t, relay.URL, 5), StartNetwork(t, relay.URL, 6)
	o, c, _ := through(t, ours.URL, theirs.URL)
	screentest.WaitFor(t, "the operator may draw", func() bool {
		_, ready := o.Board().Me()
		return ready && o.MayDraw() == nil
	})
	monitors := c.Monitors()
	const strokes, points = 4, 150
	var wg sync.WaitGroup
	for side, pad := range []*whiteboard.Pad{o.Board(), c.Board()} {
		wg.Go(func() {
			hand := whiteboard.Hand{Pad: pad, Monitors: func() []whiteboard.Monitor { return monitors }}
			for n := range strokes {
				hand.Hold(whiteboard.ToolOf(whiteboard.Pen), pen)
				y := 10 + 90*side + 20*n
				hand.Press(10, y)
				for x := range points {
					hand.Move(10+2*x, y+x%9)
					time.Sleep(2 * time.Millisecond)
				}
				hand.Release()
				hand.Hold(whiteboard.ToolOf(whiteboard.Eraser), whiteboard.Style{Width: 10})
				for _, in := range []whiteboard.Input{{X: 60 + 20*n, Y: 0, Button: 1, Pressed: true}, {X: 60 + 20*n, Y: 200}, {X: 60 + 20*n, Y: 200, Button: 1}} {
					hand.Take(in)
				}
				if n == 1 {
					pad.Undo()
				}
			}
		})
	}
	drawing := make(chan struct{})
	go func() {
		wg.Wait()
		close(drawing)
	}()
	faults := 0
	for going := true; going || faults < 10; faults++ {
		network := []*Network{ours, theirs}[faults%2]
		network.Inflict(Quick[faults%len(Quick)], faults%3 == 0)
		select {
		case <-drawing:
			going = false
		case <-time.After(100 * time.Millisecond):
		}
	}
	AwaitState(t, &o.Status, session.Active)
	AwaitState(t, &c.Status, session.Active)
	screentest.WaitFor(t, "both boards are the same", func() bool {
		a, b := o.Board().Items(), c.Board().Items()
		return len(a) == 2*strokes && len(b) == 2*strokes && bytes.Equal(seen(o.Board(), monitors).Pix, seen(c.Board(), monitors).Pix)
	})
	for _, item := range c.Board().Items() {
		if len(item.Points) < points || !item.Finished {
			t.Errorf("a stroke of %d points has %d", points, len(item.Points))
		}
	}
	t.Logf("%d faults", faults)
}

// TestALateJoinerGetsTheBoard: what the customer has drawn before the operator may see anything is there afterwards.
func TestALateJoinerGetsTheBoard(t *testing.T) {
	relay := StartRelay(t, false)
	o := NewSession(t, relay.SignIn(t))
	c, err := customer.Join(Within(t), NewComputer(320, 200).Config(), relay.URL, o.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	desk := []whiteboard.Monitor{{Bounds: image.Rect(0, 0, 320, 200)}}
	line(t, c.Board(), desk, 20, 100, 300, 100)
	line(t, c.Board(), desk, 20, 50, 300, 50)
	c.Board().Undo()
	if err := c.Start(c.Requested()); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the operator has what is on the board", func() bool {
		items := o.Board().Items()
		return len(items) == 1 && items[0].Kind == whiteboard.Pen && bytes.Equal(seen(o.Board(), desk).Pix, seen(c.Board(), desk).Pix)
	})
}
