package operatorui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"handrail/ui/kit"
)

// panner moves a picture that is larger than its place when the pointer comes near an edge of the place, the
// faster the nearer.
type panner struct {
	scroll *container.Scroll
	moved  func() // the picture lies elsewhere under the pointer now

	speed   fyne.Delta // of the picture in a step
	running bool
}

const (
	panZone = 28                    // how near to the edge, in Fyne's units
	panMost = 18                    // units a step at the very edge
	panStep = 16 * time.Millisecond // between steps
)

// pointer takes where the pointer is, in the scrolled content; outside stops.
func (p *panner) pointer(at fyne.Position, inside bool) {
	p.speed = fyne.Delta{}
	if inside {
		size, content := p.scroll.Size(), p.scroll.Content.MinSize()
		if content.Width > size.Width {
			p.speed.DX = panSpeed(at.X-p.scroll.Offset.X, size.Width)
		}
		if content.Height > size.Height {
			p.speed.DY = panSpeed(at.Y-p.scroll.Offset.Y, size.Height)
		}
	}
	if !p.running && p.speed != (fyne.Delta{}) {
		p.running = true
		p.later()
	}
}

// panSpeed is negative near the beginning and positive near the end.
func panSpeed(at, size float32) float32 {
	switch {
	case size < 4*panZone:
		return 0
	case at < panZone:
		return -panMost * (panZone - max(0, at)) / panZone
	case at > size-panZone:
		return panMost * (panZone - max(0, size-at)) / panZone
	}
	return 0
}

func (p *panner) later() {
	time.AfterFunc(panStep, func() { kit.Do(p.step) })
}

func (p *panner) step() {
	before := p.scroll.Offset
	if p.speed != (fyne.Delta{}) {
		p.scroll.ScrollToOffset(before.AddXY(p.speed.DX, p.speed.DY))
	}
	if p.scroll.Offset == before { // at the end, or the pointer has left the edge
		p.running = false
		return
	}
	p.moved()
	p.later()
}
