package customerui

import (
	"time"

	"handrail/ui/kit"
	"handrail/ui/text"
)

// unread counts the operator's lines that came while the window was not the one that is worked in. The title,
// which task bars show, and a mark above the chat say so. The window does not come forward by itself: whoever
// types elsewhere would go on typing here.
type unread struct {
	window  *Window
	away    bool // another program has the keyboard
	count   int
	looking int // counts, so that an older timer does not clear a newer mark
}

// lookFor is how long the mark stays once the window is looked at again.
const lookFor = 3 * time.Second

// hear takes so many lines that came together.
func (u *unread) hear(lines int) {
	if lines == 0 {
		return
	}
	u.looking++
	u.count += lines
	u.show()
	if !u.away {
		u.clearSoon()
	}
}

// left and entered follow which program has the keyboard.
func (u *unread) left() { u.away = true; u.looking++ }

func (u *unread) entered() {
	u.away = false
	if u.count > 0 {
		u.clearSoon()
	}
}

func (u *unread) clearSoon() {
	this := u.looking
	time.AfterFunc(lookFor, func() {
		kit.Do(func() {
			if this == u.looking {
				u.clear()
			}
		})
	})
}

func (u *unread) clear() {
	u.count = 0
	u.show()
}

func (u *unread) show() {
	title := text.T("app.name")
	if u.count > 0 && u.away {
		title = text.N("row.unread", u.count) + " – " + title
	}
	if u.window.win.Title() != title {
		u.window.win.SetTitle(title)
	}
	if u.window.show != nil {
		u.window.show.update()
	}
}
