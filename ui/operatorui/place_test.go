package operatorui

import (
	"errors"
	"image"
	"testing"
	"time"

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

// TestWindowsOpenWhereTheyAreLookedFor places windows over others, and viewers as large as what they show.
func TestWindowsOpenWhereTheyAreLookedFor(t *testing.T) {
	app := uitest.App(t)
	parent := app.NewWindow("")
	defer parent.Close()
	for name, c := range map[string]struct {
		parent  image.Rectangle
		picture image.Point
		want    place
	}{
		"as large as the desktop":   {image.Rect(100, 100, 900, 700), image.Pt(1400, 800), place{1400, 900, &[4]int{580, 286, 1400, 900}}},
		"no smaller than the tools": {image.Rect(100, 100, 900, 700), image.Pt(300, 200), place{1000, 700, &[4]int{780, 386, 1000, 700}}},
		"no larger than a monitor":  {image.Rect(100, 100, 900, 700), image.Pt(5000, 3000), place{2544, 1392, &[4]int{8, 40, 2544, 1392}}},
		"on the other monitor":      {image.Rect(2700, 100, 3300, 700), image.Pt(1100, 700), place{1100, 800, &[4]int{2650, 128, 1100, 800}}},
	} {
		var put placed
		put.Window = app.NewWindow("")
		monitors := &shelf{at: c.parent, monitors: []image.Rectangle{image.Rect(0, 0, 2560, 1440), image.Rect(2560, 0, 3840, 1024)}}
		ample(&put, parent, c.picture, fyne.NewSize(0, 100), fyne.NewSize(1000, 700), monitors)
		if got := put.place(); got != [4]int{c.want.At[0], c.want.At[1], int(c.want.Width), int(c.want.Height)} {
			t.Errorf("%s: %v, want %+v", name, got, *c.want.At)
		}
		put.Window.Close()
	}
	var put placed
	put.Window = app.NewWindow("")
	defer put.Window.Close()
	over(&put, parent, fyne.NewSize(800, 600), &shelf{at: image.Rect(1200, 500, 2200, 1300), monitors: []image.Rectangle{image.Rect(0, 0, 2560, 1440)}})
	if got := put.place(); got != [4]int{1300, 600, 800, 600} {
		t.Errorf("over another window: %v", got)
	}
}

// placed is a window that notes where it was asked to be.
type placed struct {
	fyne.Window
	x, y int
}

func (p *placed) RequestPosition(x, y int)    { p.x, p.y = x, y }
func (p *placed) RequestAlwaysOnTop()         {}
func (p *placed) RequestFullScreenSecondary() {}
func (p *placed) place() [4]int {
	size := p.Canvas().Size()
	return [4]int{p.x, p.y, int(size.Width), int(size.Height)}
}

// shelf is a device on which windows lie where they were put last.
type shelf struct {
	Device
	at       image.Rectangle
	monitors []image.Rectangle
}

func (s *shelf) Place(fyne.Window) (image.Rectangle, bool) { return s.at, true }
func (s *shelf) Monitors() []image.Rectangle {
	if s.monitors != nil {
		return s.monitors
	}
	return []image.Rectangle{image.Rect(0, 0, 1920, 1080)}
}
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

// TestTheEndWaitsForWhatWasChosenLast: else the system would go on starting the program, or not.
func TestTheEndWaitsForWhatWasChosenLast(t *testing.T) {
	w := openSettings(t)
	done := false
	w.options.Startup = func() error {
		time.Sleep(50 * time.Millisecond)
		done = true
		return nil
	}
	if err := w.options.Settings.Set("autostart", "true"); err != nil {
		t.Fatal(err)
	}
	if w.ShowAndRun(); !done {
		t.Error("it did not wait")
	}
}
