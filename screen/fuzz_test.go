package screen

import (
	"bytes"
	"encoding/binary"
	"image"
	"slices"
	"testing"
	"time"
)

// joined writes parts one after another, each behind its length.
func joined(parts [][]byte) (all []byte) {
	for _, part := range parts {
		all = append(binary.LittleEndian.AppendUint16(all, uint16(len(part))), part...)
	}
	return all
}

// nextPart is the reverse.
func nextPart(all []byte) (part, rest []byte) {
	n := 0
	if len(all) >= 2 {
		n, all = int(binary.LittleEndian.Uint16(all)), all[2:]
	}
	n = min(n, len(all))
	return all[:n], all[n:]
}

// someUpdates is what a whole session's beginning looks like: pictures that follow each other.
func someUpdates(t testing.TB, seed uint64) (parts [][]byte) {
	p := newPainter(90, 70, seed)
	c := &pipe{now: time.Unix(1000, 0)}
	c.dirty.Add(p.fb.Bounds())
	var guesses []Move
	for range 6 {
		moves := c.finder.Find(c.comparer.Last(), p.fb, c.dirty.Rects(), guesses, c.planner.Movable)
		plan := c.planner.Plan(p.fb, moves, c.comparer.Compare(p.fb, c.dirty.Rects()), Budget{Now: c.now, Loss: true})
		err := c.encoder.Write(p.fb, plan, Depth24, func(part []byte) error {
			parts = append(parts, bytes.Clone(part))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		c.dirty.Clear()
		c.now = c.now.Add(33 * time.Millisecond)
		r, next := p.change()
		c.dirty.Add(r)
		guesses = next
	}
	return parts
}

// FuzzDecodeParts gives one decoder many parts, as a peer could: what a part does not say is painted stays as it was, and
// what is refused changes nothing and does not harm what follows.
func FuzzDecodeParts(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(joined(someUpdates(f, seed)))
	}
	f.Add(joined(everyEncoding(f)))
	f.Fuzz(func(t *testing.T, all []byte) {
		const most = 32 // parts
		limits := Limits{Width: 100, Height: 100, Pixels: 8000}
		d := NewDecoder(RGBA, limits)
		var part, before []byte
		for range most {
			if len(all) == 0 {
				return
			}
			part, all = nextPart(all)
			last := d.Framebuffer()
			if last != nil {
				before = append(before[:0], last.Pix...)
			}
			u, err := d.Decode(part)
			got := d.Framebuffer()
			if cap(d.raw) > MaxPart || cap(d.own.raw) > MaxPart || cap(d.own.planes) > MaxPart {
				t.Fatal("more memory than agreed")
			}
			if got == nil {
				continue
			}
			if got.Width*got.Height > limits.Pixels || len(got.Pix) != 4*got.Width*got.Height || u.Resized != (got != last) {
				t.Fatalf("%d×%d pixels", got.Width, got.Height)
			}
			if err != nil && !slices.Equal(before, got.Pix) {
				t.Fatalf("painted and refused: %v", err)
			}
			if u.Resized {
				before = append(before[:0], blackPicture(got.Width, got.Height)...)
			}
			checkUntouched(t, got, before, u.Rects)
		}
	})
}

// blackPicture is the pixels of a picture on which nothing was painted yet.
func blackPicture(width, height int) []byte {
	pix := make([]byte, 4*width*height)
	for i := 3; i < len(pix); i += 4 {
		pix[i] = 255
	}
	return pix
}

// checkUntouched compares what lies outside of rectangles, and that everything is opaque.
func checkUntouched(t *testing.T, got *Framebuffer, before []byte, rects []image.Rectangle) {
	painted := make([]bool, got.Width*got.Height)
	for _, r := range rects {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				painted[y*got.Width+x] = true
			}
		}
	}
	for i, yes := range painted {
		if got.Pix[4*i+3] != 255 || !yes && !bytes.Equal(got.Pix[4*i:4*i+4], before[4*i:4*i+4]) {
			t.Fatalf("pixel %d is %x", i, got.Pix[4*i:4*i+4])
		}
	}
}
