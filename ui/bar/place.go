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
