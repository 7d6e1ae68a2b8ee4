package screen

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// noise fills a rectangle with random pixels, fourth bytes included.
func noise(fb *Framebuffer, r image.Rectangle, random *rand.Rand) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := fb.row(r.Min.X, r.Max.X, y)
		for x := 0; x < len(row); x += 4 {
			binary.LittleEndian.PutUint32(row[x:], random.Uint32())
		}
	}
}

// sameColours compares two pictures pixel for pixel at a colour depth; got must be opaque.
func sameColours(t interface {
	Helper()
	Fatalf(string, ...any)
}, got, want *Framebuffer, depth ColorDepth,
) {
	t.Helper()
	if got.Width != want.Width || got.Height != want.Height {
		t.Fatalf("%d×%d pixels instead of %d×%d", got.Width, got.Height, want.Width, want.Height)
	}
	for y := range want.Height {
		for x := range want.Width {
			p := got.row(x, x+1, y)
			r, g, b := colours(p, got.Format)
			wr, wg, wb := colours(want.row(x, x+1, y), want.Format)
			switch depth {
			case Depth16:
				r, g, b, wr, wg, wb = r>>3, g>>2, b>>3, wr>>3, wg>>2, wb>>3
			case Depth8:
				r, g, b, wr, wg, wb = r>>5, g>>5, b>>6, wr>>5, wg>>5, wb>>6
			}
			if r != wr || g != wg || b != wb || p[3] != 255 {
				t.Fatalf("(%d, %d) is %v", x, y, p)
			}
		}
	}
}

// TestPictureArrives is the whole path: random drawing, compare, encode, decode, at random sizes, depths and
// formats; what arrives is what was drawn.
func TestPictureArrives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		format := PixelFormat(rapid.IntRange(0, 1).Draw(t, "format"))
		depth := rapid.SampledFrom([]ColorDepth{Depth24, Depth16, Depth8}).Draw(t, "depth")
		decoder := NewDecoder(format, Limits{})
		var comparer Comparer
		var encoder Encoder
		fb := NewFramebuffer(1, 1, BGRX)
		for range rapid.IntRange(1, 6).Draw(t, "updates") {
			var resized image.Rectangle
			if rapid.IntRange(0, 3).Draw(t, "resize") == 0 {
				fb = NewFramebuffer(rapid.IntRange(1, 300).Draw(t, "width"), rapid.IntRange(1, 200).Draw(t, "height"), BGRX)
				resized = fb.Bounds() // which may be the same size
			}
			var dirty Region
			dirty.Add(resized)
			for range rapid.IntRange(0, 5).Draw(t, "drawings") {
				r := drawRect(t, fb.Width, fb.Height)
				dirty.Add(r)
				noise(fb, r.Inset(rapid.IntRange(-1, 3).Draw(t, "inset")).Intersect(r), random)
			}
			changed := comparer.Compare(fb, dirty.Rects())
			if err := encoder.Encode(fb, changed, depth, func(part []byte) error {
				_, err := decoder.Decode(bytes.Clone(part))
				return err
			}); err != nil {
				t.Fatalf("%v", err)
			}
			sameColours(t, decoder.Framebuffer(), fb, depth)
		}
	})
}

func TestCompareCropsExactly(t *testing.T) {
	fb := NewFramebuffer(1000, 700, BGRX)
	var c Comparer
	all := []image.Rectangle{fb.Bounds()}
	if got := c.Compare(fb, nil); len(got) != 1 || got[0] != fb.Bounds() {
		t.Fatalf("the first picture: %v", got)
	}
	if got := c.Compare(fb, all); len(got) != 0 {
		t.Fatalf("nothing changed: %v", got)
	}
	for i := 3; i < len(fb.Pix); i += 4 {
		fb.Pix[i] = byte(i)
	}
	if got := c.Compare(fb, all); len(got) != 0 {
		t.Fatalf("only fourth bytes changed: %v", got)
	}
	for _, want := range []image.Rectangle{
		image.Rect(0, 0, 1, 1), image.Rect(999, 699, 1000, 700), image.Rect(63, 63, 65, 65),
		image.Rect(101, 203, 456, 597), image.Rect(0, 0, 1000, 700),
	} {
		for y := want.Min.Y; y < want.Max.Y; y++ {
			for x := want.Min.X; x < want.Max.X; x++ {
				fb.row(x, x+1, y)[1] ^= 255
			}
		}
		got := c.Compare(fb, all)
		if len(got) != 1 || got[0] != want {
			t.Errorf("changed %v, reported %v", want, got)
		}
	}
	fb.row(5, 6, 5)[0]++
	if got := c.Compare(fb, []image.Rectangle{image.Rect(6, 0, 1000, 700), image.Rect(-9, -9, 5, 9000)}); len(got) != 0 {
		t.Errorf("a change outside of the dirty rectangles: %v", got)
	}
}

func TestEncodeEmitsWholeParts(t *testing.T) {
	fb := NewFramebuffer(1920, 1080, BGRX)
	noise(fb, fb.Bounds(), rand.New(rand.NewPCG(1, 2)))
	var e Encoder
	d := NewDecoder(RGBA, Limits{})
	parts := 0
	err := e.Encode(fb, []image.Rectangle{fb.Bounds()}, Depth24, func(part []byte) error {
		if len(part) > MaxPart {
			t.Errorf("a part of %d bytes", len(part))
		}
		u, err := d.Decode(part)
		if u.First != (parts == 0) || u.Resized != u.First || u.Sequence != 1 {
			t.Errorf("part %d: %+v", parts, u)
		}
		parts++
		return err
	})
	if err != nil || parts != 8 || d.within {
		t.Fatalf("%d parts, %v", parts, err)
	}
	sameColours(t, d.Framebuffer(), fb, Depth24)

	many := make([]image.Rectangle, 3000)
	for i := range many {
		many[i] = image.Rect(i%1900, i%1000, i%1900+1, i%1000+1)
	}
	parts = 0
	if err := e.Encode(fb, many, Depth8, func([]byte) error { parts++; return nil }); err != nil || parts != 3 {
		t.Fatalf("%d parts, %v", parts, err)
	}
	if err := e.Encode(fb, nil, Depth24, func([]byte) error { return errors.New("a part") }); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := e.Encode(fb, many, Depth24, func([]byte) error { return broken }); err != broken {
		t.Fatal(err)
	}
	if err := e.Encode(fb, many, 7, nil); err == nil {
		t.Fatal("colour depth 7")
	}
}

func TestDecodeRefuses(t *testing.T) {
	p := newPainter(100, 50, 1)
	fb := p.fb
	p.text(fb.Bounds())
	var e Encoder
	var good []byte
	collect := func(p []byte) error { good = bytes.Clone(p); return nil }
	if err := e.Encode(fb, []image.Rectangle{image.Rect(10, 10, 60, 40)}, Depth24, collect); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func([]byte) []byte{
		"empty":    func(b []byte) []byte { return nil },
		"short":    func(b []byte) []byte { return b[:partHeader-1] },
		"cut":      func(b []byte) []byte { return b[:len(b)-1] },
		"flags":    func(b []byte) []byte { b[4] |= 8; return b },
		"encoding": func(b []byte) []byte { b[5] = byte(encodingCount); return b },
		"photo":    func(b []byte) []byte { b[5] = byte(encodingPhoto); return b },
		"copy":     func(b []byte) []byte { b[5] = byte(encodingCopy); return b },
		"fill":     func(b []byte) []byte { b[5] = byte(encodingFill); return b },
		"JPEG":     func(b []byte) []byte { b[5] = byte(encodingJPEG); return b },
		"no beginning": func(b []byte) []byte {
			b[5] = byte(encodingStream)
			b[4] &^= flagAnew
			return b
		},
		"not raw":     func(b []byte) []byte { b[5] = 0; return b },
		"depth":       func(b []byte) []byte { b[6] = 15; return b },
		"other depth": func(b []byte) []byte { b[6] = 16; return b },
		"no width":    func(b []byte) []byte { b[8], b[9] = 0, 0; return b },
		"outside":     func(b []byte) []byte { b[8] = 59; return b },
		"raw length":  func(b []byte) []byte { b[12]++; return b },
		"raw bomb":    func(b []byte) []byte { b[15] = 255; return b },
		"count":       func(b []byte) []byte { b[16] = 2; return b },
		"count bomb":  func(b []byte) []byte { b[16], b[17] = 255, 255; return b },
		"empty rect":  func(b []byte) []byte { b[22], b[23] = 0, 0; return b },
		"not first":   func(b []byte) []byte { b[4] = flagLast; return b },
		"desktop": func(b []byte) []byte {
			copy(b[8:], []byte{255, 255, 255, 255})
			return b
		},
	} {
		d := NewDecoder(RGBA, Limits{Width: 4000, Height: 4000, Pixels: 1 << 20})
		_, err := d.Decode(spoil(bytes.Clone(good)))
		if !errors.Is(err, ErrMalformedPart) && !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
		if d.Framebuffer() != nil {
			t.Errorf("%s: a picture of what was refused", name)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, part := range everyEncoding(f) {
		f.Add(part)
	}
	f.Fuzz(func(t *testing.T, part []byte) {
		limits := Limits{Width: 300, Height: 300, Pixels: 10000}
		d := NewDecoder(RGBA, limits)
		u, err := d.Decode(part)
		u.Rects = slices.Clone(u.Rects)
		got := d.Framebuffer()
		if (err == nil) != (got != nil) {
			t.Fatalf("picture %v, error %v", got, err)
		}
		if _, err := d.Decode(part); got == nil {
			if err == nil {
				t.Fatal("what was refused is taken the second time")
			}
			return
		}
		if got.Width*got.Height > limits.Pixels || len(got.Pix) != 4*got.Width*got.Height || cap(d.raw) > MaxPart || cap(d.own.raw) > MaxPart || cap(d.own.planes) > MaxPart {
			t.Fatal("more memory than agreed")
		}
		painted := image.NewAlpha(got.Bounds())
		for _, r := range u.Rects {
			for y := r.Min.Y; y < r.Max.Y; y++ {
				for x := r.Min.X; x < r.Max.X; x++ {
					painted.Pix[painted.PixOffset(x, y)] = 1
				}
			}
		}
		for i, yes := range painted.Pix {
			if p := binary.LittleEndian.Uint32(got.Pix[4*i:]); p>>24 != 255 || yes == 0 && p != 0xff000000 {
				t.Fatalf("pixel %d is %x", i, p)
			}
		}
	})
}

// everyEncoding is a part of each encoding and colour depth, all of one desktop.
func everyEncoding(t testing.TB) (parts [][]byte) {
	t.Helper()
	fb := NewFramebuffer(70, 40, BGRX)
	p := &painter{fb, rand.New(rand.NewPCG(3, 4))}
	p.text(image.Rect(0, 0, 30, 40))
	p.photo(image.Rect(30, 0, 60, 40))
	noise(fb, image.Rect(60, 0, 70, 10), p.random)
	var e Encoder
	keep := func(part []byte) error { parts = append(parts, bytes.Clone(part)); return nil }
	for _, plan := range []Plan{
		{Plain: []image.Rectangle{image.Rect(0, 0, 30, 40), image.Rect(69, 39, 70, 40)}},
		{Plain: []image.Rectangle{image.Rect(0, 0, 30, 40)}, Fast: true},
		{Plain: []image.Rectangle{image.Rect(60, 0, 70, 10)}, Fast: true},
		{Photos: []image.Rectangle{image.Rect(30, 0, 60, 40)}},
		{Fills: []image.Rectangle{image.Rect(60, 20, 70, 40)}},
		{Moves: []Move{{image.Rect(0, 0, 20, 20), image.Pt(50, 20)}, {image.Rect(5, 5, 70, 40), image.Pt(0, 0)}}},
		{Lossy: []image.Rectangle{image.Rect(30, 0, 59, 39)}, Quality: 50},
	} {
		for _, depth := range []ColorDepth{Depth24, Depth16, Depth8} {
			e.Restart()
			if err := e.Write(fb, &plan, depth, keep); err != nil {
				t.Fatal(err)
			}
		}
	}
	return parts
}

// TestEveryEncodingIsWritten keeps the seeds of the fuzz test complete.
func TestEveryEncodingIsWritten(t *testing.T) {
	var seen Encodings
	for _, part := range everyEncoding(t) {
		seen |= 1 << part[5]
	}
	if seen != AllEncodings {
		t.Errorf("written were only %v", seen.Names())
	}
	if got := ParseEncodings(append(AllEncodings.Names(), "holography")); got != AllEncodings {
		t.Errorf("understood were %v", got.Names())
	}
	if got := ParseEncodings(nil); got != Basic {
		t.Errorf("an old viewer understands %v", got.Names())
	}
}

// TestPartsPreparedTogether prepares all parts of an update at once and paints them in order: the picture is the same.
func TestPartsPreparedTogether(t *testing.T) {
	p := newPainter(800, 600, 3)
	p.text(p.fb.Bounds())
	p.photo(image.Rect(50, 50, 700, 550))
	plan := &Plan{
		Plain: []image.Rectangle{image.Rect(0, 0, 800, 50)}, Photos: []image.Rectangle{image.Rect(50, 50, 700, 300), image.Rect(50, 300, 700, 420)},
		Lossy: []image.Rectangle{image.Rect(50, 420, 700, 550)}, Quality: 80,
	}
	var e Encoder
	var parts [][]byte
	if err := e.Write(p.fb, plan, Depth24, func(part []byte) error { parts = append(parts, bytes.Clone(part)); return nil }); err != nil {
		t.Fatal(err)
	}
	one, all := NewDecoder(RGBA, Limits{}), NewDecoder(RGBA, Limits{})
	prepared := make([]*Part, len(parts))
	var wg sync.WaitGroup
	heavy := 0
	for i, data := range parts {
		if _, err := one.Decode(data); err != nil {
			t.Fatal(err)
		}
		if Heavy(data) {
			heavy++
		}
		prepared[i] = all.NewPart()
		wg.Go(func() { prepared[i].Prepare(data) })
	}
	wg.Wait()
	for _, part := range prepared {
		if _, err := all.Apply(part); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(one.Framebuffer().Pix, all.Framebuffer().Pix) || len(parts) < 3 || heavy < 2 {
		t.Errorf("another picture, of %d parts, %d of which are heavy", len(parts), heavy)
	}
}
