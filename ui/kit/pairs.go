package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// Pairs puts two objects at a time beside each other, all equally wide, or below each other where they have not
// enough room for their words.
func Pairs(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&pairs{gap: gap}, objects...)
}

type pairs struct {
	gap   float32
	width float32 // of the last Layout
}

// across is how many objects are in a row of this width.
func (p *pairs) across(shown []fyne.CanvasObject, width float32) int {
	for _, o := range shown {
		if o.MinSize().Width > (width-p.gap)/2+0.5 {
			return 1
		}
	}
	return 2
}

func (p *pairs) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	p.width = size.Width
	shown := visible(objects)
	across := p.across(shown, size.Width)
	y, row := float32(0), float32(0)
	for i, o := range shown {
		column, width := i%across, (size.Width-p.gap*float32(across-1))/float32(across)
		if column == 0 && i > 0 {
			y, row = y+row+p.gap, 0
		}
		if column == 0 && i == len(shown)-1 { // alone in its row
			width = size.Width
		}
		row = max(row, o.MinSize().Height)
		o.Resize(fyne.NewSize(width, o.MinSize().Height))
		o.Move(fyne.NewPos(float32(column)*(width+p.gap), y))
	}
}

func (p *pairs) MinSize(objects []fyne.CanvasObject) fyne.Size {
	shown := visible(objects)
	across, size := p.across(shown, p.width), fyne.NewSize(0, 0)
	for i := 0; i < len(shown); i += across {
		row := float32(0)
		for _, o := range shown[i:min(i+across, len(shown))] {
			size.Width, row = max(size.Width, o.MinSize().Width), max(row, o.MinSize().Height)
		}
		if i > 0 {
			size.Height += p.gap
		}
		size.Height += row
	}
	return size
}
