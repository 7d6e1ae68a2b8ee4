package pages

import (
	"fmt"
	"math"
	"strconv"
)

// rgb is a colour, each part from 0 to 1, as CSS means it (sRGB).
type rgb [3]float64

func parseColour(hex string) rgb {
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		return rgb{}
	}
	return rgb{float64(n>>16&255) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}
}

func (c rgb) String() string {
	return fmt.Sprintf("#%02x%02x%02x", int(math.Round(c[0]*255)), int(math.Round(c[1]*255)), int(math.Round(c[2]*255)))
}

// mix is c with so much of another colour in it, from 0 to 1.
func (c rgb) mix(other rgb, share float64) rgb {
	for i := range c {
		c[i] += (other[i] - c[i]) * share
	}
	return c
}

// luminance is WCAG's relative luminance.
func (c rgb) luminance() float64 {
	linear := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}

// contrast is WCAG's contrast ratio, from 1 to 21.
func contrast(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// enough is WCAG AA's contrast for text, and a little for rounding.
const enough = 4.6

// readable is c, moved towards an end only as far as it must be to be read on all of these.
func readable(c, end rgb, on ...rgb) rgb {
	for share := 0.0; share < 1; share += 0.02 {
		moved, ok := c.mix(end, share), true
		for _, o := range on {
			ok = ok && contrast(moved, o) >= enough
		}
		if ok {
			return moved
		}
	}
	return end
}

// The pages' own colours, as in pages.css.
var (
	white, black         = rgb{1, 1, 1}, rgb{}
	lightPaper, darkCard = parseColour("#f6f8f9"), parseColour("#1b232c")
	darkPaper            = parseColour("#12181f")
)

// accentCSS is a style sheet that makes the pages' accent an organisation's colour: as it is where people can read what
// stands on it or is written in it, and lighter or darker where they could not.
func accentCSS(hex string) string {
	c := parseColour(hex)
	set := func(accent, onAccent, ink, soft rgb) string {
		return fmt.Sprintf("--accent:%s;--on-accent:%s;--accent-ink:%s;--accent-soft:%s", accent, onAccent, ink, soft)
	}
	lightSoft, darkSoft := c.mix(white, 0.88), c.mix(darkCard, 0.75)
	light, dark := readable(c, black, white), readable(c, white, darkCard, darkPaper)
	return ":root{" + set(light, white, readable(c, black, lightPaper, white, lightSoft), lightSoft) + "}\n" +
		"@media (prefers-color-scheme:dark){:root{" +
		set(dark, readable(dark.mix(black, 0.85), black, dark), readable(c, white, darkCard, darkPaper, darkSoft), darkSoft) + "}}\n"
}
