package capture

import (
	"context"
	"image"
	"strconv"
	"testing"

	"handrail/screen"
	"handrail/screen/screentest"
)

// TestTheCursorIsToldWhenItChanges moves the pointer from the background to a terminal and back.
func TestTheCursorIsToldWhenItChanges(t *testing.T) {
	d := screentest.Start(t, 640, 480)
	d.Xdotool("mousemove", "600", "440")
	d.Run("xterm", "-geometry", "40x10+10+10", "-T", "cursor")
	d.WaitWindow("cursor")
	c := openOn(t, d.Name)
	background := nextCursor(t, c)
	d.Xdotool("mousemove", "60", "60")
	text := nextCursor(t, c)
	if !background.Valid() || !text.Valid() || text.Width == background.Width && string(text.Pixels) == string(background.Pixels) {
		t.Errorf("over the background it is %d×%d, over text %d×%d", background.Width, background.Height, text.Width, text.Height)
	}
	if again := c.Cursor(); again != nil {
		t.Error("the same cursor is told twice")
	}
}

func nextCursor(t *testing.T, c *capturer) *screen.Cursor {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), screentest.Limit)
	defer cancel()
	for {
		if cursor := c.Cursor(); cursor != nil {
			return cursor
		}
		var dirty screen.Region
		if err := c.Wait(ctx, &dirty); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMovedWindowsAreGuessed moves a window and looks whether that is found, and right, by what a viewer does with it.
func TestMovedWindowsAreGuessed(t *testing.T) {
	d := screentest.Start(t, 800, 600)
	d.Run("xterm", "-geometry", "60x20+10+10", "-T", "moved", "-bg", "white", "-e", "sleep", "1000")
	window := d.WaitWindow("moved")
	c := openOn(t, d.Name)
	f := follow(t, c)
	for f.fb.Pix[100*f.fb.Stride+4*100] != 255 { // until it is drawn
		f.update(screentest.Limit)
	}
	f.catchUp(d)
	c.Moves(nil)
	before := screen.NewFramebuffer(800, 600, screen.BGRX)
	before.CopyFrom(f.fb, f.fb.Bounds())
	d.Xdotool("windowmove", window, strconv.Itoa(210), strconv.Itoa(130))
	f.catchUp(d)
	guesses := c.Moves(nil)
	var finder screen.MoveFinder
	moves := finder.Find(before, f.fb, []image.Rectangle{f.fb.Bounds()}, guesses, func(image.Rectangle) bool { return true })
	if len(moves) != 1 || moves[0].To.Min.Sub(moves[0].From) != image.Pt(200, 120) {
		t.Fatalf("of %v was found %v", guesses, moves)
	}
	if again := c.Moves(nil); len(again) != 0 && len(again) != len(guesses) {
		t.Errorf("later there is %v", again)
	}
}
