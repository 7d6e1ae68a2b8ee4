// Package watch measures how long a program's windows stand still: how long something that is given to their thread waits
// until it runs. It is for tests, and for finding out why a window feels slow. It does nothing unless the environment names
// a file:
//
//	HANDRAIL_WATCH=/tmp/waits handrail
//
// The file gets a line for each measurement, see Wait. To measure something every few milliseconds keeps the thread a little
// busier than it would be.
package watch

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"handrail/ui/kit"
)

// Variable names the file that measurements are added to.
const Variable = "HANDRAIL_WATCH"

const (
	// Slow is when a person begins to notice that a window stands still.
	Slow = 50 * time.Millisecond
	// between is the time between two measurements.
	between = 20 * time.Millisecond
	// maxStacks bounds what is written of one wait.
	maxStacks = 100
)

// Wait is one measurement, a line of JSON.
type Wait struct {
	At     time.Time     `json:"at"`               // when the thread was asked
	For    time.Duration `json:"for"`              // in nanoseconds
	Stacks []string      `json:"stacks,omitempty"` // what the thread was doing, each time that another Slow was over
}

// Begin measures until end, which is called once the program's windows are gone.
func Begin() (end func()) {
	path := os.Getenv(Variable)
	if path == "" {
		return func() {}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		defer file.Close()
		for lines := json.NewEncoder(file); ; {
			wait, ok := measure(quit)
			if !ok || lines.Encode(wait) != nil {
				return
			}
			select {
			case <-quit:
				return
			case <-time.After(between):
			}
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}

// measure asks the thread once; ok is false if the program ends before the thread comes to that.
func measure(quit <-chan struct{}) (w Wait, ok bool) {
	w.At = time.Now()
	ran := make(chan time.Duration, 1)
	kit.Do(func() { ran <- time.Since(w.At) })
	slow := time.NewTicker(Slow)
	defer slow.Stop()
	for {
		select {
		case w.For = <-ran:
			return w, true
		case <-quit:
			return w, false
		case <-slow.C:
			if len(w.Stacks) < maxStacks {
				w.Stacks = append(w.Stacks, threadStack())
			}
		}
	}
}

// threadStack is what the main goroutine does, which is the windows' thread.
func threadStack() string {
	all := make([]byte, 1<<20)
	all = all[:runtime.Stack(all, true)]
	for stack := range strings.SplitSeq(string(all), "\n\n") {
		if strings.HasPrefix(stack, "goroutine 1 ") {
			return stack
		}
	}
	return ""
}
