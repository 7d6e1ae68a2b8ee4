package sessiontest

import (
	"context"
	"image"
	"slices"
	"testing"
	"time"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
	"handrail/whiteboard"
)

// told is an injector that says when the pointer was moved.
type told struct {
	*screentest.Injector
	moved chan int
}

func (t told) MovePointer(x, y int) error {
	t.moved <- x
	return t.Injector.MovePointer(x, y)
}

// BenchmarkPointerWhileBothDraw measures how long a movement of the operator's pointer takes to the customer's injector,
// first alone and then while both sides draw strokes of 600 points without a pause, as fast as hands do (125 a second).
func BenchmarkPointerWhileBothDraw(b *testing.B) {
	relay := StartRelay(b, false)
	computer := NewComputer(1280, 720)
	overlay := NewOverlay(computer.Screen)
	hands := told{computer.Hands, make(chan int, 1)}
	config := computer.Config()
	config.OpenOverlay = func() (customer.Overlay, error) { return overlay, nil }
	config.OpenInput = func() (screen.Injector, error) { return hands, nil }
	o := NewSession(b, relay.SignIn(b))
	c, err := customer.Join(Within(b), config, relay.URL, o.Code())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Close)
	if err := c.Start(c.Requested()); err != nil {
		b.Fatal(err)
	}
	AwaitState(b, &o.Status, session.Active)
	screentest.WaitFor(b, "the operator may draw", func() bool {
		_, ready := o.Board().Me()
		return ready && o.MayDraw() == nil
	})
	measure := func(name string) {
		times := make([]time.Duration, 0, 500)
		for i := range 500 {
			began := time.Now()
			if err := o.Move(i, i%700); err != nil {
				b.Fatal(err)
			}
			for <-hands.moved != i {
				continue
			}
			times = append(times, time.Since(began))
			time.Sleep(4 * time.Millisecond)
		}
		slices.Sort(times)
		b.ReportMetric(float64(times[len(times)*95/100])/1e6, name+"-p95-ms")
	}
	for b.Loop() {
		measure("alone")
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{}, 2)
		for i, side := range []struct {
			pad      *whiteboard.Pad
			monitors []whiteboard.Monitor
		}{{o.Board(), o.Monitors()}, {c.Board(), c.Monitors()}} {
			go func() {
				drawOn(ctx, side.pad, side.monitors, 100+300*i)
				done <- struct{}{}
			}()
		}
		measure("drawing")
		cancel()
		<-done
		<-done
	}
}

// drawOn draws strokes of 600 points until ctx ends.
func drawOn(ctx context.Context, pad *whiteboard.Pad, monitors []whiteboard.Monitor, y int) {
	hand := whiteboard.Hand{Pad: pad, Monitors: func() []whiteboard.Monitor { return monitors }}
	hand.Hold(whiteboard.ToolOf(whiteboard.Pen), pen)
	for i := 0; ctx.Err() == nil; i++ {
		if i%600 == 0 {
			hand.Release()
			_ = pad.Clear()
			hand.Press(0, y)
		}
		hand.Move(2*i%1200, y+i*7%90)
		time.Sleep(8 * time.Millisecond)
	}
	hand.Release()
}

// BenchmarkStrokeToTheOtherScreen measures how long a point that the operator draws takes until the customer's screen has
// it, and until the operator's picture has it.
func BenchmarkStrokeToTheOtherScreen(b *testing.B) {
	d := startDrawn(b)
	pad, monitors := d.operator.Board(), d.operator.Monitors()
	var screenTimes, pictureTimes []time.Duration
	for i := 0; b.Loop(); i++ {
		at := image.Pt(10+i%300, 10+i/300*8%180)
		_ = pad.Clear()
		screentest.WaitFor(b, "the board is empty", func() bool { return !isRed(d.computer.Screen.Image().At(at.X, at.Y)) && !d.redAt(at.X, at.Y) })
		began := time.Now()
		place, point := whiteboard.PlaceAt(monitors, at.X, at.Y)
		if _, err := pad.Draw(pen, place, []whiteboard.Point{point}); err != nil {
			b.Fatal(err)
		}
		for !isRed(d.computer.Screen.Image().At(at.X, at.Y)) {
			time.Sleep(100 * time.Microsecond)
		}
		screenTimes = append(screenTimes, time.Since(began))
		for !d.redAt(at.X, at.Y) {
			time.Sleep(100 * time.Microsecond)
		}
		pictureTimes = append(pictureTimes, time.Since(began))
	}
	for name, times := range map[string][]time.Duration{"screen": screenTimes, "picture": pictureTimes} {
		slices.Sort(times)
		b.ReportMetric(float64(times[len(times)*95/100])/1e6, name+"-p95-ms")
	}
}
