package device

import (
	"testing"

	"github.com/go-gl/glfw/v3.4/glfw"
)

// TestHooksWithoutEnd: a window may come and go as often as people like. Go has room for 2000 callbacks.
func TestHooksWithoutEnd(t *testing.T) {
	for i := range 2100 {
		h := newHook(func(glfw.Key, int, glfw.Action, glfw.ModifierKey) {})
		if h == nil {
			t.Fatalf("there is no hook number %d", i)
		}
		h.close()
	}
	if hooked.Load() != nil {
		t.Error("a hook is left")
	}
}

// TestWhatIsTaken: the shortcuts that Windows keeps go to the window with their releases, and nothing else does.
func TestWhatIsTaken(t *testing.T) {
	type event struct {
		key    glfw.Key
		action glfw.Action
		mods   glfw.ModifierKey
	}
	var got []event
	h := &hook{taken: map[uint32]bool{}, on: func(key glfw.Key, _ int, action glfw.Action, mods glfw.ModifierKey) {
		got = append(got, event{key, action, mods})
	}}
	const keyUp = 0x0101
	for _, c := range []struct {
		what  uintptr
		e     keyEvent
		taken bool
	}{
		{keyDown, keyEvent{vk: vkTab}, false},
		{keyUp, keyEvent{vk: vkTab}, false},
		{sysKeyDown, keyEvent{vk: vkTab, flags: flagAlt}, true},
		{sysKeyDown, keyEvent{vk: vkTab, flags: flagAlt}, true},
		{keyUp, keyEvent{vk: vkTab}, true}, // Alt was let go first
		{keyUp, keyEvent{vk: vkTab}, false},
		{keyDown, keyEvent{vk: vkLeftWin}, true},
		{keyUp, keyEvent{vk: vkLeftWin}, true},
		{keyDown, keyEvent{vk: 'A'}, false},
	} {
		if taken := h.take(c.what, &c.e); taken != c.taken {
			t.Errorf("%#x %+v is taken: %v", c.what, c.e, taken)
		}
	}
	want := []event{
		{glfw.KeyTab, glfw.Press, glfw.ModAlt},
		{glfw.KeyTab, glfw.Repeat, glfw.ModAlt},
		{glfw.KeyTab, glfw.Release, 0},
		{glfw.KeyLeftSuper, glfw.Press, 0},
		{glfw.KeyLeftSuper, glfw.Release, 0},
	}
	if len(got) != len(want) {
		t.Fatalf("the window gets %+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("event %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}
