package pages

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"testing"
)

// TestOwnColoursCanBeRead makes style sheets of all kinds of colours, and looks at the contrast of what people read.
func TestOwnColoursCanBeRead(t *testing.T) {
	colours := []string{"#000000", "#ffffff", "#ffd54a", "#0b7a75", "#808080", "#ff0000", "#00ff00", "#0000ff"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		colours = append(colours, fmt.Sprintf("#%06x", random.IntN(1<<24)))
	}
	value := regexp.MustCompile(`--([a-z-]+):(#[0-9a-f]{6})`)
	for _, c := range colours {
		all := value.FindAllStringSubmatch(accentCSS(c), -1)
		if len(all) != 8 {
			t.Fatalf("%s: %s", c, accentCSS(c))
		}
		for half, backgrounds := range [][]rgb{{white, lightPaper}, {darkCard, darkPaper}} {
			set := map[string]rgb{}
			for _, m := range all[4*half : 4*half+4] {
				set[m[1]] = parseColour(m[2])
			}
			for name, pair := range map[string][2]rgb{
				"button": {set["on-accent"], set["accent"]}, "soft": {set["accent-ink"], set["accent-soft"]},
				"link on card": {set["accent-ink"], backgrounds[0]}, "link on paper": {set["accent-ink"], backgrounds[1]},
			} {
				if got := contrast(pair[0], pair[1]); got < 4.5 {
					t.Errorf("%s, %s: contrast %.2f", c, name, got)
				}
			}
		}
	}
}
