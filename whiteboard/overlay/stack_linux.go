package overlay

import (
	"os"
	"slices"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// raise puts the window on top, but never over what this program itself keeps on top, nor over the tools: nothing that is drawn
// may hide who is watching, how to stop that, and how to take it off again.
func (s *xSurface) raise() {
	if above := s.lowest(s.toolsFrame()); above != 0 {
		s.stackBelow(s.window, above)
		return
	}
	xproto.ConfigureWindow(s.conn, s.window, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove})
}

func (s *xSurface) stackBelow(window, above xproto.Window) {
	xproto.ConfigureWindow(s.conn, window, xproto.ConfigWindowSibling|xproto.ConfigWindowStackMode,
		[]uint32{uint32(above), xproto.StackModeBelow})
}

// lowest is the lowest of the windows that stay above: the one that is named, and those that this program keeps away
// from the window manager; 0 if there are none.
func (s *xSurface) lowest(named xproto.Window) xproto.Window {
	tree, err := xproto.QueryTree(s.conn, s.root).Reply()
	if err != nil {
		return named
	}
	for _, child := range tree.Children { // the lowest first
		if child == named || s.held(child) {
			return child
		}
	}
	return named
}

// held tells whether a window is this program's, is to be seen, and has no window manager.
func (s *xSurface) held(window xproto.Window) bool {
	owner, err := xproto.GetProperty(s.conn, false, window, s.pid, xproto.AtomCardinal, 0, 1).Reply()
	if err != nil || len(owner.Value) != 4 || int(xgb.Get32(owner.Value)) != os.Getpid() {
		return false
	}
	has, err := xproto.GetWindowAttributes(s.conn, window).Reply()
	return err == nil && has.OverrideRedirect && has.MapState == xproto.MapStateViewable
}

// raiseAgain is how often the window comes back to the top when others come above it: often enough to be seen, too
// seldom to quarrel with another window that wants the same.
const raiseAgain = 300 * time.Millisecond

// comeBack raises the window, now or when it may be raised again, if it is below others.
func (s *xSurface) comeBack() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.raising {
		return
	}
	s.raising = true
	time.AfterFunc(time.Until(s.raised.Add(raiseAgain)), func() {
		below := s.below()
		s.mu.Lock()
		s.raising = false
		if below {
			s.raised = time.Now()
		}
		s.mu.Unlock()
		if below {
			s.raise()
		}
	})
}

// toolsFrame is the window of the tools among the children of the root, or 0.
func (s *xSurface) toolsFrame() xproto.Window { return s.frameOf(xproto.Window(s.tools.Load())) }

// below tells whether the window is not where raise would put it: others that can be seen are between it and those that stay
// above it, or the tools are below it.
func (s *xSurface) below() bool {
	tree, err := xproto.QueryTree(s.conn, s.root).Reply()
	if err != nil {
		return false
	}
	tools, own := s.toolsFrame(), slices.Index(tree.Children, s.window)
	if tools != 0 && slices.Index(tree.Children, tools) < own {
		return true
	}
	for _, other := range tree.Children[own+1:] {
		if other == tools {
			return false
		}
		has, err := xproto.GetWindowAttributes(s.conn, other).Reply()
		if err == nil && has.MapState == xproto.MapStateViewable && has.Class == xproto.WindowClassInputOutput && !s.held(other) {
			return true
		}
	}
	return false
}
