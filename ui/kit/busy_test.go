package kit

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/test"
)

// TestBusy: it moves from Start to Stop, and an older timer does nothing afterwards.
func TestBusy(t *testing.T) {
	test.NewTempApp(t)
	Collect()
	t.Cleanup(func() {
		collected.mu.Lock()
		defer collected.mu.Unlock()
		collected.on = false
	})
	b := NewBusy()
	b.Start()
	for range 200 {
		if RunCollected(); b.at > 0 {
			break
		}
		time.Sleep(busyStep / 10)
	}
	if b.at == 0 || !b.Moves() {
		t.Fatalf("it is at %d and moves: %v", b.at, b.Moves())
	}
	b.Stop()
	before := b.at
	time.Sleep(2 * busyStep)
	if RunCollected(); b.at != before || b.Moves() {
		t.Error("it does not stand still")
	}
}
