package input

import (
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"handrail/screen"
)

// becomes waits until a key is down, or up, which takes Windows a moment.
func becomes(vk uint32, down bool) bool {
	for end := time.Now().Add(5 * time.Second); isDown(vk) != down; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

// TestKeysByPosition presses keys by their places and asks Windows what is down.
func TestKeysByPosition(t *testing.T) {
	i, err := Open(Options{})
	if err != nil {
		t.Skip(err)
	}
	defer i.Close()
	places := i.(screen.PositionInjector)
	if err := i.Key('a', true); err != nil {
		t.Fatal(err)
	}
	known := becomes('A', true)
	_ = i.Key('a', false)
	if !known {
		t.Skip("this desktop does not tell what is down")
	}
	for _, key := range []struct {
		position uint16
		vk       uint32
	}{{30, 'A'}, {2, '1'}, {42, 0x10}, {29, 0x11}, {105, 0x25}, {111, 0x2e}, {88, 0x7b}} {
		if err := places.KeyAt(key.position, true); err != nil {
			t.Fatal(err)
		}
		if !becomes(key.vk, true) {
			t.Errorf("the key at %d is not down", key.position)
		}
		if err := places.KeyAt(key.position, false); err != nil {
			t.Fatal(err)
		}
		if !becomes(key.vk, false) {
			t.Errorf("the key at %d is still down", key.position)
		}
	}
	if err := places.KeyAt(42, true); err != nil {
		t.Fatal(err)
	}
	if err := i.ReleaseAll(); err != nil || !becomes(0x10, false) {
		t.Errorf("Shift is held: %v", err)
	}
	if i.(screen.ObstacleReporter).Blocked() {
		t.Error("something with more rights is in front")
	}
}

func TestIntegrity(t *testing.T) {
	const medium = 0x2000
	if own, err := integrity(windows.CurrentProcess()); err != nil || own < medium/2 {
		t.Errorf("this process has level %#x: %v", own, err)
	}
}
