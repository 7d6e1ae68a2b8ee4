package operator

import (
	"encoding/binary"
	"image"
	"testing"

	"handrail/session/wire"
)

// fills is a part of an update that fills pixels with black, as screen/part.go has it.
func fills(sequence uint32, flags byte, width, height int, rects []image.Rectangle) []byte {
	le := binary.LittleEndian
	b := append(le.AppendUint32(nil, sequence), flags, 4, 24, 0)
	b = le.AppendUint16(le.AppendUint16(b, uint16(width)), uint16(height))
	b = le.AppendUint16(le.AppendUint32(b, 0), uint16(len(rects)))
	for _, r := range rects {
		for _, v := range []int{r.Min.X, r.Min.Y, r.Dx(), r.Dy()} {
			b = le.AppendUint16(b, uint16(v))
		}
	}
	return append(b, make([]byte, 4*len(rects))...)
}

// TestAnUpdateThatNeverEnds sends part after part of one update, and then updates that all begin and never end.
func TestAnUpdateThatNeverEnds(t *testing.T) {
	e := New(Config{})
	defer e.Close()
	s := newSession(e, nil, Account{}, wire.Session{})
	defer s.stop()
	a, p := &arriving{part: s.picture.newPart()}, painting{}
	paint := func(sequence uint32, flags byte, rects []image.Rectangle) {
		t.Helper()
		a.data = fills(sequence, flags, 64, 64, rects)
		a.part.Prepare(a.data)
		if err := s.paint(nil, a, &p); err != nil {
			t.Fatal(err)
		}
	}
	many := make([]image.Rectangle, 1000)
	for i := range many {
		at := image.Pt(10+i%40, 20+i/40)
		many[i] = image.Rectangle{at, at.Add(image.Pt(1, 1))}
	}
	for n := range 500 {
		flags := byte(0)
		if n == 0 {
			flags = 1
		}
		paint(1, flags, many)
		if len(p.rects) > 4096 {
			t.Fatalf("%d rectangles are kept", len(p.rects))
		}
		if n == 4 && (len(p.rects) != 1 || p.rects[0] != image.Rect(10, 20, 50, 45)) {
			t.Errorf("%v stands for all rectangles", p.rects)
		}
	}
	for n := range uint32(10) {
		paint(2+n, 1, many[n:n+1])
	}
	if len(p.rects) != 1 || p.rects[0] != many[9] || p.bytes != 30 {
		t.Errorf("%d rectangles and %d bytes are kept of updates that never ended", len(p.rects), p.bytes)
	}
}
