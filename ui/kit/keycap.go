package kit

import (
	"strings"

	"fyne.io/fyne/v2"

	"handrail/ui/theme"
)

// Keys shows names of keys as keys look: "Ctrl+Alt+F" is three that are pressed together, and what is apart by ", " or " / "
// are keys of which one is pressed.
func Keys(names string) *fyne.Container {
	row := Row(4)
	for i, way := range strings.Split(strings.ReplaceAll(names, ", ", " / "), " / ") {
		if i > 0 {
			row.Add(NewText("/").Sized(theme.Caption).In(theme.Muted))
		}
		for _, name := range strings.Split(way, "+") {
			row.Add(keycap(name))
		}
	}
	return row
}

func keycap(name string) fyne.CanvasObject {
	letters := NewText(name).Sized(theme.Caption).Centered()
	letters.Bold = true
	cap := NewPanel(theme.GreySoft, theme.RadiusSmall, Pad(2, 7, 3, 7, Sized(12, 1, letters)))
	cap.Border = theme.InputBorder
	return cap
}

// KeyList shows keys with what they do, below each other; width is what the keys have.
func KeyList(width float32, lines [][2]string) *fyne.Container {
	list := Column(8)
	for _, line := range lines {
		list.Add(Row(16, Sized(width, 1, Start(Keys(line[0]))), Fill(Para(line[1]))))
	}
	return list
}
