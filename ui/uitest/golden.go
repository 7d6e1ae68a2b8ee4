package uitest

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	ximage "golang.org/x/image/draw"

	"handrail/ui/theme"
)

// RenewVariable makes Golden write the pictures instead of comparing with them: "make golden".
const RenewVariable = "HANDRAIL_GOLDEN"

// Golden compares a window with the picture of it in testdata/golden, which has half its size to be small. A window that
// has no picture yet is only mentioned.
func Golden(t *testing.T, w fyne.Window, name string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name+".png")
	got := half(w.Canvas().Capture())
	if os.Getenv(RenewVariable) != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		save(t, path, got)
		return
	}
	file, err := os.Open(path)
	if err != nil {
		t.Logf("there is no picture %s; make golden takes it", path)
		return
	}
	defer file.Close()
	want, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	if different := differing(got, want); different > mayDiffer {
		aside := filepath.Join(os.TempDir(), "handrail-"+name+".png")
		save(t, aside, got)
		t.Errorf("the window has changed in %d places; it is now as in %s. If that is right: make golden", different, aside)
	}
}

// inGold tells whether windows in a language and look have golden pictures: two of each are enough to see what changes,
// in languages whose letters are part of the program.
func inGold(language, look string) bool {
	return language == "en" && look == "light" || language == "sl" && look == "dark"
}

// Show keeps pictures of a window, if they are wanted, and compares it with its golden picture, if it has one.
func Show(t *testing.T, w fyne.Window, name, language, look string) {
	t.Helper()
	Picture(t, w, name+"-"+language+"-"+look)
	if inGold(language, look) {
		Golden(t, w, name+"-"+language+"-"+look)
	}
}

// Looks are the looks in which windows are tried in a language.
func Looks(language string) map[string]theme.Variant {
	looks := map[string]theme.Variant{"light": theme.Light}
	if language == "en" || language == "sl" {
		looks["dark"] = theme.Dark
	}
	return looks
}

// mayDiffer is how many pixels of a picture may differ: a cursor that is just there or not.
const mayDiffer = 40

// half is a picture in half its size and with few enough colours to be small.
func half(full image.Image) *image.Paletted {
	size := full.Bounds().Size().Div(2)
	small := image.NewRGBA(image.Rectangle{Max: size})
	ximage.BiLinear.Scale(small, small.Bounds(), full, full.Bounds(), draw.Src, nil)
	flat := image.NewPaletted(small.Bounds(), palette)
	draw.Draw(flat, flat.Bounds(), small, image.Point{}, draw.Src)
	return flat
}

// palette has greys in small steps, and 6 steps of each of red, green and blue.
var palette = func() (p color.Palette) {
	for i := range 36 {
		v := uint8(i * 255 / 35)
		p = append(p, color.NRGBA{R: v, G: v, B: v, A: 255})
	}
	for i := range 216 {
		p = append(p, color.NRGBA{R: uint8(i / 36 * 51), G: uint8(i / 6 % 6 * 51), B: uint8(i % 6 * 51), A: 255})
	}
	return p
}()

// differing counts the pixels that differ by more than the neighbouring colours of the palette.
func differing(got, want image.Image) (n int) {
	if got.Bounds() != want.Bounds() {
		return max(1, got.Bounds().Dx()*got.Bounds().Dy())
	}
	for y := range got.Bounds().Dy() {
		for x := range got.Bounds().Dx() {
			r1, g1, b1, _ := got.At(x, y).RGBA()
			r2, g2, b2, _ := want.At(x, y).RGBA()
			if far(r1, r2) || far(g1, g2) || far(b1, b2) {
				n++
			}
		}
	}
	return n
}

func far(a, b uint32) bool { return max(a, b)-min(a, b) > 60<<8 }

func save(t *testing.T, path string, picture image.Image) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(file, picture); err != nil {
		t.Fatal(err)
	}
}
