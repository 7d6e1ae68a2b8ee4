package screen

import (
	"bytes"
	"image"
	"math/rand/v2"
	"testing"
	"time"
)

// desktopLike is a picture like a desktop at 1080p: plain areas, text-like specks, one photograph-like patch.
func desktopLike() *Framebuffer {
	fb := NewFramebuffer(1920, 1080, BGRX)
	random := rand.New(rand.NewPCG(7, 8))
	for i := range fb.Pix {
		fb.Pix[i] = 0xf0
	}
	glyphs := make([]uint64, 90) // 8×8 bits
	for i := range glyphs {
		glyphs[i] = random.Uint64() & random.Uint64()
	}
	for y := 40; y < 1040; y += 14 {
		for x := 20; x < 1100; x += 8 {
			if random.IntN(6) == 0 {
				continue
			}
			g := glyphs[random.IntN(len(glyphs))]
			for i := range 64 {
				if g>>i&1 != 0 {
					copy(fb.row(x+i%8, x+i%8+1, y+i/8), []byte{0x20, 0x20, 0x20})
				}
			}
		}
	}
	for y := 300; y < 800; y++ {
		for x := 1200; x < 1800; x++ {
			v := byte(x/4 + y/3 + random.IntN(6))
			copy(fb.row(x, x+1, y), []byte{v, v + byte(random.IntN(4)), 255 - v})
		}
	}
	return fb
}

func BenchmarkCompareUnchanged1080p(b *testing.B) {
	fb := desktopLike()
	var c Comparer
	all := []image.Rectangle{fb.Bounds()}
	c.Compare(fb, all)
	b.ReportAllocs()
	b.SetBytes(int64(len(fb.Pix)))
	for b.Loop() {
		if len(c.Compare(fb, all)) != 0 {
			b.Fatal("changed")
		}
	}
}

func BenchmarkCompareChanged1080p(b *testing.B) {
	fb := desktopLike()
	other := NewFramebuffer(1920, 1080, BGRX)
	var c Comparer
	all := []image.Rectangle{fb.Bounds()}
	c.Compare(fb, all)
	b.ReportAllocs()
	b.SetBytes(int64(len(fb.Pix)))
	for b.Loop() {
		c.Compare(other, all)
		other, fb = fb, other
	}
}

func BenchmarkEncode1080p(b *testing.B) {
	for _, depth := range []ColorDepth{Depth24, Depth16, Depth8} {
		b.Run(depth.String(), func(b *testing.B) {
			fb := desktopLike()
			var e Encoder
			rects := []image.Rectangle{fb.Bounds()}
			written := 0
			emit := func(p []byte) error { written += len(p); return nil }
			_ = e.Encode(fb, rects, depth, emit)
			b.ReportAllocs()
			b.SetBytes(int64(len(fb.Pix)))
			written = 0
			for b.Loop() {
				_ = e.Encode(fb, rects, depth, emit)
			}
			b.ReportMetric(float64(written)/float64(b.N), "wire-B/op")
		})
	}
}

func BenchmarkDecode1080p(b *testing.B) {
	for _, depth := range []ColorDepth{Depth24, Depth16, Depth8} {
		b.Run(depth.String(), func(b *testing.B) {
			fb := desktopLike()
			var e Encoder
			var parts [][]byte
			_ = e.Encode(fb, []image.Rectangle{fb.Bounds()}, depth, func(p []byte) error {
				parts = append(parts, bytes.Clone(p))
				return nil
			})
			d := NewDecoder(RGBA, Limits{})
			for _, p := range parts {
				_, _ = d.Decode(p)
			}
			b.ReportAllocs()
			b.SetBytes(int64(len(fb.Pix)))
			for b.Loop() {
				for _, p := range parts {
					if _, err := d.Decode(p); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkUpdate is a whole step of the customer's side in steady state: a terminal at 1080p that has scrolled by a
// line, a video of 640×360, a window over a photograph that is moved.
func BenchmarkUpdate(b *testing.B) {
	kinds := map[string]func(p *painter, i int) (image.Rectangle, []Move){
		"scroll": func(p *painter, i int) (image.Rectangle, []Move) {
			r := image.Rect(80, 60, 1680, 1020)
			p.fb.Move(Move{To: image.Rect(80, 60, 1680, 1004), From: image.Pt(80, 76)})
			p.text(image.Rect(80, 1004, 1680, 1020))
			return r, nil
		},
		"sideways": func(p *painter, i int) (image.Rectangle, []Move) {
			r := image.Rect(80, 60, 1680, 1020)
			p.sideways(r, 40)
			return r, nil
		},
		"video": func(p *painter, i int) (image.Rectangle, []Move) {
			r := image.Rect(300, 250, 940, 610)
			p.photo(r)
			return r, nil
		},
		"typing": func(p *painter, i int) (image.Rectangle, []Move) {
			r := image.Rect(80+i%100*8, 60, 88+i%100*8, 76)
			p.text(r)
			return r, nil
		},
	}
	for name, draw := range kinds {
		b.Run(name, func(b *testing.B) {
			p := &painter{desktopLike(), rand.New(rand.NewPCG(1, 1))}
			c := &pipe{now: time.Unix(1000, 0)}
			c.dirty.Add(p.fb.Bounds())
			written := 0
			emit := func(part []byte) error { written += len(part); return nil }
			step := func(i int) {
				b.StopTimer()
				r, guesses := draw(p, i)
				c.dirty.Add(r)
				c.now = c.now.Add(33 * time.Millisecond)
				b.StartTimer()
				moves := c.finder.Find(c.comparer.Last(), p.fb, c.dirty.Rects(), guesses, c.planner.Movable)
				plan := c.planner.Plan(p.fb, moves, c.comparer.Compare(p.fb, c.dirty.Rects()), Budget{Now: c.now, Loss: true})
				_ = c.encoder.Write(p.fb, plan, Depth24, emit)
				c.dirty.Clear()
			}
			for i := range 20 {
				step(i)
			}
			written = 0
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				step(i)
			}
			b.ReportMetric(float64(written)/float64(b.N), "wire-B/op")
		})
	}
}
