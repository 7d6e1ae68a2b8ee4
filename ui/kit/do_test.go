package kit

import (
	"testing"

	"fyne.io/fyne/v2/test"
)

// TestNothingIsDoneOnAnotherThread: once Fyne has ended it runs what it is given on the goroutine that gives it, as it does here.
// Windows that are no longer there are not touched then.
func TestNothingIsDoneOnAnotherThread(t *testing.T) {
	test.NewTempApp(t)
	t.Cleanup(func() { driven.Store(false) })
	done := 0
	Do(func() { done++ })
	stop := OnDo(func() {})
	Do(func() { done++ }) // a test has a goroutine of its own
	stop()
	Do(func() { done++ })
	if done != 1 {
		t.Errorf("%d of 3 were done", done)
	}
	if Waiting() {
		t.Error("something waits for ever")
	}
}
