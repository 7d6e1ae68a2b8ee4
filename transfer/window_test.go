package transfer

import (
	"context"
	"testing"
	"time"
)

// TestAWindowThatShrinks goes on when a window has become smaller than what is on its way and was not asked about.
func TestAWindowThatShrinks(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	w := newWindow()
	w.size = wide
	for range 10 {
		if _, err := w.acquire(ctx, minPiece); err != nil {
			t.Fatal(err)
		}
	}
	first := w.probes[0].upTo
	if first == w.sent || len(w.probes) != 1 {
		t.Fatalf("%d of %d are asked about, %d probes", first, w.sent, len(w.probes))
	}
	w.size = minWindow
	if !w.acknowledge(first, first) {
		t.Fatal("the acknowledgement is not believed")
	}
	if ack, err := w.acquire(ctx, minPiece); err != nil || !ack {
		t.Errorf("asked: %v, %v", ack, err)
	}
}

// TestAWindowIsBounded sends no more than the credit, however large the window.
func TestAWindowIsBounded(t *testing.T) {
	w := newWindow()
	w.size = 1 << 40
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	for {
		if _, err := w.acquire(ctx, ChunkSize); err != nil {
			break
		}
	}
	if w.sent > credit {
		t.Errorf("%d are on their way", w.sent)
	}
}
