package main

import (
	"bufio"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"handrail/session"
)

// TestTheEndWaitsForReaders: whoever reads events, however slowly, gets all of them, and whoever does not read keeps nobody waiting.
func TestTheEndWaitsForReaders(t *testing.T) {
	const events = 20
	for name, pause := range map[string]time.Duration{"one that reads": 0, "a slow one": readerPatience * 3 / 4, "one that does not read": time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in, out := io.Pipe()
				var hub session.Hub
				end := printEvents(&hub, out)
				for range events {
					hub.Publish(session.Event{Type: session.EventChat, Text: "hello"})
				}
				read, gone := 0, make(chan struct{})
				go func() {
					defer close(gone)
					for lines := bufio.NewReaderSize(in, 16); ; read++ {
						time.Sleep(pause)
						if _, err := lines.ReadString('\n'); err != nil {
							return
						}
					}
				}()
				begun := time.Now()
				end()
				took := time.Since(begun)
				in.Close()
				<-gone
				if pause == time.Hour {
					if took != readerPatience {
						t.Errorf("the end took %v", took)
					}
				} else if read != events {
					t.Errorf("%d of %d events were read", read, events)
				}
			})
		})
	}
}
