package customerui

import (
	"handrail/session"
	"handrail/session/customer"
	"handrail/ui/bar"
)

// updateBar keeps the bar at the top of the screen for as long as anybody could see it.
func (w *Window) updateBar(info customer.Info) {
	if info.State != session.Active && info.State != session.Reconnecting {
		return
	}
	if info.Ending {
		w.closeBar()
		return
	}
	if w.bar != nil {
		w.bar.Update(info)
		return
	}
	s := w.session
	w.bar = bar.New(w.app, operatorName(s), w.keys, bar.Actions{
		Toggle: func(p session.Permission) { w.toggle(s, p) },
		End:    s.End,
		Window: func() {
			w.win.Show()
			w.win.RequestFocus()
		},
		Draw:   w.toggleDrawing,
		Screen: w.backOnScreen,
	})
	w.bar.Update(info)
	w.bar.Show(w.options.Unfocused)
	w.belowBar()
}

func (w *Window) closeBar() {
	if w.bar != nil {
		w.bar.Close()
		w.bar = nil
	}
}

// toggle does what a button for a permission is for, and shows what went wrong in the window.
func (w *Window) toggle(s Session, p session.Permission) {
	if running, ok := w.show.(*sessionScreen); ok && running.session == s {
		running.toggle(p)
	}
}
