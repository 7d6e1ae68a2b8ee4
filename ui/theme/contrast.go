package theme

import (
	"maps"

	"fyne.io/fyne/v2/theme"
)

// contrast is light without anything pale: letters and borders have at least seven times the brightness of what is
// behind them, or the other way round (WCAG 2.2, 1.4.6).
var contrast = func() palette {
	p := maps.Clone(light)
	maps.Copy(p, palette{
		Ink: rgb(0x000000), Muted: rgb(0x1F2933), Line: rgb(0x000000), Edge: rgb(0x000000), Card: rgb(0xFFFFFF),
		Accent: rgb(0x004B47), AccentSoft: rgb(0xDDF3F1), AccentText: rgb(0x004B47),
		Red: rgb(0x9B0010), RedSoft: rgb(0xFFF0EF), RedText: rgb(0x9B0010),
		Grey: rgb(0x3D4752), GreySoft: rgb(0xF0F2F4), Amber: rgb(0x7A4A00), AmberSoft: rgb(0xFFF3DC), AmberText: rgb(0x5A3600), Stage: rgb(0x000000),
		theme.ColorNameBackground: rgb(0xFFFFFF), theme.ColorNameDisabled: rgb(0x4A545F), theme.ColorNamePlaceHolder: rgb(0x3D4752),
		theme.ColorNameInputBorder: rgb(0x000000), theme.ColorNameSeparator: rgb(0x000000), theme.ColorNameSelection: rgb(0x9FDAD5),
		theme.ColorNameHover: rgba(0x000000, 0x18), theme.ColorNamePressed: rgba(0x000000, 0x28),
		theme.ColorNameScrollBar: rgba(0x000000, 0xc0), theme.ColorNameShadow: rgba(0x000000, 0x60),
	})
	return p
}()
