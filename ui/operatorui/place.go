package operatorui

import (
	"image"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// place is a window's size, as Fyne counts, and where it was among the monitors.
type place struct {
	Width  float32 `json:"width"`
	Height float32 `json:"height"`
	At     *[4]int `json:"at,omitempty"` // x, y, width and height as Device.Place has them; nil: not known
}

// Sizes of a window that are believed.
const (
	leastWindow = 320
	mostWindow  = 16_000
)

// valid tells whether a place can be one that was kept.
func (p place) valid() bool {
	fits := func(n float32) bool { return n >= leastWindow && n <= mostWindow }
	return fits(p.Width) && fits(p.Height)
}

// placeOf is where a window is now.
func placeOf(w fyne.Window, d Device) place {
	size := w.Canvas().Size()
	p := place{Width: size.Width, Height: size.Height}
	if d != nil {
		if at, ok := d.Place(w); ok {
			p.At = &[4]int{at.Min.X, at.Min.Y, at.Dx(), at.Dy()}
		}
	}
	return p
}

// put gives a window that is not shown yet the place that was kept, as far as the monitors have room for it now.
func (p place) put(w fyne.Window, d Device) {
	size := fyne.NewSize(p.Width, p.Height)
	window, ok := w.(desktop.Window)
	if p.At == nil || d == nil || !ok {
		w.Resize(size)
		return
	}
	at, ok := visible(image.Rect(p.At[0], p.At[1], p.At[0]+p.At[2], p.At[1]+p.At[3]), d.Monitors())
	if !ok {
		w.Resize(size)
		return
	}
	w.Resize(fyne.NewSize(size.Width*float32(at.Dx())/float32(p.At[2]), size.Height*float32(at.Dy())/float32(p.At[3])))
	window.RequestPosition(at.Min.X, at.Min.Y)
}

// over places a window that is not shown yet over the middle of one that is, as far as the monitors have room there.
func over(w, parent fyne.Window, size fyne.Size, d Device) {
	p := place{Width: size.Width, Height: size.Height}
	if d != nil {
		if on, ok := d.Place(parent); ok {
			p.At = middle(on, size, parent.Canvas().Scale())
		}
	}
	p.put(w, d)
}

// middle is the place in the middle of a rectangle for a window of a size.
func middle(of image.Rectangle, size fyne.Size, scale float32) *[4]int {
	pixels := image.Pt(int(size.Width*scale), int(size.Height*scale))
	from := of.Min.Add(of.Size().Sub(pixels).Div(2))
	return &[4]int{from.X, from.Y, pixels.X, pixels.Y}
}

// ample places a window that shows a picture, with chrome around it: so that each of its pixels has one of the monitor that
// parent is on, as far as that has so many, and no smaller than least.
func ample(w, parent fyne.Window, picture image.Point, chrome, least fyne.Size, d Device) {
	p := place{Width: least.Width, Height: least.Height}
	if on, ok := monitorOf(parent, d); ok {
		scale := parent.Canvas().Scale()
		want := fyne.NewSize(float32(picture.X)/scale, float32(picture.Y)/scale).Add(chrome).Max(least)
		room := fyne.NewSize(float32(on.Dx()-2*margin)/scale, float32(on.Dy()-2*margin-frameTop)/scale)
		p.Width, p.Height = min(want.Width, room.Width), min(want.Height, room.Height)
		p.At = middle(on.Add(image.Pt(0, frameTop/2)), fyne.NewSize(p.Width, p.Height), scale)
	}
	p.put(w, d)
}

// monitorOf is what windows may fill of the monitor that a window is on.
func monitorOf(w fyne.Window, d Device) (on image.Rectangle, ok bool) {
	if d == nil {
		return on, false
	}
	at, ok := d.Place(w)
	monitors := d.Monitors()
	if !ok || len(monitors) == 0 {
		return on, false
	}
	return slices.MinFunc(monitors, func(a, b image.Rectangle) int { return distance(at, a) - distance(at, b) }), true
}

// What stays free around the largest window, in pixels: at each edge, and for what systems put above it.
const (
	margin   = 8
	frameTop = 32
)

// What of a window must be on a monitor for people to take hold of it, in pixels: so much of its upper edge, and of the title
// above that.
const (
	grip  = 120
	title = 20
)

// visible moves a window's content to where people can reach it: it stays where its title is on a monitor, and otherwise goes
// onto the nearest one, no larger than that. ok is false if the rectangle cannot be a window's, or there is no monitor.
func visible(content image.Rectangle, monitors []image.Rectangle) (at image.Rectangle, ok bool) {
	r := content
	r.Min.Y -= title
	at, ok = reachable(r, monitors)
	at.Min.Y += title
	return at, ok && !content.Empty()
}

// reachable does so with a window as a whole.
func reachable(r image.Rectangle, monitors []image.Rectangle) (at image.Rectangle, ok bool) {
	if r.Empty() || r.Dx() > mostWindow || r.Dy() > mostWindow || len(monitors) == 0 {
		return r, false
	}
	edge := image.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Min.Y+1)
	best := monitors[0]
	for _, m := range monitors {
		if edge.Intersect(m).Dx() >= min(grip, r.Dx()) && r.Dx() <= m.Dx() && r.Dy() <= m.Dy() {
			return r, true
		}
		if distance(r, m) < distance(r, best) {
			best = m
		}
	}
	size := image.Pt(min(r.Dx(), best.Dx()), min(r.Dy(), best.Dy()))
	from := image.Pt(
		max(best.Min.X, min(r.Min.X, best.Max.X-size.X)),
		max(best.Min.Y, min(r.Min.Y, best.Max.Y-size.Y)))
	return image.Rectangle{Min: from, Max: from.Add(size)}, true
}

// distance is how far the middle of a rectangle is from a monitor, in both directions together.
func distance(r, monitor image.Rectangle) int {
	beyond := func(at, from, to int) int { return max(0, from-at, at-to) }
	middle := r.Min.Add(r.Max).Div(2)
	return beyond(middle.X, monitor.Min.X, monitor.Max.X) + beyond(middle.Y, monitor.Min.Y, monitor.Max.Y)
}
