package assets

import (
	"bytes"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
)

// TestEveryIconIsDrawn draws each icon and counts what is there: an outline that the painter does not
// understand leaves little or nothing.
func TestEveryIconIsDrawn(t *testing.T) {
	test.NewTempApp(t)
	for _, name := range IconNames() {
		c := test.NewCanvas()
		image := canvas.NewImageFromResource(Icon(name, color.NRGBA{R: 0xff, A: 0xff}, 48))
		image.FillMode = canvas.ImageFillContain
		w := test.NewTempWindow(t, image)
		w.SetPadded(false)
		w.Resize(c.Size().Max(image.MinSize()).AddWidthHeight(48, 48))
		picture, inked := w.Canvas().Capture(), 0
		for y := range picture.Bounds().Dy() {
			for x := range picture.Bounds().Dx() {
				if r, g, _, _ := picture.At(x, y).RGBA(); r > 0xc000 && g < 0x6000 {
					inked++
				}
			}
		}
		if inked < 100 {
			t.Errorf("icon %s has %d pixels of ink", name, inked)
		}
	}
}

func TestMarkIsAPicture(t *testing.T) {
	for want, resource := range map[int][]byte{256: AppIcon().Content(), 512: LargeAppIcon().Content()} {
		picture, err := png.Decode(bytes.NewReader(resource))
		if err != nil || picture.Bounds().Dx() != want || picture.Bounds().Dy() != want {
			t.Errorf("%d: %v %v", want, picture.Bounds(), err)
		}
	}
	if !strings.HasPrefix(string(Mark().Content()), "<svg") {
		t.Error("the mark is no SVG")
	}
}

func TestSpellOutPath(t *testing.T) {
	for in, want := range map[string]string{
		"M5 12h14":                            "M 5 12 h 14",
		"m22 2-7 20-4-9":                      "m 22 2 l -7 20 l -4 -9",
		"M2 .5.094 1.167":                     "M 2 0.5 L 0.094 1.167",
		"a2 2 0 0 1 .099.092 10 10 0 1 0-4-5": "a 2 2 0 0 1 0.099 0.092 a 10 10 0 1 0 -4 -5",
		"M1 1zm2-.5":                          "M 1 1 z m 2 -0.5",
	} {
		if got := spellOutPath(in); got != want {
			t.Errorf("%s:\n got %s\nwant %s", in, got, want)
		}
	}
}
