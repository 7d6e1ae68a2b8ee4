package kit

import (
	"testing"

	"fyne.io/fyne/v2"
)

func TestTipsStayInTheWindow(t *testing.T) {
	tip := fyne.NewSize(120, 26)
	for name, test := range map[string]struct {
		window fyne.Size
		at     fyne.Position
		owner  fyne.Size
		want   fyne.Position
	}{
		"below":            {fyne.NewSize(800, 600), fyne.NewPos(200, 10), fyne.NewSize(40, 36), fyne.NewPos(160, 52)},
		"above":            {fyne.NewSize(800, 600), fyne.NewPos(200, 560), fyne.NewSize(40, 36), fyne.NewPos(160, 528)},
		"left of it":       {fyne.NewSize(800, 48), fyne.NewPos(700, 6), fyne.NewSize(40, 36), fyne.NewPos(574, 11)},
		"right of it":      {fyne.NewSize(800, 48), fyne.NewPos(20, 6), fyne.NewSize(40, 36), fyne.NewPos(66, 11)},
		"at the left edge": {fyne.NewSize(800, 600), fyne.NewPos(0, 10), fyne.NewSize(40, 36), fyne.NewPos(4, 52)},
	} {
		if got := tipPlace(test.window, test.at, test.owner, tip); got != test.want {
			t.Errorf("%s: at %v instead of %v", name, got, test.want)
		}
	}
}
