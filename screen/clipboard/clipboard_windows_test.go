package clipboard

import (
	"bytes"
	"image"
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

// TestALargePictureIsNoBitmap sets a small file of a great many pixels: it is there as the file only.
func TestALargePictureIsNoBitmap(t *testing.T) {
	a, _ := openBoard(t)
	_, clips := openBoard(t)
	for _, picture := range []struct {
		side   int
		bitmap bool
	}{{100, true}, {maxSide + 1, false}} {
		clip := screen.Clip{PNG: plainPNG(t, picture.side)}
		if err := a.Set(clip); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-clips:
			if !got.Equal(clip) {
				t.Errorf("%d: %d bytes arrived", picture.side, len(got.PNG))
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%d: nothing arrived", picture.side)
		}
		if !has(register("PNG")) || has(formatDIB) != picture.bitmap {
			t.Errorf("a side of %d pixels: as a bitmap %v", picture.side, has(formatDIB))
		}
	}
}
