package turbojpeg

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"

	"handrail/screen"
)

func picture() *screen.Framebuffer {
	fb := screen.NewFramebuffer(800, 600, screen.BGRX)
	for i := range fb.Pix {
		x, y := i/4%800, i/4/800
		fb.Pix[i] = byte(x/4 + y/3*(i%4))
	}
	return fb
}

func TestPicturesAreWhatTheyWere(t *testing.T) {
	w := New()
	if w == nil {
		t.Skip("there is no libjpeg-turbo here")
	}
	fb := picture()
	for _, r := range []image.Rectangle{image.Rect(0, 0, 800, 600), image.Rect(13, 17, 14, 18), image.Rect(101, 33, 642, 394)} {
		out, err := w.Append([]byte("before"), fb, r, 90)
		if err != nil {
			t.Fatal(err)
		}
		out, ok := bytes.CutPrefix(out, []byte("before"))
		if !ok {
			t.Fatal("what was there is gone")
		}
		got, err := jpeg.Decode(bytes.NewReader(out))
		if err != nil || got.Bounds().Size() != r.Size() {
			t.Fatalf("%v: %v", r, err)
		}
		at := r.Min.Add(r.Size().Div(2))
		red, _, blue, _ := got.At(r.Dx()/2, r.Dy()/2).RGBA()
		p := fb.Pix[at.Y*fb.Stride+4*at.X:]
		if far(byte(red>>8), p[2]) || far(byte(blue>>8), p[0]) {
			t.Errorf("%v: red %d, blue %d of %v", r, red>>8, blue>>8, p[:3])
		}
	}
	if _, err := w.Append(nil, fb, image.Rect(0, 0, 801, 1), 90); err == nil {
		t.Error("pixels outside of the picture were read")
	}
}

func far(a, b byte) bool { return max(a, b)-min(a, b) > 30 }

func BenchmarkJPEG(b *testing.B) {
	w := New()
	if w == nil {
		b.Skip("there is no libjpeg-turbo here")
	}
	fb := picture()
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if out, err = w.Append(out[:0], fb, image.Rect(50, 50, 690, 410), 85); err != nil {
			b.Fatal(err)
		}
	}
}
