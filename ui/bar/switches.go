package bar

import (
	"time"

	"handrail/session"
	"handrail/session/customer"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// Switches are the buttons for what the operator may see and do, for the bar and the window alike.
type Switches struct{ View, Control *kit.Button }

// NewSwitches makes the buttons; toggle gives or takes a permission.
func NewSwitches(toggle func(session.Permission)) *Switches {
	s := &Switches{
		View:    kit.NewButton(kit.Secondary, "", "monitor-off", func() { toggle(session.View) }),
		Control: kit.NewButton(kit.Secondary, "", "mouse-pointer-click", func() { toggle(session.Control) }),
	}
	s.View.Reserve(text.T("running.stop"), text.T("running.share"))
	s.Control.Reserve(text.T("running.revoke"), text.T("running.allow"))
	return s
}

// Update makes the buttons say what they will do.
func (s *Switches) Update(info customer.Info) {
	sees := info.Permissions.Has(session.View)
	relabel(s.View, sees, "running.stop", "running.share")
	relabel(s.Control, info.Permissions.Has(session.Control), "running.revoke", "running.allow")
	if sees {
		s.View.SetIcon("monitor-off")
	} else {
		s.View.SetIcon("monitor")
	}
}

func relabel(button *kit.Button, given bool, take, give string) {
	word := text.T(give)
	if given {
		word = text.T(take)
	}
	button.SetLabel(word)
	button.Tip = word
}

// HolderBadge says to the customer who has control, with the seconds left.
type HolderBadge struct {
	*kit.Badge
	again   func()
	waiting bool // again will be called in a moment
}

// NewHolderBadge makes the badge; again is called on Fyne's thread when the seconds have become others, and is to call
// Update.
func NewHolderBadge(again func()) *HolderBadge {
	return &HolderBadge{Badge: kit.NewBadge(), again: again}
}

// Update makes the badge agree with the session; it says whether it needs other room than before.
func (h *HolderBadge) Update(info customer.Info) (resized bool) {
	before := h.MinSize()
	switch {
	case info.Holder == session.HolderOperator:
		h.Set(text.T("control.operator"), theme.Grey, theme.Muted, theme.GreySoft)
	case info.Until.IsZero():
		h.Set(text.T("control.you"), theme.Red, theme.RedText, theme.RedSoft)
	default:
		h.Set(text.T("control.you.left", "N", text.Seconds(info.Until)), theme.Red, theme.RedText, theme.RedSoft)
		h.countDown()
	}
	return h.MinSize() != before
}

func (h *HolderBadge) countDown() {
	if h.waiting {
		return
	}
	h.waiting = true
	time.AfterFunc(250*time.Millisecond, func() {
		kit.Do(func() {
			h.waiting = false
			h.again()
		})
	})
}
