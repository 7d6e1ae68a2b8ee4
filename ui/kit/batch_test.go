package kit

import (
	"slices"
	"testing"
	"time"
)

// TestABatchWaitsInOnePlace adds far more than Fyne's thread takes meanwhile.
func TestABatchWaitsInOnePlace(t *testing.T) {
	Collect()
	var got []int
	calls := 0
	b := NewBatch(func(all []int) { calls, got = calls+1, append(got, all...) }, func(waiting *int, next int) bool { return *waiting == next })
	for n := range 5 * maxBatch {
		b.Add(n / 2)
	}
	for range 5 * maxBatch {
		b.AddSoon(7)
	}
	RunCollected()
	if calls != 1 || len(got) != maxBatch || !slices.IsSorted(got[:maxBatch-1]) || got[maxBatch-2] != 5*maxBatch/2-1 || got[maxBatch-1] != 7 {
		t.Errorf("%d calls with %d, the last %v", calls, len(got), got[len(got)-1])
	}
	// What is in no hurry leaves the thread a pause, and comes then; what is, does not wait for it.
	b.AddSoon(1)
	RunCollected()
	if calls != 1 {
		t.Error("it came at once")
	}
	b.Add(2)
	RunCollected()
	if calls != 2 || !slices.Equal(got[maxBatch:], []int{1, 2}) {
		t.Errorf("%d calls with %v", calls, got[maxBatch:])
	}
	b.AddSoon(3)
	for limit := time.Now().Add(10 * time.Second); calls < 3 && time.Now().Before(limit); time.Sleep(time.Millisecond) {
		RunCollected()
	}
	if calls != 3 {
		t.Errorf("%d calls", calls)
	}
}
