package bar

import "sync"

// along is where a window is along the upper edge of a screen. All methods are safe for concurrent use.
type along struct {
	put func(x int) // moves the window; does not change

	mu     sync.Mutex // held while it is moved as well
	screen int        // width in pixels
	x      int
	width  int
	moved  bool // by the person: it stays there
}

func (a *along) move(x int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.x, a.moved = x, true
	a.putLocked()
}

func (a *along) at() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.x
}

func (a *along) room() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.screen
}

func (a *along) middle(width int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.x = resized(a.x, a.width, width, a.screen, a.moved)
	a.width = width
	a.putLocked()
}

// onto puts the window where it belongs on a screen of this width, and tells whether that is another one.
func (a *along) onto(screen int) (other bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if screen == a.screen {
		return false
	}
	a.x = across(a.x, a.width, a.screen, screen, a.moved)
	a.screen = screen
	a.putLocked()
	return true
}

func (a *along) putLocked() {
	a.x = within(a.x, a.width, a.screen)
	a.put(a.x)
}

// resized is where the left edge of a bar goes that becomes wider or narrower: its middle stays where it was, and a bar that was
// moved to a corner stays there.
func resized(x, width, now, screen int, moved bool) int {
	switch {
	case !moved:
		return (screen - now) / 2
	case x <= 0:
		return 0
	case x+width >= screen:
		return screen - now
	}
	return x + width/2 - now/2
}

// across is where the left edge of a bar goes when the screen becomes wider or narrower: to the middle, or to the corner where it
// was, or as little from its place as the screen demands.
func across(x, width, before, screen int, moved bool) int {
	switch {
	case !moved:
		x = (screen - width) / 2
	case x > 0 && x+width >= before:
		x = screen - width
	}
	return within(x, width, screen)
}

// within keeps a bar on the screen: of one that is wider, the left end.
func within(x, width, screen int) int { return max(0, min(x, screen-width)) }
