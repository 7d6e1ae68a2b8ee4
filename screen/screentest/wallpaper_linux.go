package screentest

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
)

// Wallpaper has the program feh hang a wallpaper, on which every pixel up to 256×256 is another colour: red and green are
// its place, and blue is given.
func (d *Display) Wallpaper(blue uint8) {
	d.t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, d.Width, d.Height))
	for y := range d.Height {
		for x := range d.Width {
			img.SetRGBA(x, y, color.RGBA{uint8(x), uint8(y), blue, 255})
		}
	}
	path := filepath.Join(d.home, "wallpaper.png")
	file, err := os.Create(path)
	if err != nil {
		d.t.Fatal(err)
	}
	defer file.Close()
	if err := png.Encode(file, img); err != nil {
		d.t.Fatal(err)
	}
	d.Do("feh", "--no-fehbg", "--bg-center", path)
}
