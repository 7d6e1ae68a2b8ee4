package kit

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"handrail/ui/theme"
)

// Root prepares a window's content: tips of its buttons are drawn above it. The content of every window
// goes through Root.
func Root(content fyne.CanvasObject) *fyne.Container {
	return container.NewStack(content, container.New(tipLayer{}))
}

// tipLayer is the layout of the layer that tips are in; it marks the layer too.
type tipLayer struct{}

func (tipLayer) Layout([]fyne.CanvasObject, fyne.Size)     {}
func (tipLayer) MinSize([]fyne.CanvasObject) (s fyne.Size) { return s }

func layerOf(c fyne.Canvas) *fyne.Container {
	root, ok := c.Content().(*fyne.Container)
	if !ok || len(root.Objects) == 0 {
		return nil
	}
	layer, ok := root.Objects[len(root.Objects)-1].(*fyne.Container)
	if !ok {
		return nil
	}
	if _, ok := layer.Layout.(tipLayer); !ok {
		return nil
	}
	return layer
}

// tooltip shows a text near a widget after a while. The zero value is ready.
type tooltip struct {
	timer *time.Timer
	layer *fyne.Container
	shown fyne.CanvasObject
}

const tipDelay = 500 * time.Millisecond

func (t *tooltip) showSoon(owner fyne.CanvasObject, text string) {
	t.hide()
	t.timer = time.AfterFunc(tipDelay, func() {
		Do(func() {
			if t.timer != nil {
				t.show(owner, text)
			}
		})
	})
}

func (t *tooltip) show(owner fyne.CanvasObject, text string) {
	driver := fyne.CurrentApp().Driver()
	c := driver.CanvasForObject(owner)
	if c == nil {
		return
	}
	layer := layerOf(c)
	if layer == nil {
		return
	}
	label := NewText(text).Sized(theme.Caption).In(theme.Card)
	bubble := NewPanel(theme.Ink, theme.RadiusSmall, Pad(5, 9, 5, 9, label))
	size := bubble.MinSize()
	bubble.Resize(size)
	bubble.Move(tipPlace(c.Size(), driver.AbsolutePositionForObject(owner), owner.Size(), size))
	layer.Add(bubble)
	t.layer, t.shown = layer, bubble
}

// tipPlace is where a tip goes in a window: below what it belongs to, above it where there is no room, and beside it
// where there is none above either, as on bars.
func tipPlace(window fyne.Size, at fyne.Position, owner, tip fyne.Size) fyne.Position {
	const gap, edge = 6, 4
	x := max(edge, min(at.X+(owner.Width-tip.Width)/2, window.Width-tip.Width-edge))
	below, above := at.Y+owner.Height+gap, at.Y-tip.Height-gap
	switch {
	case below+tip.Height <= window.Height:
		return fyne.NewPos(x, below)
	case above >= 0:
		return fyne.NewPos(x, above)
	}
	y := max(0, min(at.Y+(owner.Height-tip.Height)/2, window.Height-tip.Height))
	if left := at.X - tip.Width - gap; left >= 0 {
		return fyne.NewPos(left, y)
	}
	return fyne.NewPos(max(0, min(at.X+owner.Width+gap, window.Width-tip.Width)), y)
}

func (t *tooltip) hide() {
	if t.timer != nil {
		t.timer.Stop()
		t.timer = nil
	}
	if t.shown != nil {
		t.layer.Remove(t.shown)
		t.shown, t.layer = nil, nil
	}
}
