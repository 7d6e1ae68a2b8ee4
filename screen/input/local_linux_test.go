package input

import (
	"slices"
	"sync"
	"testing"

	"handrail/screen"
	"handrail/screen/screentest"
)

// heard keeps what a watch tells.
type heard struct {
	mu     sync.Mutex
	events []screen.LocalEvent
}

func (h *heard) add(e screen.LocalEvent) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
}

func (h *heard) has(e screen.LocalEvent) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Contains(h.events, e)
}

func (h *heard) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.events)
}

func watchOn(t *testing.T, d *screentest.Display) *heard {
	t.Helper()
	h := &heard{}
	w, err := WatchLocal(Options{Display: d.Name}, h.add)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return h
}

func TestLocalInputIsToldFromInjected(t *testing.T) {
	outer, inner := screentest.StartNested(t, 640, 480)
	h := watchOn(t, inner)
	hands := openOn(t, inner)

	for _, err := range []error{
		hands.MovePointer(10, 10), hands.Button(screen.ButtonLeft, true), hands.Button(screen.ButtonLeft, false),
		hands.Key(screen.KeyF1+11, true), hands.Key(screen.KeyF1+11, false), hands.Scroll(0, 2*screen.Notch), hands.Type("aé한😀"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	inner.Xdotool("mousemove", "20", "20", "click", "1", "key", "F11")
	if n := h.count(); n != 0 {
		t.Fatalf("%d injected events count as local: %v", n, h.events)
	}

	outer.Xdotool("mousemove", "100", "100")
	screentest.WaitFor(t, "the movement is heard", func() bool { return h.has(screen.LocalEvent{}) })
	outer.Xdotool("click", "1")
	screentest.WaitFor(t, "the button is heard", func() bool { return h.has(screen.LocalEvent{Down: true}) })
	outer.Xdotool("key", "F12")
	screentest.WaitFor(t, "the key is heard", func() bool {
		return h.has(screen.LocalEvent{Keysym: screen.KeyF1 + 11, Down: true}) && h.has(screen.LocalEvent{Keysym: screen.KeyF1 + 11})
	})
}

func TestWatchEndsWithItsDisplay(t *testing.T) {
	d := screentest.Start(t, 64, 64)
	w, err := WatchLocal(Options{Display: d.Name}, func(screen.LocalEvent) {})
	if err != nil {
		t.Fatal(err)
	}
	d.Stop()
	<-w.(*localWatch).gone
	if _, err := WatchLocal(Options{Display: ":4711"}, nil); err == nil {
		t.Error("a display that is not there could be watched")
	}
}
