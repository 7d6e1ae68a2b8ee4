package capture

import (
	"context"
	"image"
	"image/color"
	"testing"

	"handrail/screen"
	"handrail/screen/screentest"
)

// TestDuplicationComesOrIsRefused: both are right. Wine refuses it, as does Windows in a session from afar.
func TestDuplicationComesOrIsRefused(t *testing.T) {
	desktop, origin := lookAround()
	var monitors []image.Rectangle
	for _, m := range desktop.Monitors {
		monitors = append(monitors, m.Bounds.Add(origin))
	}
	for range 10 {
		witnesses, err := duplicate(monitors)
		if err != nil {
			if len(witnesses) > 0 {
				t.Errorf("%d come although %v", len(witnesses), err)
			}
			t.Log(err)
			continue
		}
		if len(witnesses) != len(monitors) {
			t.Errorf("%d for %d monitors", len(witnesses), len(monitors))
		}
		for _, w := range witnesses {
			var s sighting
			if err := w.watch(watchTime, &s); err != nil {
				t.Log(err)
			}
			w.close()
		}
	}
	if _, err := duplicate([]image.Rectangle{image.Rect(-12345, -12345, -12300, -12300)}); err == nil {
		t.Error("a monitor that is not there is duplicated")
	} else {
		t.Log(err)
	}
}

// openWatched captures this desktop with a witness that sees what the test shows it.
func openWatched(t *testing.T) (*polling, *screen.Framebuffer, *script) {
	t.Helper()
	w := newScript()
	c, err := openPolling(Options{}, func([]image.Rectangle) ([]witness, error) { return []witness{w}, nil })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	d := c.Desktop()
	p, fb := c.(*polling), screen.NewFramebuffer(d.Width, d.Height, screen.BGRX)
	screentest.WaitFor(t, "the witness has come", func() bool {
		look(t, c, fb)
		return p.attention.on()
	})
	return p, fb, w
}

func TestLooksWhereAWitnessHasSeenSomething(t *testing.T) {
	p, fb, w := openWatched(t)
	r := image.Rect(60, 50, 90, 80)
	shade := uint8(0)
	screentest.WaitFor(t, "what was drawn is in a picture of that place only", func() bool {
		shade += 50
		fill(t, r, color.RGBA{shade, 200, 100, 255})
		w.draw(r.Add(p.origin))
		var dirty screen.Region
		if err := p.Wait(context.Background(), &dirty); err != nil {
			t.Fatal(err)
		}
		if err := p.Capture(fb, dirty.Rects()); err != nil {
			t.Fatal(err)
		}
		return dirty.Bounds() == r && fb.Pix[60*fb.Stride+4*70+2] == shade
	})
}

func TestFindsWhatNoWitnessHasSeenAndGivesUp(t *testing.T) {
	p, fb, w := openWatched(t)
	r := image.Rect(60, 50, 90, 80)
	shade := uint8(0)
	for p.attention.on() {
		shade += 50
		fill(t, r, color.RGBA{shade, 200, 100, 255})
		screentest.WaitFor(t, "what nobody has told of is in the picture all the same", func() bool {
			look(t, p, fb)
			return fb.Pix[60*fb.Stride+4*70+2] == shade
		})
	}
	if w.closed.Load() != 1 {
		t.Error("the witness is not closed")
	}
	var dirty screen.Region
	if err := p.Wait(context.Background(), &dirty); err != nil || dirty.Bounds() != fb.Bounds() {
		t.Errorf("without it the look is at %v (%v)", dirty.Rects(), err)
	}
}

func TestTheEndEndsAWaitForWitnesses(t *testing.T) {
	p, _, w := openWatched(t)
	ended := make(chan error)
	go func() {
		var err error
		for err == nil {
			var dirty screen.Region
			err = p.Wait(context.Background(), &dirty)
		}
		ended <- err
	}()
	p.Close()
	if err := <-ended; err != ErrClosed {
		t.Error(err)
	}
	if w.closed.Load() != 1 {
		t.Error("the witness is not closed")
	}
}
