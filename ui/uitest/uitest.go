// Package uitest helps to test windows without a display: in every language, with pictures of them, and with
// a check that nothing is cut off.
package uitest

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"handrail/assets"
	"handrail/ui/kit"
	"handrail/ui/text"
)

// PicturesVariable names the folder that pictures of the windows are written to. Without it none are kept.
const PicturesVariable = "HANDRAIL_PICTURES"

// EachLanguage runs fn for every language.
func EachLanguage(t *testing.T, fn func(t *testing.T, language string)) {
	for _, language := range assets.Languages() {
		t.Run(language, func(t *testing.T) {
			SetLanguage(t, language)
			fn(t, language)
		})
	}
}

// SetLanguage makes a language the system's until the test's end.
func SetLanguage(t *testing.T, language string) {
	t.Setenv("LC_ALL", language)
	t.Setenv("LANGUAGE", "")
	if err := text.Load(); err != nil {
		t.Fatal(err)
	}
}

// App makes an app of the test driver. What other goroutines want done on Fyne's thread waits for Wait or
// kit.RunCollected.
func App(t *testing.T) fyne.App {
	t.Helper()
	kit.Collect()
	thread.Store(goroutine())
	current.Store(&t)
	return test.NewTempApp(t)
}

// Wait runs what other goroutines want done on Fyne's thread until something has happened.
func Wait(t *testing.T, happened func() bool) {
	t.Helper()
	for range 12_000 { // a minute
		kit.RunCollected()
		if happened() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("it does not happen")
}

// Settle lays a window out until nothing moves any more, as the real driver does from frame to frame.
func Settle(w fyne.Window) {
	for range 3 {
		relayout(w.Canvas().Content())
	}
}

// relayout lays out what is below an object from its innermost parts outwards.
func relayout(o fyne.CanvasObject) {
	switch o := o.(type) {
	case *fyne.Container:
		for _, child := range o.Objects {
			relayout(child)
		}
		if o.Layout != nil {
			o.Layout.Layout(o.Objects, o.Size())
		}
	case fyne.Widget:
		r := test.WidgetRenderer(o)
		for _, child := range r.Objects() {
			relayout(child)
		}
		if _, scroll := o.(*container.Scroll); scroll {
			o.Refresh()
			return
		}
		r.Layout(o.Size())
	}
}

// Picture keeps a picture of a window, if pictures are wanted.
func Picture(t *testing.T, w fyne.Window, name string) {
	t.Helper()
	dir := os.Getenv(PicturesVariable)
	if dir == "" {
		return
	}
	Save(t, filepath.Join(dir, name+".png"), w.Canvas().Capture())
}

// Save writes a picture.
func Save(t *testing.T, path string, picture image.Image) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := png.Encode(file, picture); err != nil {
		t.Fatal(err)
	}
}

// Fits fails the test if any text of a window is cut off, or if anything sticks out of the window.
func Fits(t *testing.T, w fyne.Window) {
	t.Helper()
	size := w.Canvas().Size()
	least := w.Canvas().Content().MinSize()
	if least.Width > size.Width+0.5 || least.Height > size.Height+0.5 {
		t.Errorf("the content needs %v, the window has %v", least, size)
	}
	for _, o := range append([]fyne.CanvasObject{w.Canvas().Content()}, w.Canvas().Overlays().List()...) {
		check(t, o, fyne.Position{}, fyne.NewSize(size.Width, size.Height), false)
	}
}

func check(t *testing.T, o fyne.CanvasObject, at fyne.Position, room fyne.Size, scrolled bool) {
	t.Helper()
	if !o.Visible() {
		return
	}
	at = at.Add(o.Position())
	switch w := o.(type) {
	case *kit.Text:
		if w.Cut() {
			t.Errorf("%q is cut off", w.Text())
		}
		inside(t, w.Text(), w, at, room, scrolled)
	case *kit.Button:
		if w.AccessibilityLabel() == "" {
			t.Errorf("the button at %v has neither a label nor a tip", at)
		}
		if least := w.MinSize(); least.Width > w.Size().Width+0.5 {
			t.Errorf("button %q is %v wide and needs %v", w.AccessibilityLabel(), w.Size().Width, least.Width)
		}
		inside(t, "button "+w.AccessibilityLabel(), w, at, room, scrolled)
		return
	case *container.Scroll:
		scrolled = true
	}
	for _, child := range children(o) {
		check(t, child, at, room, scrolled)
	}
}

// inside wants an object to lie within the window; what is in a scroller may be longer than that.
func inside(t *testing.T, name string, o fyne.CanvasObject, at fyne.Position, room fyne.Size, scrolled bool) {
	t.Helper()
	end := at.Add(o.Size())
	if strings.TrimSpace(name) == "" {
		return
	}
	if at.X < -0.5 || end.X > room.Width+0.5 || !scrolled && (at.Y < -0.5 || end.Y > room.Height+0.5) {
		t.Errorf("%q is at %v to %v, outside the window of %v", name, at, end, room)
	}
}

func children(o fyne.CanvasObject) []fyne.CanvasObject {
	switch o := o.(type) {
	case *fyne.Container:
		return o.Objects
	case fyne.Widget:
		return test.WidgetRenderer(o).Objects()
	}
	return nil
}

// Find gives the first object below o of a type for which match says yes.
func Find[T fyne.CanvasObject](o fyne.CanvasObject, match func(T) bool) (found T, ok bool) {
	if !o.Visible() {
		return found, false
	}
	if it, is := o.(T); is && match(it) {
		return it, true
	}
	for _, child := range children(o) {
		if it, is := Find(child, match); is {
			return it, true
		}
	}
	return found, false
}

// Button finds a button by its label.
func Button(t *testing.T, w fyne.Window, label string) *kit.Button {
	t.Helper()
	b, ok := Find(w.Canvas().Content(), func(b *kit.Button) bool { return b.AccessibilityLabel() == label })
	if !ok {
		t.Fatalf("there is no button %q", label)
	}
	return b
}

// Says tells whether a text is on the window.
func Says(w fyne.Window, sentence string) bool {
	_, ok := Find(w.Canvas().Content(), func(x *kit.Text) bool { return x.Text() == sentence })
	return ok
}

// SaysIn is Says for a part of a window.
func SaysIn(o fyne.CanvasObject, sentence string) bool {
	_, ok := Find(o, func(x *kit.Text) bool { return x.Text() == sentence })
	return ok
}

// Grow makes a window as large as its content needs, as the real driver does, and fails the test where that is more
// than a small screen has.
func Grow(t *testing.T, w fyne.Window) {
	t.Helper()
	const screenWidth, screenHeight, frame = 1366, 768, 32
	Settle(w)
	least, size := w.Canvas().Content().MinSize(), w.Canvas().Size()
	if least.Width > screenWidth || least.Height > screenHeight-frame {
		t.Errorf("the window needs %v; a small screen has less", least)
	}
	w.Resize(fyne.NewSize(max(least.Width, size.Width), max(least.Height, size.Height)))
	Settle(w)
}
