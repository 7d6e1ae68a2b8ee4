package customer

import (
	"image"
	"sync/atomic"
	"time"

	"handrail/screen"
	"handrail/session"
)

// pointerPause is the time between two messages about the pointer at least.
const pointerPause = time.Second / 30

// pointerDesk tells the operator where the customer's own hand moves the pointer: it is no part of the picture.
type pointerDesk struct {
	moved  chan struct{} // buffered 1
	source atomic.Pointer[screen.PointerWatcher]
}

// notice says that this computer's own pointer may have moved. It does not block.
func (d *pointerDesk) notice() {
	select {
	case d.moved <- struct{}{}:
	default:
	}
}

// openPointer takes the capturer that knows where the pointer is.
func (s *Session) openPointer(capturer screen.Capturer) {
	if w, ok := capturer.(screen.PointerWatcher); ok {
		s.pointer.source.Store(&w)
	}
}

// tellPointer runs until the session ends.
func (s *Session) tellPointer() {
	var told image.Point
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-s.pointer.moved:
		}
		source := s.pointer.source.Load()
		if source == nil || !s.Permissions().Has(session.View) {
			continue
		}
		at, ok := (*source).Pointer()
		if !ok || at == told {
			continue
		}
		told = at
		if s.peer.SendControl(s.ctx, session.ControlMessage{Type: session.MsgPointer, X: at.X, Y: at.Y}) != nil {
			return
		}
		select {
		case <-s.ctx.Done():
			return
		case <-time.After(pointerPause):
		}
	}
}
