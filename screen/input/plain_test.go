package input

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"handrail/screen"
)

// toy is a device that says what was done with it, and refuses while it is told to.
type toy struct {
	refuse bool
	done   []string
}

func (d *toy) say(format string, args ...any) error {
	if d.refuse {
		return errors.New("refused")
	}
	d.done = append(d.done, fmt.Sprintf(format, args...))
	return nil
}

func (d *toy) move(x, y int) error                     { return d.say("move %d %d", x, y) }
func (d *toy) scroll(dx, dy int) error                 { return d.say("scroll %d %d", dx, dy) }
func (d *toy) button(b screen.Button, down bool) error { return d.say("button %d %v", b, down) }
func (d *toy) key(keysym uint32, down bool) error      { return d.say("key %x %v", keysym, down) }
func (d *toy) place(at uint16, down bool) error        { return d.say("place %d %v", at, down) }
func (d *toy) text(r rune) error                       { return d.say("text %c", r) }

func (d *toy) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(d.done, want) {
		t.Errorf("done %q, not %q", d.done, want)
	}
	d.done = nil
}

func TestWhatCouldNotBeReleased(t *testing.T) {
	d := &toy{}
	p := newPlain(d)
	for _, err := range []error{p.Key(screen.KeyCtrl, true), p.KeyAt(30, true), p.Button(screen.ButtonLeft, true)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	d.done, d.refuse = nil, true
	for range 3 {
		if err := p.ReleaseAll(); err == nil {
			t.Fatal("nothing was said of what could not be released")
		}
	}
	d.refuse = false
	if err := p.ReleaseAll(); err != nil {
		t.Fatal(err)
	}
	d.expect(t, "button 1 false", "place 30 false", "key ffe3 false")
	if err := p.ReleaseAll(); err != nil {
		t.Fatal(err)
	}
	d.expect(t)

	// It is released before anything else is done, but not once it is pressed again.
	_ = p.Key(screen.KeyCtrl, true)
	d.done, d.refuse = nil, true
	_ = p.ReleaseAll()
	d.refuse = false
	_ = p.Key(screen.KeyCtrl, true)
	_ = p.MovePointer(1, 2)
	d.expect(t, "key ffe3 false", "key ffe3 true", "move 1 2")

	d.refuse = true
	if err := p.Close(); err == nil {
		t.Error("nothing was said of what could not be released")
	}
	d.refuse = false
	if err := p.ReleaseAll(); err != nil {
		t.Error(err)
	}
	d.expect(t, "key ffe3 false")
}

func TestHeldIsBounded(t *testing.T) {
	d := &toy{}
	p := newPlain(d)
	var err error
	for n := range uint32(10 * mostHeld) {
		if failed := p.Key(0x01001000+n, true); failed != nil {
			err = failed
		}
	}
	if err == nil || len(p.held) != mostHeld {
		t.Errorf("%d keys are held: %v", len(p.held), err)
	}
	d.refuse = true
	_ = p.ReleaseAll()
	if len(p.left) != mostHeld {
		t.Errorf("%d keys are left", len(p.left))
	}
}
