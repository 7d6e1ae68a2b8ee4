package kit

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"handrail/assets"
	"handrail/ui/theme"
)

// BenchmarkIcons is what a window with every icon costs, for each of them, when the icons were shown before.
func BenchmarkIcons(b *testing.B) {
	app := test.NewApp()
	defer app.Quit()
	app.Settings().SetTheme(theme.New(theme.Light))
	w := app.NewWindow("")
	names := assets.IconNames()
	for b.Loop() {
		row := Row(0)
		for _, name := range names {
			row.Add(NewIcon(name, 20, theme.Ink))
		}
		w.SetContent(row)
		w.Resize(fyne.NewSize(2000, 40))
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(names)), "µs/icon")
}
