package bar

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// grip is where the bar is taken to be moved along the edge.
type grip struct {
	widget.BaseWidget
	bar    *Bar
	moving bool
	offset int // from the window's left edge to the pointer
}

func newGrip(b *Bar) *grip {
	g := &grip{bar: b}
	g.ExtendBaseWidget(g)
	return g
}

// CreateRenderer is for Fyne.
func (g *grip) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(kit.Pad(8, 0, 8, 4, kit.NewIcon("grip-vertical", 20, theme.Muted)))
}

// Cursor is for Fyne.
func (g *grip) Cursor() desktop.Cursor { return desktop.HResizeCursor }

// MouseDown notes where the window is taken: what the pointer moves before Fyne speaks of dragging counts too, and on a busy
// computer what it has moved since.
func (g *grip) MouseDown(e *desktop.MouseEvent) {
	g.moving, g.offset = true, int(e.AbsolutePosition.X*g.bar.win.Canvas().Scale())
}

// MouseUp lets go of the window where the pointer is now.
func (g *grip) MouseUp(*desktop.MouseEvent) {
	if g.moving {
		g.Dragged(nil)
		g.moving = false
	}
}

func (g *grip) take() {
	if place := g.bar.place; place != nil {
		if x, ok := place.pointer(); ok {
			g.moving, g.offset = true, x-place.at()
		}
	}
}

// Dragged moves the window. The pointer's place on the screen counts, since that on the window goes with it.
func (g *grip) Dragged(*fyne.DragEvent) {
	place := g.bar.place
	if place == nil {
		return
	}
	if !g.moving {
		g.take()
	}
	if x, ok := place.pointer(); ok && g.moving {
		place.move(x - g.offset)
	}
}

// DragEnd is for Fyne.
func (g *grip) DragEnd() { g.moving = false }

// KeyName is keys as they are written on keyboards: "Ctrl+Alt+Shift+Esc", or "Strg+Alt+Umschalt+Esc".
func KeyName(keys string) string {
	parts := strings.Split(keys, "+")
	for i, p := range parts {
		if p != "" {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return text.Keys(strings.Join(parts, "+"))
}
