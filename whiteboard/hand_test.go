package whiteboard

import (
	"testing"
)

func newHand(t *testing.T) (*Hand, *network) {
	n := newNetwork(t, 1)
	return &Hand{Pad: n.leaves[0], Monitors: func() []Monitor { return testMonitors }}, n
}

func TestAHandDrawsWhatItHolds(t *testing.T) {
	h, n := newHand(t)
	drag := func(x0, y0, x1, y1 int) {
		h.Take(Input{X: x0, Y: y0, Button: 1, Pressed: true})
		for i := 1; i <= 20; i++ {
			h.Take(Input{X: x0 + (x1-x0)*i/20, Y: y0 + (y1-y0)*i/20})
		}
		h.Take(Input{X: x1, Y: y1, Button: 1})
	}
	drag(5, 5, 50, 5)
	if h.Holds() || len(n.leaves[0].Items()) != 0 {
		t.Fatal("the cursor draws")
	}
	style := Style{Color: Green, Width: 6, Life: 5}
	for i, kind := range []Kind{Pen, Highlighter, Line, Arrow, Rectangle, Ellipse} {
		h.Hold(ToolOf(kind), style)
		drag(20, 20, 120, 80)
		items := n.leaves[0].Items()
		item := items[len(items)-1]
		last := item.Points[len(item.Points)-1]
		if len(items) != i+1 || item.Kind != kind || item.Color != Green || item.Life != 5 || !item.Finished || last != At(120, 80) {
			t.Errorf("%v made %+v", kind, item)
		}
	}
	h.Hold(ToolOf(Eraser), Style{Width: 200})
	drag(0, 0, 200, 100)
	drag(0, 80, 140, 80)
	n.settle()
	if marks := n.hub.Marks(testMonitors); len(marks) != 0 {
		t.Errorf("the eraser left %d", len(marks))
	}
	n.compare()
}

func TestAHandThinsStrokes(t *testing.T) {
	h, n := newHand(t)
	h.Hold(ToolOf(Pen), red)
	h.Press(10, 10)
	for x := 10; x <= 210; x++ {
		h.Move(x, 10)
	}
	h.Release()
	if points := len(n.leaves[0].Items()[0].Points); points > 110 || points < 50 {
		t.Errorf("201 positions became %d points", points)
	}
}

func TestAHandGoesOnWhenAStrokeIsFull(t *testing.T) {
	h, n := newHand(t)
	h.Hold(ToolOf(Pen), red)
	h.Press(0, 0)
	for i := range MaxPoints + 100 {
		h.Move(3*(i%200), i/200*3)
		if i%1000 == 0 {
			n.settle()
		}
	}
	h.Release()
	if items := n.leaves[0].Items(); len(items) != 2 {
		t.Errorf("there are %d strokes", len(items))
	}
}

func TestAHandPointsAndWrites(t *testing.T) {
	h, n := newHand(t)
	h.Hold(Spot, red)
	h.Move(30, 30)
	n.settle()
	if marks := n.hub.Marks(testMonitors); len(marks) != 1 || !marks[0].spot {
		t.Errorf("the hub sees %v", marks)
	}
	h.Write = func(x, y int) { go h.Put(x, y, "Here\x00!") }
	h.Hold(ToolOf(Text), Style{Color: Blue, Width: 24})
	h.Press(40, 40)
	waitItems(t, n.leaves[0], 1)
	n.settle()
	if items := n.hub.Items(); len(items) != 1 || items[0].Text != "Here!" {
		t.Errorf("the hub has %+v", items)
	}
	if marks := n.hub.Marks(testMonitors); len(marks) != 1 {
		t.Errorf("the pointer is still there: %v", marks)
	}
}

func waitItems(t *testing.T, p *Pad, n int) {
	t.Helper()
	for {
		changed := p.Changed()
		if len(p.Items()) == n {
			return
		}
		<-changed
	}
}
