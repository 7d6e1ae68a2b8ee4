package kit

import (
	"testing"

	"fyne.io/fyne/v2"
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

// TestEnd: once Fyne is being ended nothing more is given to it, by nobody, and it is not ended again.
func TestEnd(t *testing.T) {
	test.NewTempApp(t)
	defer OnDo(func() {})()
	t.Cleanup(func() {
		driven.Store(false)
		ended.Store(false)
	})
	ends := 0
	for range 2 {
		End(func() { ends++ })
	}
	Do(func() { t.Error("something was done afterwards") })
	if ends != 1 || Waiting() {
		t.Errorf("it was ended %d times; something waits for ever: %v", ends, Waiting())
	}
}

// TestFyneEndsByItself: something that Do was given while Fyne closes its queue is forgotten; other mistakes are not hidden.
func TestFyneEndsByItself(t *testing.T) {
	test.NewTempApp(t)
	defer OnDo(func() {})()
	t.Cleanup(func() {
		driven.Store(false)
		do = fyne.Do
		waiting.Store(0)
	})
	do = func(fn func()) {
		queue := make(chan func())
		close(queue)
		queue <- fn
	}
	Do(func() { t.Error("something was done afterwards") })
	if Waiting() {
		t.Error("something waits for ever")
	}
	do = func(func()) { panic("another mistake") }
	defer func() {
		if what := recover(); what != "another mistake" {
			t.Errorf("recovered %v", what)
		}
	}()
	Do(func() {})
}

// TestRun: what Fyne does at its end is done once, when Fyne itself has ended.
func TestRun(t *testing.T) {
	app := test.NewTempApp(t)
	hooks := app.Lifecycle().(interface {
		OnStopped() func()
		SetOnStoppedHookExecuted(hook func())
	})
	done := 0
	hooks.SetOnStoppedHookExecuted(func() { done++ })
	Run(app)
	if done != 1 || hooks.OnStopped() != nil {
		t.Errorf("done %d times, and Fyne would do it as well: %v", done, hooks.OnStopped() != nil)
	}
}
