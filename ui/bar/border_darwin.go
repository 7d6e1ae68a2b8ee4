package bar

import (
	"slices"
	"time"

	"github.com/ebitengine/purego"
	"github.com/ebitengine/purego/objc"

	"handrail/ui/kit"
)

// frames are four narrow windows around each monitor. Clicks go through them. All of it happens on Fyne's thread, which is
// macOS' main one. Once a second it is looked whether there are other monitors.
type frames struct {
	windows    []objc.ID
	around     []nsRect // the monitors that have them
	shown      bool
	stop, gone chan struct{}
}

// lookEvery is how often it is looked.
const lookEvery = time.Second

// nsRect is a rectangle in macOS' points; y grows upwards.
type nsRect struct{ X, Y, Width, Height float64 }

func newBorders(placer) borders {
	const framework = "/System/Library/Frameworks/AppKit.framework/AppKit"
	if _, err := purego.Dlopen(framework, purego.RTLD_NOW|purego.RTLD_GLOBAL); err != nil {
		return nil
	}
	if objc.GetClass("NSWindow") == 0 || objc.GetClass("NSScreen") == 0 {
		return nil
	}
	f := &frames{stop: make(chan struct{}), gone: make(chan struct{})}
	go f.run()
	return f
}

func (f *frames) run() {
	defer close(f.gone)
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-f.stop:
			return
		case <-tick.C:
			kit.Do(f.layOut)
		}
	}
}

func class(name string) objc.ID     { return objc.ID(objc.GetClass(name)) }
func selector(name string) objc.SEL { return objc.RegisterName(name) }
func screens() (list objc.ID, n uint) {
	list = class("NSScreen").Send(selector("screens"))
	return list, objc.Send[uint](list, selector("count"))
}

func (f *frames) show(visible bool) {
	if visible != f.shown {
		f.shown = visible
		f.layOut()
	}
}

// layOut makes the windows that belong around the present monitors, or none.
func (f *frames) layOut() {
	var around []nsRect
	if f.shown {
		list, n := screens()
		for i := range n {
			around = append(around, objc.Send[nsRect](list.Send(selector("objectAtIndex:"), i), selector("frame")))
		}
	}
	if slices.Equal(around, f.around) {
		return
	}
	for _, w := range f.windows {
		w.Send(selector("close"))
		w.Send(selector("release"))
	}
	f.windows, f.around = nil, around
	for _, m := range around {
		const w = borderWidth
		for _, side := range []nsRect{
			{m.X, m.Y, m.Width, w},
			{m.X, m.Y + m.Height - w, m.Width, w},
			{m.X, m.Y, w, m.Height},
			{m.X + m.Width - w, m.Y, w, m.Height},
		} {
			f.side(side)
		}
	}
}

func (f *frames) side(r nsRect) {
	const (
		borderless, buffered = uint(0), uint(2)
		aboveAll             = 1000              // NSScreenSaverWindowLevel
		everywhere           = uint(1<<0 | 1<<8) // on all spaces, also beside full screen
	)
	window := class("NSWindow").Send(selector("alloc"))
	window = objc.Send[objc.ID](window, selector("initWithContentRect:styleMask:backing:defer:"), r, borderless, buffered, false)
	if window == 0 {
		return
	}
	const red, green, blue = 0x0b / 255.0, 0x7a / 255.0, 0x75 / 255.0
	colour := objc.Send[objc.ID](class("NSColor"), selector("colorWithSRGBRed:green:blue:alpha:"), red, green, blue, 1.0)
	window.Send(selector("setReleasedWhenClosed:"), false)
	window.Send(selector("setBackgroundColor:"), colour)
	window.Send(selector("setIgnoresMouseEvents:"), true)
	window.Send(selector("setLevel:"), aboveAll)
	window.Send(selector("setCollectionBehavior:"), everywhere)
	window.Send(selector("orderFrontRegardless"))
	f.windows = append(f.windows, window)
}

func (f *frames) close() {
	close(f.stop)
	<-f.gone
	f.show(false)
}
