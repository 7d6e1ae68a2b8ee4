package screen

import (
	"bytes"
	"image"
	"math/rand/v2"
	"testing"
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
