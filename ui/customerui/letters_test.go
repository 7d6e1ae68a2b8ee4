package customerui

import (
	"testing"

	"handrail/ui/theme"
	"handrail/ui/uitest"
)

func TestLargestLettersFit(t *testing.T) {
	uitest.SetLanguage(t, "de") // the longest words
	before := theme.LetterSizes[0]
	theme.LetterSizes[0] = theme.LetterSizes[len(theme.LetterSizes)-1] // what windows begin with
	t.Cleanup(func() { theme.LetterSizes[0] = before; theme.SetLetters(1) })
	for name, build := range windows() {
		t.Run(name, func(t *testing.T) {
			w := build(uitest.App(t), theme.Contrast)
			uitest.Grow(t, w.win)
			uitest.Fits(t, w.win)
			uitest.Light(t, w.win)
			uitest.Picture(t, w.win, "client-"+name+"-largest")
		})
	}
}
