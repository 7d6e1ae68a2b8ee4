package sessiontest

import (
	"bytes"
	"image"
	"sync"
	"testing"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
)

// memory has a name that does not hide the method Desktop.
type memory = screentest.Desktop

// pointed is a desktop whose pointer has an image.
type pointed struct {
	*memory
	cursors chan *screen.Cursor
}

// Cursor is part of screen.CursorWatcher.
func (p pointed) Cursor() *screen.Cursor {
	select {
	case c := <-p.cursors:
		return c
	default:
		return nil
	}
}

// TestTheCursorArrives also with a cursor of the largest size, and without permission it does not.
func TestTheCursorArrives(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(64, 48)
	desktop := pointed{computer.Screen, make(chan *screen.Cursor, 1)}
	config := computer.Config()
	config.OpenScreen = func() (screen.Capturer, error) { return desktop, nil }
	o := NewSession(t, relay.SignIn(t))
	c, err := customer.Join(Within(t), config, relay.URL, o.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Start(c.Requested()); err != nil {
		t.Fatal(err)
	}
	awaitPicture(t, o.Picture(), computer)
	if o.Picture().Cursor() != nil {
		t.Error("there is a cursor before there is one")
	}
	large := &screen.Cursor{Width: screen.MaxCursor, Height: screen.MaxCursor, HotX: 5, HotY: 6}
	large.Pixels = bytes.Repeat([]byte{1, 2, 3, 4}, large.Width*large.Height)
	desktop.cursors <- large
	desktop.Dirty(desktop.Image().Rect)
	screentest.WaitFor(t, "the cursor arrives", func() bool {
		got := o.Picture().Cursor()
		return got != nil && got.HotX == 5 && got.HotY == 6 && bytes.Equal(got.Pixels, large.Pixels)
	})
	if err := c.SetPermission(session.View, false); err != nil {
		t.Fatal(err)
	}
	desktop.cursors <- &screen.Cursor{Width: 1, Height: 1, Pixels: []byte{9, 9, 9, 9}}
	desktop.Dirty(desktop.Image().Rect)
	if err := o.Chat("after that"); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the chat arrives", func() bool { return len(c.Transcript()) > 0 })
	if o.Picture().Cursor().Width == 1 {
		t.Error("the cursor was shown without permission")
	}
	if err := c.SetPermission(session.View, true); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the newer cursor arrives", func() bool { return o.Picture().Cursor().Width == 1 })
}

func TestACursorThatCannotBeIsRefused(t *testing.T) {
	for _, c := range []screen.Cursor{
		{Width: 2, Height: 2, Pixels: make([]byte, 15)},
		{Width: screen.MaxCursor + 1, Height: 1, Pixels: make([]byte, 4*screen.MaxCursor+4)},
		{Width: -1, Height: -1, Pixels: make([]byte, 4)},
		{Width: 1, Height: 1, HotX: 1, Pixels: make([]byte, 4)},
		{},
	} {
		if _, err := session.ParseControl(session.ControlMessage{Type: session.MsgCursor, Cursor: &c}.Marshal()); err == nil {
			t.Errorf("%d×%d with %d bytes was taken", c.Width, c.Height, len(c.Pixels))
		}
	}
}

// handled is a desktop whose pointer a person moves.
type handled struct {
	*memory
	mu sync.Mutex
	at image.Point
}

// Pointer is part of screen.PointerWatcher.
func (h *handled) Pointer() (image.Point, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at, true
}

// TestTheOperatorSeesWhereTheCustomerPoints until the operator's own hand moves the pointer, and only while that may
// see.
func TestTheOperatorSeesWhereTheCustomerPoints(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(64, 48)
	desktop := &handled{memory: computer.Screen}
	config := computer.Config()
	config.OpenScreen = func() (screen.Capturer, error) { return desktop, nil }
	o := NewSession(t, relay.SignIn(t))
	c, err := customer.Join(Within(t), config, relay.URL, o.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Start(c.Requested()); err != nil {
		t.Fatal(err)
	}
	awaitPicture(t, o.Picture(), computer)
	if _, shown := o.Picture().Pointer(); shown {
		t.Error("a pointer is shown that nobody has moved")
	}
	move := func(at image.Point) {
		desktop.mu.Lock()
		desktop.at = at
		desktop.mu.Unlock()
		computer.Person.Move()
	}
	painted := make(chan struct{}, 1)
	defer o.Picture().OnUpdate(func([]image.Rectangle) {
		select {
		case painted <- struct{}{}:
		default:
		}
	})()
	for _, at := range []image.Point{{10, 20}, {30, 5}, {63, 47}} {
		move(at)
		screentest.WaitFor(t, "the operator knows where it is", func() bool {
			got, shown := o.Picture().Pointer()
			return shown && got == at
		})
		<-painted
	}
	if o.Move(1, 1) == nil {
		t.Error("the operator's hand moves a pointer that the customer has")
	}
	if _, shown := o.Picture().Pointer(); !shown {
		t.Error("it is gone although it did not move")
	}
	screentest.WaitFor(t, "the operator has control again", func() bool { return o.Move(1, 1) == nil })
	if _, shown := o.Picture().Pointer(); shown {
		t.Error("it is shown beside the operator's own")
	}
	if err := c.SetPermission(session.View, false); err != nil {
		t.Fatal(err)
	}
	move(image.Pt(7, 7))
	if err := c.SetPermission(session.View, true); err != nil {
		t.Fatal(err)
	}
	move(image.Pt(8, 8))
	screentest.WaitFor(t, "it is told again", func() bool {
		at, _ := o.Picture().Pointer()
		if at == image.Pt(7, 7) {
			t.Fatal("the operator was told without permission")
		}
		return at == image.Pt(8, 8)
	})
}
