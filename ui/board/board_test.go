package board

import (
	"image"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
	"handrail/ui/uitest"
	"handrail/whiteboard"
)

// fakeOwn is a customer's session without a screen.
type fakeOwn struct {
	pad  *whiteboard.Pad
	on   func(whiteboard.Input)
	took int
}

func newFakeOwn() *fakeOwn { return &fakeOwn{pad: whiteboard.NewHub("Anna")} }

func (f *fakeOwn) Board() *whiteboard.Pad { return f.pad }
func (f *fakeOwn) Monitors() []whiteboard.Monitor {
	return []whiteboard.Monitor{{Bounds: image.Rect(0, 0, 800, 600)}}
}

func (f *fakeOwn) StartDrawing(_ uintptr, on func(whiteboard.Input)) error {
	f.on = on
	f.took++
	return nil
}
func (f *fakeOwn) StopDrawing() { f.on = nil }

func (f *fakeOwn) Drawn() (*image.RGBA, error) { return image.NewRGBA(image.Rect(0, 0, 8, 6)), nil }

func TestTheCustomersToolsInEveryLanguage(t *testing.T) {
	theme.SetBase(theme.Customers)
	t.Cleanup(func() { theme.SetBase(1) })
	uitest.EachLanguage(t, func(t *testing.T, language string) {
		for look, variant := range uitest.Looks(language) {
			app := uitest.App(t)
			app.Settings().SetTheme(theme.New(variant))
			w := OpenWindow(app, newFakeOwn(), Place{}, nil)
			w.tools.Choose(whiteboard.ToolOf(whiteboard.Pen))
			w.tools.SetLife(10)
			w.win.Resize(w.win.Content().MinSize())
			uitest.Settle(w.win)
			uitest.Fits(t, w.win)
			uitest.Light(t, w.win)
			uitest.Show(t, w.win, "tools", language, look)
			w.panel.Say(text.T("viewer.snapshot.saved", "Path", "/home/anna/Pictures/Handrail 2026-03-02 09.41.07.123.png"))
			w.write(100, 100)
			w.win.Resize(w.win.Content().MinSize())
			uitest.Settle(w.win)
			uitest.Fits(t, w.win)
			uitest.Light(t, w.win)
			uitest.Show(t, w.win, "tools-text", language, look)
			w.Close()
		}
	})
}

// TestTheCustomersToolsOnALowMonitor: they fit below the bar of a monitor of 768 pixels at 150 %, also while a text is asked for.
func TestTheCustomersToolsOnALowMonitor(t *testing.T) {
	const wide, high = 1366 / 1.5, 768/1.5 - 58 - 32 // the bar, and a title
	theme.SetBase(theme.Customers)
	t.Cleanup(func() { theme.SetBase(1) })
	uitest.EachLanguage(t, func(t *testing.T, language string) {
		app := uitest.App(t)
		app.Settings().SetTheme(theme.New(theme.Light))
		w := OpenWindow(app, newFakeOwn(), Place{Low: true}, nil)
		defer w.Close()
		w.panel.Say(text.T("viewer.snapshot.saved", "Path", "/home/anna/Pictures/Handrail 2026-03-02 09.41.07.123.png"))
		w.write(100, 100)
		w.win.Resize(w.win.Content().MinSize())
		uitest.Settle(w.win)
		uitest.Fits(t, w.win)
		uitest.Light(t, w.win)
		uitest.Show(t, w.win, "tools-low", language, "light")
		if least := w.win.Content().MinSize(); least.Width > wide || least.Height > high {
			t.Errorf("they need %v", least)
		}
	})
}

// TestTheCustomersTools goes through the tools: a pen at first, letters from the field below them, a picture of the screen.
func TestTheCustomersTools(t *testing.T) {
	uitest.SetLanguage(t, "en")
	t.Setenv("XDG_PICTURES_DIR", t.TempDir())
	own := newFakeOwn()
	closed := false
	app := uitest.App(t)
	app.Settings().SetTheme(theme.New(theme.Light))
	w := OpenWindow(app, own, Place{}, func() { closed = true })
	uitest.Wait(t, func() bool { return own.on != nil && w.hand.Holds() })
	for _, in := range []whiteboard.Input{{X: 10, Y: 10, Button: 1, Pressed: true}, {X: 90, Y: 40}, {X: 90, Y: 40, Button: 1}} {
		own.on(in)
	}
	test.Tap(uitest.Button(t, w.win, "Text"))
	own.on(whiteboard.Input{X: 200, Y: 100, Button: 1, Pressed: true})
	uitest.Wait(t, func() bool { return w.panel.writing.Visible() })
	field, ok := w.win.Canvas().Focused().(*kit.Entry)
	if !ok {
		t.Fatal("the field for the text does not have the keyboard")
	}
	test.Type(field, "여기를 누르세요")
	test.Tap(uitest.Button(t, w.win, "Put it there"))
	items := own.pad.Items()
	if len(items) != 2 || items[0].Kind != whiteboard.Pen || items[1].Text != "여기를 누르세요" || items[1].Life != 0 {
		t.Fatalf("on the board are %+v", items)
	}
	test.Tap(uitest.Button(t, w.win, "Strokes go after 5 seconds"))
	if w.tools.Life() != 5 {
		t.Error("strokes do not go by themselves")
	}
	test.Tap(uitest.Button(t, w.win, "Undo your last"))
	if items := own.pad.Items(); len(items) != 1 {
		t.Errorf("after undo there are %d", len(items))
	}
	test.Tap(uitest.Button(t, w.win, "Save picture with drawing"))
	uitest.Wait(t, func() bool { return w.panel.note.Visible() })
	if saved, err := filepath.Glob(filepath.Join(os.Getenv("XDG_PICTURES_DIR"), "*.png")); len(saved) != 1 || err != nil {
		t.Errorf("saved are %v, %v", saved, err)
	}
	test.Tap(uitest.Button(t, w.win, "Mouse (no drawing)"))
	if own.on != nil {
		t.Error("the mouse still draws")
	}
	test.Tap(uitest.Button(t, w.win, "Stop drawing"))
	if !closed {
		t.Error("the tools are still there")
	}
}

// TestTheErasersOtherButton asks with the right button, and by holding the left one, how strokes go.
func TestTheErasersOtherButton(t *testing.T) {
	uitest.SetLanguage(t, "en")
	app := uitest.App(t)
	app.Settings().SetTheme(theme.New(theme.Light))
	tools := NewTools(&whiteboard.Hand{}, whiteboard.Red)
	panel := NewPanel(tools, Actions{})
	w := test.NewWindow(panel.Object)
	defer w.Close()
	w.Resize(fyne.NewSize(400, 600))
	eraser := panel.buttons[whiteboard.ToolOf(whiteboard.Eraser)]
	left := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
	for _, c := range []struct {
		ask     func()
		item    int
		seconds int
	}{
		{func() { test.TapSecondary(eraser) }, 1, 5},
		{func() { eraser.MouseDown(left) }, 2, 10},
		{func() { test.TapSecondary(eraser) }, 0, 0},
	} {
		c.ask()
		uitest.Wait(t, func() bool { return w.Canvas().Overlays().Top() != nil })
		menu, ok := w.Canvas().Focused().(*widget.PopUpMenu)
		if !ok || len(menu.Items) != len(lifeList) {
			t.Fatalf("there is %T instead of the list", w.Canvas().Focused())
		}
		eraser.MouseUp(left)
		test.Tap(menu.Items[c.item].(fyne.Tappable))
		if tools.Life() != c.seconds {
			t.Errorf("strokes go after %d s, want %d", tools.Life(), c.seconds)
		}
		menu.Hide()
	}
}
