package kit

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"handrail/ui/theme"
)

// Busy shows that something is under way: three dots, of which one after the other is coloured. It is drawn three times a second
// until Stop, whether it is seen or not; a smooth animation would redraw the window sixty times, which costs much where there is no
// graphics card.
type Busy struct {
	widget.BaseWidget
	at    int
	turns int // counts, so that an older timer does nothing after Stop
	moves bool
}

const busyStep = 350 * time.Millisecond

// NewBusy makes a Busy that stands still.
func NewBusy() *Busy {
	b := &Busy{}
	b.ExtendBaseWidget(b)
	return b
}

// Start makes it move.
func (b *Busy) Start() {
	b.turns++
	b.moves = true
	b.later(b.turns)
}

// Moves says whether it does.
func (b *Busy) Moves() bool { return b.moves }

// Stop makes it stand still.
func (b *Busy) Stop() {
	b.turns++
	b.moves = false
}

func (b *Busy) later(turn int) {
	time.AfterFunc(busyStep, func() {
		Do(func() {
			if b.turns == turn {
				b.at++
				b.Refresh()
				b.later(turn)
			}
		})
	})
}

// CreateRenderer is for Fyne.
func (b *Busy) CreateRenderer() fyne.WidgetRenderer {
	b.ExtendBaseWidget(b)
	r := &busyRenderer{busy: b}
	for i := range r.dots {
		r.dots[i] = canvas.NewCircle(theme.Color(theme.Line))
	}
	r.Refresh()
	return r
}

type busyRenderer struct {
	busy *Busy
	dots [3]*canvas.Circle
}

const (
	busyDot float32 = 10
	busyGap float32 = 8
)

func (r *busyRenderer) Layout(size fyne.Size) {
	least := r.MinSize()
	for i, d := range r.dots {
		d.Resize(fyne.NewSquareSize(busyDot))
		d.Move(fyne.NewPos((size.Width-least.Width)/2+float32(i)*(busyDot+busyGap), (size.Height-busyDot)/2))
	}
}

func (r *busyRenderer) MinSize() fyne.Size { return fyne.NewSize(3*busyDot+2*busyGap, busyDot) }

func (r *busyRenderer) Refresh() {
	for i, d := range r.dots {
		d.FillColor = theme.Color(theme.Line)
		if i == r.busy.at%len(r.dots) {
			d.FillColor = theme.Color(theme.Accent)
		}
		d.Refresh()
	}
}

func (r *busyRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.dots[0], r.dots[1], r.dots[2]}
}
func (r *busyRenderer) Destroy() { r.busy.Stop() }
