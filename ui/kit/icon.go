package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/ui/theme"
)

// Icon is an icon in a colour of the theme.
type Icon struct {
	widget.BaseWidget
	name  string
	color fyne.ThemeColorName
	size  float32
}

// NewIcon makes an icon; its name is that of its file in assets/icons.
func NewIcon(name string, size float32, c fyne.ThemeColorName) *Icon {
	i := &Icon{name: name, size: size, color: c}
	i.ExtendBaseWidget(i)
	return i
}

// Set changes the icon and its colour.
func (i *Icon) Set(name string, c fyne.ThemeColorName) {
	if i.name != name || i.color != c {
		i.name, i.color = name, c
		i.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (i *Icon) CreateRenderer() fyne.WidgetRenderer {
	i.ExtendBaseWidget(i)
	image := &canvas.Image{FillMode: canvas.ImageFillContain}
	r := &iconRenderer{icon: i, image: image}
	r.Refresh()
	return r
}

type iconRenderer struct {
	icon  *Icon
	image *canvas.Image
	shown string // name of the resource
}

func (r *iconRenderer) Layout(size fyne.Size) {
	side := min(r.icon.size, min(size.Width, size.Height))
	r.image.Resize(fyne.NewSquareSize(side))
	r.image.Move(fyne.NewPos((size.Width-side)/2, (size.Height-side)/2))
	r.Refresh() // the scale may only now be known
}
func (r *iconRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(r.icon.size) }
func (r *iconRenderer) Refresh() {
	resource := assets.Icon(r.icon.name, theme.Color(r.icon.color), r.icon.size*pixelScale(r.icon))
	if resource.Name() != r.shown {
		r.shown = resource.Name()
		r.image.Resource = resource
		r.image.Refresh()
	}
}
func (r *iconRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.image} }
func (r *iconRenderer) Destroy()                     {}

// pixelScale is how many device pixels a unit has where the object is shown; 1 where that is not yet known.
func pixelScale(o fyne.CanvasObject) float32 {
	return scaleOf(fyne.CurrentApp().Driver().CanvasForObject(o))
}

func scaleOf(c fyne.Canvas) float32 {
	if c == nil {
		return 1
	}
	const many = 1000
	pixels, _ := c.PixelCoordinateForPosition(fyne.NewPos(many, 0))
	return float32(pixels) / many
}
