// Package viewer is the operator's view of a customer's desktop: a widget that draws the remote picture and
// passes on what the operator's hands do, and the mapping between the two.
//
// The picture goes to the graphics card in its own size, whatever the size on screen, and is scaled there:
// scaling on the processor would cost more than all the rest.
package viewer

import (
	"image"
	"image/color"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"handrail/screen"
	"handrail/ui/kit"
	"handrail/ui/theme"
	"handrail/whiteboard"
)

// Source is the remote picture. View gives it to fn in RGBA, or nil while there is none; Size is 0 × 0 then.
// OnUpdate calls fn from any goroutine whenever something was painted.
type Source interface {
	View(fn func(fb *screen.Framebuffer))
	Size() (width, height int)
	OnUpdate(fn func(rects []image.Rectangle)) (stop func())
}

// Layer is drawn over the picture, in its pixels, and may take the pointer from the other computer. Paint is called by
// Fyne's painter, the others on Fyne's thread.
type Layer interface {
	Paint(frame *image.RGBA)
	Active() bool
	Pointer(in whiteboard.Input)
}

// Picture shows a Source and passes on pointer and keys to a Sink. It must be created and used on Fyne's
// thread; Close it when it is no longer shown.
type Picture struct {
	widget.BaseWidget

	OnTop   func(near bool)                     // the pointer came to the top edge, or left it
	OnMove  func(at fyne.Position, inside bool) // the pointer is here, in the widget, or has left
	OnFocus func(focused bool)                  // keys go to the other computer, or no longer
	OnSize  func()                              // the remote picture has another size
	Command func(name fyne.KeyName) bool        // see keyboard.command
	Layer   Layer                               // may be nil

	source Source
	sink   Sink
	keys   *keyboard
	mode   Mode
	part   image.Rectangle // of the remote picture that is wanted; empty: all
	shown  image.Rectangle // of the remote picture
	size   image.Point     // of shown
	raster *canvas.Raster
	frame  *image.RGBA // the remote picture with the layer on it, tightly packed
	piece  *image.RGBA // what of it the graphics card gets, if that is not all
	stop   func()

	pending atomic.Bool  // a refresh is on its way to Fyne's thread
	rest    atomic.Int64 // until when the picture is not drawn again, in Unix nanoseconds; see draws

	held    map[desktop.MouseButton]screen.Button
	extra   map[screen.Button]bool // those that Fyne does not know
	last    image.Point            // last position that was passed on
	moved   bool                   // last is valid
	nearTop bool
	pointer fyne.Position // in the window, where it was last
	focused bool
	over    bool // it is over the widget
	wheelX  wheel
	wheelY  wheel
}

// NewPicture shows a source. sink may be nil: then one can only look.
func NewPicture(source Source, sink Sink) *Picture {
	p := &Picture{source: source, sink: sink, held: map[desktop.MouseButton]screen.Button{}, extra: map[screen.Button]bool{}}
	if p.sink == nil {
		p.sink = nobody{}
	}
	p.keys = newKeyboard(p.sink, func(name fyne.KeyName) bool { return p.Command != nil && p.Command(name) })
	p.raster = canvas.NewRaster(p.pixels)
	p.ExtendBaseWidget(p)
	p.measure()
	p.stop = source.OnUpdate(func([]image.Rectangle) { p.refreshSoon() })
	return p
}

// Close stops following the source and lets go of everything that is held.
func (p *Picture) Close() {
	if p.stop != nil {
		p.stop()
		p.stop = nil
		p.keys.releaseAll()
	}
}

// Redraw shows the picture again, because its layer has changed. It may be called from any goroutine.
func (p *Picture) Redraw() { p.refreshSoon() }

// refreshSoon asks for one refresh, however many updates come before it is done.
func (p *Picture) refreshSoon() {
	if !p.pending.CompareAndSwap(false, true) {
		return
	}
	if wait := time.Until(time.Unix(0, p.rest.Load())); wait > 0 {
		time.AfterFunc(wait, func() { kit.Do(p.update) })
		return
	}
	kit.Do(p.update)
}

// quickly is how long a graphics card needs at most to draw a window.
const quickly = 8 * time.Millisecond

// draws is called when Fyne begins to draw the window. Where that takes long, because there is no graphics card, the picture
// rests for as long as it took: a picture that changes all the time would else leave no time to whatever else happens
// in the windows, nor to the rest of the program.
func (p *Picture) draws() {
	began := time.Now()
	kit.Do(func() { // it is drawn by then
		if took := time.Since(began); took > quickly {
			p.rest.Store(time.Now().Add(took).UnixNano())
		}
	})
}

// update shows what the source has now.
func (p *Picture) update() {
	p.pending.Store(false)
	before := p.size
	if p.measure(); p.size != before {
		p.Refresh()
		if p.OnSize != nil {
			p.OnSize()
		}
	}
	p.raster.Refresh()
}

// measure finds out what of the remote picture is shown.
func (p *Picture) measure() {
	width, height := p.source.Size()
	p.shown = image.Rect(0, 0, width, height)
	if part := p.part.Intersect(p.shown); !part.Empty() {
		p.shown = part
	}
	p.size = p.shown.Size()
}

// SetPart shows a part of the remote picture only, in its pixels, for instance one monitor; an empty one is all.
func (p *Picture) SetPart(part image.Rectangle) {
	if part != p.part {
		p.part = part
		p.update()
	}
}

// Part is what SetPart has set.
func (p *Picture) Part() image.Rectangle { return p.part }

// Depth is how many bits of colour the source's pixels come with; 0: it is not known.
func (p *Picture) Depth() screen.ColorDepth {
	if s, ok := p.source.(interface{ Depth() screen.ColorDepth }); ok {
		return s.Depth()
	}
	return 0
}

// Mode is how the picture is fitted into its place.
func (p *Picture) Mode() Mode { return p.mode }

// SetMode changes how the picture is fitted into its place.
func (p *Picture) SetMode(m Mode) {
	p.mode = m
	p.Refresh()
}

// RemoteSize is the size of what is shown of the remote picture, in its pixels.
func (p *Picture) RemoteSize() image.Point { return p.size }

// Percent is how large the picture is drawn, 100 being actual size.
func (p *Picture) Percent() int {
	if p.size.X == 0 {
		return 100
	}
	return roundDiv(100*p.drawn().Dx(), p.size.X)
}

// pixels gives Fyne's painter the picture. Fyne stretches it to the widget.
func (p *Picture) pixels(int, int) image.Image {
	p.draws()
	p.source.View(func(fb *screen.Framebuffer) {
		if fb == nil {
			p.frame = nil
			return
		}
		if p.frame == nil || p.frame.Rect.Dx() != fb.Width || p.frame.Rect.Dy() != fb.Height {
			p.frame = image.NewRGBA(fb.Bounds())
		}
		row := 4 * fb.Width
		if fb.Stride == row {
			copy(p.frame.Pix, fb.Pix[:row*fb.Height])
			return
		}
		for y := range fb.Height {
			copy(p.frame.Pix[y*row:(y+1)*row], fb.Pix[y*fb.Stride:])
		}
	})
	if p.frame != nil && p.Layer != nil {
		p.Layer.Paint(p.frame)
	}
	if p.frame != nil {
		p.paintPointer(p.frame)
	}
	if p.frame == nil {
		return image.NewUniform(color.Transparent)
	}
	return p.cut()
}

// cut is what is shown of the frame.
func (p *Picture) cut() image.Image {
	r := p.shown.Intersect(p.frame.Rect)
	if r == p.frame.Rect || r.Empty() {
		p.piece = nil
		return p.frame
	}
	if p.piece == nil || p.piece.Rect.Size() != r.Size() {
		p.piece = image.NewRGBA(image.Rectangle{Max: r.Size()})
	}
	for y := range r.Dy() {
		copy(p.piece.Pix[y*p.piece.Stride:(y+1)*p.piece.Stride], p.frame.Pix[p.frame.PixOffset(r.Min.X, r.Min.Y+y):])
	}
	return p.piece
}

// scale is how many device pixels a unit of Fyne's has.
func (p *Picture) scale() float32 {
	c := fyne.CurrentApp().Driver().CanvasForObject(p)
	if c == nil {
		return 1
	}
	const many = 4096
	pixels, _ := c.PixelCoordinateForPosition(fyne.NewPos(many, 0))
	return float32(pixels) / many
}

// area is the widget's place in device pixels of the window, as Fyne's painter rounds it.
func (p *Picture) area() image.Rectangle {
	scale := p.scale()
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(p)
	end := at.Add(p.Size())
	return image.Rect(toDevice(at.X, scale), toDevice(at.Y, scale), toDevice(end.X, scale), toDevice(end.Y, scale))
}

// drawn is where the picture is, in device pixels of the window.
func (p *Picture) drawn() image.Rectangle { return Place(p.mode, p.area(), p.size) }

// remoteAt is the remote pixel under a position in the window.
func (p *Picture) remoteAt(absolute fyne.Position) (pixel image.Point, inside bool) {
	scale := p.scale()
	pixel, inside = ToRemote(image.Pt(toDevice(absolute.X, scale), toDevice(absolute.Y, scale)), p.drawn(), p.size)
	return pixel.Add(p.shown.Min), inside
}

// CreateRenderer is for Fyne.
func (p *Picture) CreateRenderer() fyne.WidgetRenderer {
	p.ExtendBaseWidget(p)
	r := &pictureRenderer{picture: p}
	for i := range r.stage {
		r.stage[i] = canvas.NewRectangle(theme.Color(theme.Stage))
	}
	return r
}

// pictureRenderer draws the picture and what of the widget is beside it: above, below, left and right. Nothing is drawn
// under the picture, which without a graphics card would take twice as long as the picture itself.
type pictureRenderer struct {
	picture *Picture
	stage   [4]*canvas.Rectangle
}

func (r *pictureRenderer) Layout(size fyne.Size) {
	p := r.picture
	scale, area, drawn := p.scale(), p.area(), p.drawn()
	offset := drawn.Min.Sub(area.Min)
	// From the widget's place as it is, not as it is rounded: rounding happens once more when it is drawn.
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(p)
	r.picture.raster.Move(fyne.NewPos(float32(area.Min.X+offset.X)/scale-at.X, float32(area.Min.Y+offset.Y)/scale-at.Y))
	r.picture.raster.Resize(fyne.NewSize(float32(drawn.Dx())/scale, float32(drawn.Dy())/scale))
	r.layoutStage(size)
	mode := canvas.ImageScaleSmooth
	if drawn.Size() == p.size {
		mode = canvas.ImageScalePixels
	}
	if r.picture.raster.ScaleMode != mode {
		r.picture.raster.ScaleMode = mode
		r.picture.raster.Refresh()
	}
}

// layoutStage puts the stage around the picture, and a little under its edges, so that rounding leaves no gap.
func (r *pictureRenderer) layoutStage(size fyne.Size) {
	const under = 1
	from, to := r.picture.raster.Position(), r.picture.raster.Position().Add(r.picture.raster.Size())
	place := func(bar *canvas.Rectangle, x0, y0, x1, y1 float32) {
		bar.Move(fyne.NewPos(x0, y0))
		bar.Resize(fyne.NewSize(max(x1-x0, 0), max(y1-y0, 0)))
	}
	width := func(beside, whole float32) float32 { // of a bar
		if beside <= 0 {
			return 0
		}
		return min(beside+under, whole)
	}
	place(r.stage[0], 0, 0, size.Width, width(from.Y, size.Height))
	place(r.stage[1], 0, size.Height-width(size.Height-to.Y, size.Height), size.Width, size.Height)
	place(r.stage[2], 0, from.Y, width(from.X, size.Width), to.Y)
	place(r.stage[3], size.Width-width(size.Width-to.X, size.Width), from.Y, size.Width, to.Y)
}

// MinSize in actual size is the whole picture, so that what is around can be scrolled.
func (r *pictureRenderer) MinSize() fyne.Size {
	p := r.picture
	if p.mode == Fit {
		return fyne.NewSize(64, 64)
	}
	scale := p.scale()
	return fyne.NewSize(float32(p.size.X)/scale, float32(p.size.Y)/scale)
}

func (r *pictureRenderer) Refresh() {
	for _, bar := range r.stage {
		bar.FillColor = theme.Color(theme.Stage)
		bar.Refresh()
	}
	r.Layout(r.picture.Size())
	r.picture.raster.Refresh()
	canvas.Refresh(r.picture)
}

func (r *pictureRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.stage[0], r.stage[1], r.stage[2], r.stage[3], r.picture.raster}
}
func (r *pictureRenderer) Destroy() {}

// nobody takes what hands do where one can only look.
type nobody struct{}

func (nobody) Move(int, int)              {}
func (nobody) Button(screen.Button, bool) {}
func (nobody) Scroll(int, int)            {}
func (nobody) Key(uint32, bool)           {}
func (nobody) Type(string)                {}
func (nobody) ReleaseAll()                {}
