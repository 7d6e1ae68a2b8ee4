package bar

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
