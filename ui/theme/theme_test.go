package theme

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// luminance and ratio are those of WCAG 2.2.
func luminance(c color.NRGBA) float64 {
	part := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}

func ratio(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestLettersCanBeRead(t *testing.T) {
	pairs := [][2]fyne.ThemeColorName{
		{Ink, theme.ColorNameBackground},
		{Ink, Card},
		{Ink, GreySoft},
		{Ink, AccentSoft},
		{Ink, AmberSoft},
		{Muted, theme.ColorNameBackground},
		{Muted, Card},
		{Muted, GreySoft},
		{AccentText, AccentSoft},
		{AccentText, Card},
		{RedText, RedSoft},
		{RedText, Card},
		{AmberText, AmberSoft},
		{OnAccent, Accent},
		{OnRed, Red},
	}
	for name, c := range map[string]struct {
		palette palette
		least   float64
	}{"light": {light, 4.5}, "dark": {dark, 4.5}, "contrast": {contrast, 7}} {
		for _, pair := range pairs {
			if got := ratio(c.palette[pair[0]], c.palette[pair[1]]); got < c.least {
				t.Errorf("%s: %s on %s has %.2f, want %.1f", name, pair[0], pair[1], got, c.least)
			}
		}
	}
}

// TestTintsHaveEdgesWithHighContrast: what is told from its surroundings by a tint only has an edge there, and nowhere else.
func TestTintsHaveEdgesWithHighContrast(t *testing.T) {
	if light[Edge].A != 0 || dark[Edge].A != 0 {
		t.Error("tinted surfaces have edges without high contrast")
	}
	for name := range contrast {
		if got := ratio(contrast[Edge], contrast[name]); Tinted(name) && (got < 7 || contrast[Edge].A != 255) {
			t.Errorf("the edge of %s has %.2f", name, got)
		}
	}
}
