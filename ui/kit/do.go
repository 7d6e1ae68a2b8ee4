package kit

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"fyne.io/fyne/v2"
)

// Do runs fn on Fyne's thread, where widgets may be touched. It does not wait. Once Fyne has ended nothing is run any more: Fyne
// itself would run what it is given on whatever goroutine gives it, and windows that are no longer there end the program with a
// panic.
func Do(fn func()) {
	if collected.add(fn) {
		return
	}
	DoQuietly(fn)
	if wake := waker.Load(); wake != nil {
		(*wake)()
	}
}

// DoQuietly is Do for who is woken by Do: it does not call what OnDo was given.
func DoQuietly(fn func()) {
	if !driven.Load() {
		fyne.Do(fn)
		return
	}
	give := fyne.Do
	if goroutine() != mainGoroutine {
		ending.RLock()
		defer ending.RUnlock()
		give = lastly
	}
	if ended.Load() {
		return
	}
	waiting.Add(1)
	give(func() { // only puts it into a queue, which End waits for
		waiting.Add(-1)
		if goroutine() == mainGoroutine {
			fn()
		}
	})
}

// lastly is fyne.Do for another goroutine than Fyne's. Fyne takes SIGINT and SIGTERM as well and then ends without End, perhaps just now
// and between finding its queue open and putting fn into it, which is a panic. There is nothing left to do fn for.
func lastly(fn func()) {
	defer func() {
		what := recover()
		if err, ok := what.(runtime.Error); ok && err.Error() == "send on closed channel" {
			waiting.Add(-1)
			return
		}
		if what != nil {
			panic(what)
		}
	}()
	do(fn)
}

var do = fyne.Do // tests have another one

// Run runs Fyne until End. It must be called on the main goroutine.
func Run(app fyne.App) {
	// When Fyne ends it hands this hook to a goroutine of its own, which gives it back to Fyne's queue, and closes the queue
	// meanwhile: with a panic if the goroutine is the later one. So it is called here. It saves preferences.
	if hooks, ok := app.Lifecycle().(interface {
		OnStopped() func()
		SetOnStoppedHookExecuted(hook func())
	}); ok {
		if stopped := hooks.OnStopped(); stopped != nil {
			hooks.SetOnStoppedHookExecuted(nil)
			defer stopped()
		}
	}
	app.Run()
}

// End ends Fyne on its own thread: how is what closes its last window. Nothing that Do was given is run from now on, and nothing is
// on its way into Fyne's queue, which panics when it gets something while it is closed. What quits programs on macOS (Cmd+Q, the Dock,
// signing out) needs nothing of its own: GLFW, which is asked there, asks every window to close, as its button does.
func End(how func()) {
	if driven.Load() {
		ending.Lock()
		already := ended.Swap(true)
		ending.Unlock()
		if already { // it cannot be ended twice
			return
		}
	}
	how()
}

var (
	ending sync.RWMutex // held for reading while another goroutine puts something into Fyne's queue
	ended  atomic.Bool
)

var (
	waiting atomic.Int32 // what Do was given and Fyne's thread has not taken up yet
	waker   atomic.Pointer[func()]
	driven  atomic.Bool // Fyne has windows on a screen, and a thread of its own: the main goroutine's
)

var mainGoroutine = goroutine() // packages are initialised by it

// goroutine names the present goroutine, as runtime.Stack does: "goroutine 1 [running]:…".
func goroutine() string {
	var stack [40]byte
	name, _, _ := strings.Cut(string(stack[:runtime.Stack(stack[:], false)]), " [")
	return name
}

// Waiting says whether something that Do was given has not begun yet.
func Waiting() bool { return waiting.Load() > 0 }

// OnDo has wake called after each Do, on the goroutine that called Do, until stop. It is for programs that show windows on a
// screen.
func OnDo(wake func()) (stop func()) {
	waker.Store(&wake)
	driven.Store(true)
	return func() { waker.CompareAndSwap(&wake, nil) }
}

// collected is what tests run themselves: Fyne's test driver has no thread of its own and would run fn on
// whatever goroutine asks for it, beside the test.
var collected queue

type queue struct {
	mu      sync.Mutex
	on      bool
	waiting []func()
}

func (q *queue) add(fn func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.on {
		q.waiting = append(q.waiting, fn)
	}
	return q.on
}

func (q *queue) collecting() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.on
}

// Collect is for tests: from now on Do only keeps what it is given, until RunCollected. What was kept before
// is forgotten.
func Collect() {
	collected.mu.Lock()
	defer collected.mu.Unlock()
	collected.on, collected.waiting = true, nil
}

// RunCollected runs what Do was given since Collect, on the caller's goroutine.
func RunCollected() {
	collected.mu.Lock()
	waiting := collected.waiting
	collected.waiting = nil
	collected.mu.Unlock()
	for _, fn := range waiting {
		fn()
	}
}
