package customer

import (
	"testing"

	"handrail/screen"
	"handrail/session"
)

func TestAutomaticGoesDownAndUpWithTheLink(t *testing.T) {
	var d depthChooser
	for i, step := range []struct {
		rate float64
		want screen.ColorDepth
	}{
		{0, screen.Depth24},
		{10e6, screen.Depth24},
		{150_000, screen.Depth16},
		{200_000, screen.Depth16}, // not there and back at every turn
		{30_000, screen.Depth8},
		{50_000, screen.Depth8},
		{70_000, screen.Depth16},
		{250_000, screen.Depth24},
	} {
		if coarse := d.choose(session.Automatic, step.rate); d.now != step.want || coarse != (step.want != screen.Depth24) {
			t.Errorf("step %d: %v, coarse %v", i, d.now, coarse)
		}
	}
	for quality, want := range map[session.Quality]screen.ColorDepth{
		session.High: screen.Depth24, session.Speed: screen.Depth16, session.Low: screen.Depth8,
	} {
		if coarse := d.choose(quality, 1000); coarse || d.now != want {
			t.Errorf("%s is %v", quality, d.now)
		}
	}
}

func TestTheWindow(t *testing.T) {
	w := newWindow()
	if !w.open() || !w.openForHot() {
		t.Fatal("nothing is on its way")
	}
	w.sent(1, 10*mostFlight)
	if w.open() || w.openForHot() {
		t.Error("more than the largest window is on its way")
	}
	opened := false
	if w.notify(func() { opened = true }) {
		t.Error("the window is open")
	}
	w.acknowledge(7)
	if opened || w.open() {
		t.Error("an update was acknowledged that was never sent")
	}
	w.acknowledge(1)
	if !opened || !w.open() {
		t.Error("nothing is on its way any more")
	}
	if rate, round := w.pace(); rate <= 0 || round <= 0 {
		t.Errorf("after a large update the rate is %v and the round %v", rate, round)
	}
	before, _ := w.pace()
	w.sent(2, 50)
	w.acknowledge(2)
	if after, _ := w.pace(); after < before {
		t.Error("a small update made the link look slower")
	}
	for i := range uint32(maxUpdates) {
		w.sent(10+i, 1)
	}
	if w.open() {
		t.Error("any number of updates may be on its way")
	}
	w.reset()
	if !w.open() {
		t.Error("after a reset something is on its way")
	}
}
