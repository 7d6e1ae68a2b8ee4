package clipboard

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
	"time"

	"handrail/screen"
)

func openBoard(t *testing.T) (screen.Clipboard, chan screen.Clip) {
	t.Helper()
	clips := make(chan screen.Clip, 16)
	c, err := Open(Options{}, func(clip screen.Clip) { clips <- clip })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, clips
}

// TestTwoBoards has two programs' clipboards in one, each with a window of its own.
func TestTwoBoards(t *testing.T) {
	a, ofA := openBoard(t)
	b, ofB := openBoard(t)
	img := image.NewRGBA(image.Rect(0, 0, 60, 40))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 7)
	}
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 255
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	for name, clip := range map[string]screen.Clip{
		"text": {Text: "čšž 한국어 😀\nsecond line"}, "long": {Text: strings.Repeat("long ž ", 100_000)}, "picture": {PNG: file.Bytes()},
	} {
		for _, way := range []struct {
			from screen.Clipboard
			to   chan screen.Clip
			own  chan screen.Clip
		}{{a, ofB, ofA}, {b, ofA, ofB}} {
			clip := clip
			if clip.Text != "" && way.from == b {
				clip.Text = "x" + clip.Text
			}
			if clip.Text == "" && way.from == b {
				continue // it is there already
			}
			if err := way.from.Set(clip); err != nil {
				t.Fatal(name, err)
			}
			select {
			case got := <-way.to:
				if !got.Equal(clip) {
					t.Errorf("%s: %d and %d bytes arrived", name, len(got.Text), len(got.PNG))
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("%s: nothing arrived", name)
			}
			if len(way.own) > 0 {
				t.Errorf("%s came back", name)
			}
		}
	}
}

func TestPicturesOfOtherPrograms(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 31, 17))
	for y := range 17 {
		for x := range 31 {
			img.SetNRGBA(x, y, color.NRGBA{byte(8 * x), byte(15 * y), 77, 255})
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	dib, err := toDIB(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	back, err := png.Decode(bytes.NewReader(fromDIB(dib)))
	if err != nil {
		t.Fatal(err)
	}
	for y := range 17 {
		for x := range 31 {
			if color.NRGBAModel.Convert(back.At(x, y)) != img.At(x, y) {
				t.Fatalf("pixel %d, %d is %v instead of %v", x, y, back.At(x, y), img.At(x, y))
			}
		}
	}
	if fromDIB([]byte("no picture")) != nil || fromDIB(make([]byte, 100)) != nil {
		t.Error("nonsense is taken for a picture")
	}
}
