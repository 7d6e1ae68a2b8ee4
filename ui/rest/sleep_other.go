//go:build !linux || !x11

package rest

import (
	"time"

	"github.com/go-gl/glfw/v3.4/glfw"
)

// sleeper waits for the window system as GLFW does it.
type sleeper struct{ limit time.Duration }

// arm begins a sleep, on Fyne's thread. From here on wake ends it.
func (s *sleeper) arm(limit time.Duration) { s.limit = limit }

// block sleeps until the window system has something, until wake, or until the time is over.
func (s *sleeper) block() { glfw.WaitEventsTimeout(s.limit.Seconds()) }

// wake ends a sleep, from any goroutine, after arm.
func (s *sleeper) wake() { glfw.PostEmptyEvent() }

// close gives everything back, when nobody sleeps any more.
func (s *sleeper) close() {}
