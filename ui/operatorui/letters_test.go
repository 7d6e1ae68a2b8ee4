package operatorui

import (
	"testing"

	"handrail/ui/theme"
	"handrail/ui/uitest"
)

func TestLargestLettersFit(t *testing.T) {
	uitest.SetLanguage(t, "de") // the longest words
	before := textSizes["normal"]
	textSizes["normal"] = theme.LetterSizes[len(theme.LetterSizes)-1] // for windows with the default settings
	t.Cleanup(func() { textSizes["normal"] = before; theme.SetLetters(1) })
	for name, build := range windows() {
		t.Run(name, func(t *testing.T) {
			main, w := build(uitest.App(t), theme.Contrast)
			t.Cleanup(main.stop)
			uitest.Grow(t, w)
			uitest.Fits(t, w)
			uitest.Light(t, w)
			uitest.Picture(t, w, "operator-"+name+"-largest")
		})
	}
}
