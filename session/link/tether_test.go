package link

import (
	"context"
	"testing"
	"time"
)

func TestAContextEndsTheCallsMadeWithIt(t *testing.T) {
	ended := make(chan struct{}, 10)
	tie := tether{end: func() error { ended <- struct{}{}; return nil }}
	defer tie.cut()
	first, endFirst := context.WithCancel(context.Background())
	for range 3 {
		if err := tie.hold(first); err != nil {
			t.Fatal(err)
		}
		tie.letGo()
		if tie.holds(first) {
			t.Error("a call that is over can still be ended")
		}
	}
	second, endSecond := context.WithCancel(context.Background())
	if err := tie.hold(second); err != nil {
		t.Fatal(err)
	}
	endFirst()
	if tie.holds(first) {
		t.Error("the context of a former call ends the present one")
	}
	endSecond()
	<-ended
	tie.letGo()
	if tie.hold(second) == nil || tie.holds(second) {
		t.Error("a call begins although its context has ended")
	}
	if len(ended) != 0 {
		t.Errorf("ended %d times more", len(ended))
	}
}

func TestAPacketThatNobodyTakes(t *testing.T) {
	var l Link
	if l.stuck() {
		t.Error("nothing is being sent, and it is stuck")
	}
	l.writing.Store(time.Now().UnixNano())
	if l.stuck() {
		t.Error("stuck at once")
	}
	l.writing.Store(time.Now().Add(-writeTimeout).UnixNano())
	if !l.stuck() {
		t.Error("never stuck")
	}
}
