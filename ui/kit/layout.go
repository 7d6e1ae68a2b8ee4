// Package kit holds the parts that Handrail's windows are built of: texts, icons, buttons, cards, switches,
// the code display and the chat. They follow the theme, can be used by keyboard, and say what they are.
//
// All of them must only be touched on Fyne's thread; see Do.
package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
)

// Column puts objects below each other with a gap. It gives each its width before it asks for the height,
// so that texts that wrap get the room they need at once. A layout.Spacer takes what is left.
func Column(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(column{gap}, objects...)
}

type column struct{ gap float32 }

func (c column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	used, springs, shown := float32(0), 0, 0
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		shown++
		if isSpring(o) {
			springs++
			continue
		}
		o.Resize(fyne.NewSize(size.Width, o.MinSize().Height))
		o.Resize(fyne.NewSize(size.Width, o.MinSize().Height))
		used += o.MinSize().Height
	}
	spare := float32(0)
	if springs > 0 {
		spare = max(0, size.Height-used-c.gap*float32(shown-1)) / float32(springs)
	}
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		o.Move(fyne.NewPos(0, y))
		if isSpring(o) {
			y += spare + c.gap
			continue
		}
		y += o.Size().Height + c.gap
	}
}

func (c column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(0, -c.gap)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		size.Height += c.gap
		if !isSpring(o) {
			m := o.MinSize()
			size.Height += m.Height
			size.Width = max(size.Width, m.Width)
		}
	}
	size.Height = max(0, size.Height)
	return size
}

func isSpring(o fyne.CanvasObject) bool {
	_, ok := o.(layout.SpacerObject)
	return ok
}

// Spring takes the free place in a Column or Row.
func Spring() fyne.CanvasObject { return layout.NewSpacer() }

// Row puts objects beside each other with a gap, centred vertically, each as wide as it needs; a Text that
// wraps or an object in Fill shares what is left with the springs.
func Row(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(row{gap}, objects...)
}

// Fill marks an object that takes the free width of a Row.
func Fill(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(fill{}, o)
}

type fill struct{ inset }

type row struct{ gap float32 }

func stretches(o fyne.CanvasObject) bool {
	if isSpring(o) {
		return true
	}
	if t, ok := o.(*Text); ok {
		return t.Wrap
	}
	if c, ok := o.(*fyne.Container); ok {
		_, is := c.Layout.(fill)
		return is
	}
	return false
}

func (r row) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	free, stretching := size.Width+r.gap, 0
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		free -= r.gap
		if stretches(o) {
			stretching++
		} else {
			free -= o.MinSize().Width
		}
	}
	share := max(0, free) / float32(max(1, stretching))
	x := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		width := o.MinSize().Width
		if stretches(o) {
			width = share
			o.Resize(fyne.NewSize(width, o.MinSize().Height))
		}
		height := min(o.MinSize().Height, max(size.Height, 0))
		o.Resize(fyne.NewSize(width, height))
		o.Move(fyne.NewPos(x, (size.Height-height)/2))
		x += width + r.gap
	}
}

func (r row) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(-r.gap, 0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		size.Width += r.gap
		if isSpring(o) {
			continue
		}
		m := o.MinSize()
		size.Width += m.Width
		size.Height = max(size.Height, m.Height)
	}
	size.Width = max(0, size.Width)
	return size
}

// Equal puts objects beside each other, all equally wide.
func Equal(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(equal{gap}, objects...)
}

type equal struct{ gap float32 }

func (e equal) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	shown := visible(objects)
	n := float32(max(1, len(shown)))
	width := (size.Width - e.gap*(n-1)) / n
	for i, o := range shown {
		o.Resize(fyne.NewSize(width, size.Height))
		o.Move(fyne.NewPos(float32(i)*(width+e.gap), 0))
	}
}

func (e equal) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size, shown := fyne.Size{}, visible(objects)
	for _, o := range shown {
		size = size.Max(o.MinSize())
	}
	n := float32(max(1, len(shown)))
	return fyne.NewSize(size.Width*n+e.gap*(n-1), size.Height)
}

func visible(objects []fyne.CanvasObject) []fyne.CanvasObject {
	var shown []fyne.CanvasObject
	for _, o := range objects {
		if o.Visible() {
			shown = append(shown, o)
		}
	}
	return shown
}

// Pad keeps a distance around an object.
func Pad(top, right, bottom, left float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(inset{top, right, bottom, left}, o)
}

// PadAll keeps the same distance on all sides.
func PadAll(d float32, o fyne.CanvasObject) *fyne.Container { return Pad(d, d, d, d, o) }

type inset struct{ top, right, bottom, left float32 }

func (p inset) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	inner := fyne.NewSize(size.Width-p.left-p.right, size.Height-p.top-p.bottom)
	for _, o := range objects {
		o.Resize(inner)
		o.Move(fyne.NewPos(p.left, p.top))
	}
}

func (p inset) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.Size{}
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size.AddWidthHeight(p.left+p.right, p.top+p.bottom)
}

// Narrow centres an object horizontally and lets it be at most width wide. With middle it is centred
// vertically too.
func Narrow(width float32, middle bool, o fyne.CanvasObject) *fyne.Container {
	return container.New(narrow{width, middle}, o)
}

type narrow struct {
	width  float32
	middle bool
}

func (n narrow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	width := min(n.width, size.Width)
	for _, o := range objects {
		o.Resize(fyne.NewSize(width, o.MinSize().Height))
		height, y := o.MinSize().Height, float32(0)
		if n.middle {
			y = max(0, (size.Height-height)/2)
		} else {
			height = max(height, size.Height)
		}
		o.Resize(fyne.NewSize(width, height))
		o.Move(fyne.NewPos((size.Width-width)/2, y))
	}
}

func (n narrow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.Size{}
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size
}

// Start puts an object at the left in its own size.
func Start(o fyne.CanvasObject) *fyne.Container { return Row(0, o, Spring()) }

// Middle centres an object horizontally in its own size.
func Middle(o fyne.CanvasObject) *fyne.Container { return Row(0, Spring(), o, Spring()) }

// Sized gives an object a fixed smallest size.
func Sized(width, height float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(sized{fyne.NewSize(width, height)}, o)
}

type sized struct{ min fyne.Size }

func (s sized) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
		o.Move(fyne.Position{})
	}
}

func (s sized) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := s.min
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size
}

// Border puts objects at the edges of a centre, without gaps. Each but the centre may be nil.
func Border(top, bottom, left, right, centre fyne.CanvasObject) *fyne.Container {
	b := border{top, bottom, left, right, centre}
	c := container.New(b)
	for _, o := range []fyne.CanvasObject{top, left, centre, right, bottom} {
		if o != nil {
			c.Objects = append(c.Objects, o)
		}
	}
	return c
}

type border struct{ top, bottom, left, right, centre fyne.CanvasObject }

func (b border) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	y, end := float32(0), size.Height
	if shown(b.top) {
		b.top.Resize(fyne.NewSize(size.Width, b.top.MinSize().Height))
		b.top.Resize(fyne.NewSize(size.Width, b.top.MinSize().Height))
		b.top.Move(fyne.Position{})
		y = b.top.Size().Height
	}
	if shown(b.bottom) {
		b.bottom.Resize(fyne.NewSize(size.Width, b.bottom.MinSize().Height))
		b.bottom.Resize(fyne.NewSize(size.Width, b.bottom.MinSize().Height))
		end -= b.bottom.Size().Height
		b.bottom.Move(fyne.NewPos(0, end))
	}
	x, right := float32(0), size.Width
	height := max(0, end-y)
	if shown(b.left) {
		b.left.Resize(fyne.NewSize(b.left.MinSize().Width, height))
		b.left.Move(fyne.NewPos(0, y))
		x = b.left.Size().Width
	}
	if shown(b.right) {
		b.right.Resize(fyne.NewSize(b.right.MinSize().Width, height))
		right -= b.right.Size().Width
		b.right.Move(fyne.NewPos(right, y))
	}
	if b.centre != nil {
		b.centre.Resize(fyne.NewSize(max(0, right-x), height))
		b.centre.Move(fyne.NewPos(x, y))
	}
}

func (b border) MinSize([]fyne.CanvasObject) fyne.Size {
	size := fyne.Size{}
	if b.centre != nil {
		size = b.centre.MinSize()
	}
	for _, o := range []fyne.CanvasObject{b.left, b.right} {
		if shown(o) {
			size.Width += o.MinSize().Width
			size.Height = max(size.Height, o.MinSize().Height)
		}
	}
	for _, o := range []fyne.CanvasObject{b.top, b.bottom} {
		if shown(o) {
			size.Height += o.MinSize().Height
			size.Width = max(size.Width, o.MinSize().Width)
		}
	}
	return size
}

func shown(o fyne.CanvasObject) bool { return o != nil && o.Visible() }
