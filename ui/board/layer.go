package board

import (
	"image"
	"sync"
	"time"

	"handrail/whiteboard"
)

// Source is the board of a session.
type Source interface {
	Board() *whiteboard.Pad
	Marks() []whiteboard.Mark // what is to be drawn over the picture
}

// Layer is drawn over the remote picture in that picture's own pixels, so that strokes are where they belong at any
// scale, and look the same before and after the picture has them. It is a viewer.Layer.
type Layer struct {
	source Source
	hand   *whiteboard.Hand

	mu     sync.Mutex
	canvas whiteboard.Canvas

	done chan struct{}
	wg   sync.WaitGroup
}

// NewLayer makes a layer that calls redraw, from any goroutine, when it has changed. Close it when it is no longer shown.
func NewLayer(source Source, hand *whiteboard.Hand, redraw func()) *Layer {
	l := &Layer{source: source, hand: hand, done: make(chan struct{})}
	l.wg.Go(func() { l.watch(redraw) })
	return l
}

// Close stops following the board.
func (l *Layer) Close() {
	l.hand.Release()
	close(l.done)
	l.wg.Wait()
}

// watch redraws with every change, and while something fades.
func (l *Layer) watch(redraw func()) {
	for {
		changed := l.source.Board().Changed()
		next := l.source.Board().Expire()
		redraw()
		var timer <-chan time.Time
		if !next.IsZero() {
			timer = time.After(time.Until(next))
		}
		select {
		case <-l.done:
			return
		case <-changed:
		case <-timer:
		}
	}
}

// Paint draws over the picture.
func (l *Layer) Paint(frame *image.RGBA) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.canvas.Image == nil || l.canvas.Image.Rect.Size() != frame.Rect.Size() {
		l.canvas.SetSize(frame.Rect.Dx(), frame.Rect.Dy())
	}
	l.canvas.Update(l.source.Marks())
	l.canvas.Over(frame)
}

// Active tells whether the pointer draws instead of going to the other computer.
func (l *Layer) Active() bool { return l.hand.Holds() }

// Pointer does what the pointer did, at a pixel of the picture.
func (l *Layer) Pointer(in whiteboard.Input) { l.hand.Take(in) }
