package main

import (
	"io"
	"sync/atomic"
	"time"

	"handrail/session"
)

// readerPatience is how long the end of the program waits for whoever reads the events to take another one.
const readerPatience = 2 * time.Second

// printEvents writes events to out as they happen, one JSON object a line. end writes what has happened until then, unless nobody
// reads: what is left is still being written when it returns then, and ends with the program.
func printEvents(events *session.Hub, out io.Writer) (end func()) {
	var written atomic.Int64
	stop := events.Listen(func(e session.Event) {
		_, _ = out.Write(e.Line()) // whoever no longer reads has seen enough
		written.Add(1)
	})
	return func() {
		done := make(chan struct{})
		go func() {
			defer close(done)
			stop()
		}()
		for before := int64(-1); before < written.Load(); {
			before = written.Load()
			select {
			case <-done:
				return
			case <-time.After(readerPatience):
			}
		}
	}
}
