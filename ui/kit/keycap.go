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

// KeyList shows keys with what they do, below each other.
func KeyList(lines [][2]string) *fyne.Container {
	list, width := Column(8), float32(0)
	keys := make([]*fyne.Container, len(lines))
	for i, line := range lines {
		keys[i] = Keys(line[0])
		width = max(width, keys[i].MinSize().Width)
	}
	for i, line := range lines {
		list.Add(Row(20, Sized(width, 1, Start(keys[i])), Fill(Para(line[1]))))
	}
	return list
}
