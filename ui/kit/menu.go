package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/ui/theme"
)

// Item is a line of a menu. The zero value is a divider.
type Item struct {
	Label string
	Icon  string // may be ""
	Do    func()
	Off   bool // shown, but cannot be chosen now
	Mark  bool // ticked
}

// menuIcon is the side of an icon as Fyne draws it in menus and fields.
const menuIcon = 20

// menuEdge is how far a menu stays away from the window's edge.
const menuEdge = 8

// ShowMenu shows a menu below an object. The arrow keys, Return and Escape work in it; afterwards the keyboard
// is where it was.
func ShowMenu(below fyne.CanvasObject, items ...Item) {
	driver := fyne.CurrentApp().Driver()
	at := driver.AbsolutePositionForObject(below).AddXY(0, below.Size().Height+4)
	ShowMenuAt(driver.CanvasForObject(below), at, items...)
}

// ShowMenuAt shows a menu at a place of a window.
func ShowMenuAt(c fyne.Canvas, at fyne.Position, items ...Item) {
	if c == nil {
		return
	}
	list := make([]*fyne.MenuItem, len(items))
	for i, item := range items {
		if item.Label == "" {
			list[i] = fyne.NewMenuItemSeparator()
			continue
		}
		list[i] = fyne.NewMenuItem(item.Label, item.Do)
		list[i].Disabled, list[i].Checked = item.Off, item.Mark
		if item.Icon != "" {
			list[i].Icon = assets.Icon(item.Icon, theme.Color(theme.Muted), menuIcon*scaleOf(c))
		}
	}
	menu := widget.NewPopUpMenu(fyne.NewMenu("", list...), c)
	room := c.Size().Subtract(menu.MinSize())
	menu.ShowAtPosition(fyne.NewPos(max(0, min(at.X, room.Width-menuEdge)), max(0, min(at.Y, room.Height-menuEdge))))
}
