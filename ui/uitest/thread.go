package uitest

import (
	"bytes"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
)

// In tests Fyne's thread is the goroutine of the test: App notes which that is. What may take longer than a window can
// stand still, 50 ms, must happen on another one: everything that waits for the network, a disk or a person.
var thread atomic.Int64

// current is the test that has called App last.
var current atomic.Pointer[*testing.T]

// Blocks is called by the stand-ins of what may block. It fails the test when the window's thread would stand still.
func Blocks(what string) {
	if t := current.Load(); t != nil && thread.Load() == goroutine() {
		(*t).Errorf("%s may block, and is called on the window's thread", what)
	}
}

// goroutine is the number of the calling goroutine, as stack traces begin with it.
func goroutine() int64 {
	var buffer [64]byte
	head := buffer[:runtime.Stack(buffer[:], false)]
	fields := bytes.Fields(head)
	if len(fields) < 2 {
		return 0
	}
	n, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
