package operatorui

import (
	"errors"
	"image"
	"testing"

	"fyne.io/fyne/v2"

	"handrail/screen"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
	"handrail/ui/uitest"
)

func TestWindowsStayReachable(t *testing.T) {
	left, right := image.Rect(0, 30, 1920, 1080), image.Rect(1920, 0, 3200, 1024)
	for name, c := range map[string]struct {
		at       image.Rectangle
		monitors []image.Rectangle
		want     image.Rectangle
	}{
		"where it was":                  {image.Rect(100, 100, 1100, 800), []image.Rectangle{left}, image.Rect(100, 100, 1100, 800)},
		"on the second monitor":         {image.Rect(2000, 100, 3000, 800), []image.Rectangle{left, right}, image.Rect(2000, 100, 3000, 800)},
		"over both":                     {image.Rect(1500, 100, 2500, 800), []image.Rectangle{left, right}, image.Rect(1500, 100, 2500, 800)},
		"partly beyond the edge":        {image.Rect(1700, 100, 2700, 800), []image.Rectangle{left}, image.Rect(1700, 100, 2700, 800)},
		"the second monitor is gone":    {image.Rect(2000, 100, 3000, 800), []image.Rectangle{left}, image.Rect(920, 100, 1920, 800)},
		"its title is above the screen": {image.Rect(100, -50, 1100, 600), []image.Rectangle{left}, image.Rect(100, 50, 1100, 700)},
		"its title is behind a panel":   {image.Rect(100, 0, 1100, 600), []image.Rectangle{left}, image.Rect(100, 50, 1100, 650)},
		"below the screen":              {image.Rect(100, 2000, 1100, 2600), []image.Rectangle{left, right}, image.Rect(100, 480, 1100, 1080)},
		"larger than any monitor":       {image.Rect(0, 30, 3000, 1500), []image.Rectangle{right}, image.Rect(1920, 20, 3200, 1024)},
		"only its corner is there":      {image.Rect(-950, 100, 50, 800), []image.Rectangle{left}, image.Rect(0, 100, 1000, 800)},
	} {
		if got, ok := visible(c.at, c.monitors); !ok || got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	for name, at := range map[string]image.Rectangle{"empty": {}, "of nonsense": image.Rect(0, 0, 1e6, 10)} {
		if got, ok := visible(at, []image.Rectangle{left}); ok {
			t.Errorf("%s: %v", name, got)
		}
	}
	if _, ok := visible(left, nil); ok {
		t.Error("there is no monitor, and a window is placed")
	}
}

// shelf is a device on which windows lie where they were put last.
type shelf struct {
	Device
	at image.Rectangle
}

func (s *shelf) Place(fyne.Window) (image.Rectangle, bool)       { return s.at, true }
func (s *shelf) Monitors() []image.Rectangle                     { return []image.Rectangle{image.Rect(0, 0, 1920, 1080)} }
func (s *shelf) Buttons(fyne.Window, func(screen.Button, bool))  {}
func (s *shelf) Moves(fyne.Window, func(absolute fyne.Position)) {}
func (s *shelf) Capture(fyne.Window, bool) bool                  { return false }

func TestTheLastViewOpensIfThatIsWanted(t *testing.T) {
	uitest.SetLanguage(t, "en")
	app := uitest.App(t)
	device := &shelf{at: image.Rect(200, 150, 1100, 800)}
	open := func(values ...string) *Window {
		w := newWindow(app, signedIn(), Options{Relay: relayURL(), Variant: theme.Light, Device: device})
		t.Cleanup(w.stop)
		for _, key := range values {
			if err := w.options.Settings.Set(key, "true"); err != nil {
				t.Fatal(err)
			}
		}
		return w
	}
	w := open()
	w.openSettings()
	w.close()
	if kept := app.Preferences().String(rememberedWindow); kept != "" {
		t.Errorf("kept without being wanted: %s", kept)
	}
	w = open("open_last_view")
	w.openSettings()
	w.settings.open("files")
	w.close()
	w = open("open_last_view")
	w.openView()
	if w.settings == nil || w.settings.page != "files" {
		t.Fatal("the settings are not open as they were")
	}
	v, ok := w.lastView()
	if !ok || v.At == nil || *v.At != [4]int{200, 150, 900, 650} {
		t.Errorf("kept: %+v", v)
	}
	w.settings.win.Close()
	w.close()
	if w = open("open_last_view"); func() bool { w.openView(); return w.settings != nil }() {
		t.Error("the settings are open although they were closed")
	}
}

func TestStartingWithTheComputerIsChangedAtOnce(t *testing.T) {
	w := openSettings(t)
	var fails error
	called := make(chan struct{}, 4)
	w.options.Startup = func() error {
		uitest.Blocks("Startup")
		called <- struct{}{}
		return fails
	}
	for _, key := range []string{"autostart", "background"} {
		if err := w.options.Settings.Set(key, "true"); err != nil {
			t.Fatal(err)
		}
		<-called
	}
	w.startup.Lock() // the last change is done
	fails = errors.New("a folder that cannot be written")
	w.startup.Unlock()
	if err := w.options.Settings.Reset("autostart"); err != nil {
		t.Fatal(err)
	}
	<-called
	uitest.Wait(t, func() bool {
		kit.RunCollected()
		top := w.settings.win.Canvas().Overlays().Top()
		return top != nil && uitest.SaysIn(top, text.T("set.autostart.failed"))
	})
}
