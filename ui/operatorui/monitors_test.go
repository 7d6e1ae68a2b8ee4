package operatorui

import (
	"image"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"handrail/screen"
	"handrail/session"
	"handrail/ui/kit"
	"handrail/ui/uitest"
)

// choose opens the menu of monitors and chooses what is written there.
func choose(t *testing.T, v *viewerWindow, label string) {
	t.Helper()
	pick(t, v.showMonitors, label)
}

func pick(t *testing.T, open func(), label string) {
	t.Helper()
	open()
	var top fyne.CanvasObject
	for _, w := range fyne.CurrentApp().Driver().AllWindows() { // Fyne's test driver takes the last one for all objects
		if o := w.Canvas().Overlays().Top(); o != nil {
			top = o
		}
	}
	if top == nil {
		t.Fatal("no menu is open")
	}
	o, ok := uitest.Find(top, func(o fyne.CanvasObject) bool {
		item := menuItem(o)
		return item != nil && strings.HasPrefix(item.Label, label)
	})
	if !ok {
		t.Fatalf("%q is not in the menu", label)
	}
	o.(fyne.Tappable).Tapped(&fyne.PointEvent{})
}

// menuItem is what a line of one of Fyne's menus is for, nil if the object is none.
func menuItem(o fyne.CanvasObject) *fyne.MenuItem {
	v := reflect.Indirect(reflect.ValueOf(o))
	if v.Kind() != reflect.Struct || !v.FieldByName("Item").IsValid() {
		return nil
	}
	item, _ := v.FieldByName("Item").Interface().(*fyne.MenuItem)
	return item
}

func TestMonitors(t *testing.T) {
	_, v := openViewer(t)
	s := v.session.(*fakeSession)
	right := image.Rect(1200, 0, 1920, 1080)
	choose(t, v, "Monitor 2 · 720 × 1080 · 150 %")
	if v.picture.Part() != right || v.picture.RemoteSize() != right.Size() {
		t.Errorf("it shows %v", v.picture.Part())
	}

	// The monitor gets another place, and is then unplugged.
	s.info.Desktop.Monitors = []screen.Monitor{{Name: "1", Bounds: image.Rect(800, 0, 1920, 1080)}, {Name: "2", Bounds: image.Rect(0, 0, 800, 1080)}}
	v.update()
	if got := v.picture.Part(); got != image.Rect(0, 0, 800, 1080) {
		t.Errorf("after it was moved it shows %v", got)
	}
	choose(t, v, "Monitor 1 in its own window")
	other := v.others["1"]
	if other == nil || other.picture.Part() != image.Rect(800, 0, 1920, 1080) {
		t.Fatal("there is no window for it")
	}
	choose(t, v, "Monitor 2 in its own window")
	s.info.Desktop.Monitors = s.info.Desktop.Monitors[:1]
	v.update()
	if !v.picture.Part().Empty() || v.others["2"] != nil || v.others["1"] != other {
		t.Errorf("without it: %v, %v", v.picture.Part(), v.others)
	}
	v.close()
	if len(v.others) != 0 {
		t.Error("windows of monitors stay")
	}
}

// TestWindowsOfMonitorsAreAsTheyWereLeft closes a viewer with a monitor's window beside it, and wants both back where they
// were; a window that the person has closed stays closed, and keeps its place.
func TestWindowsOfMonitorsAreAsTheyWereLeft(t *testing.T) {
	w, v := openViewer(t)
	device := &shelf{at: image.Rect(900, 100, 1600, 620)}
	w.options.Device = device
	s := v.session.(*fakeSession)
	again := func() {
		t.Helper()
		w.board.openViewer(w.board.sessions()[0])
		v = w.board.viewers["a"]
	}
	choose(t, v, "Monitor 2 in its own window")
	v.others["2"].win.Resize(fyne.NewSize(700, 520))
	v.close()
	again()
	other := v.others["2"]
	if other == nil || len(v.others) != 1 || other.win.Canvas().Size() != fyne.NewSize(700, 520) || other.picture.Part() != image.Rect(1200, 0, 1920, 1080) {
		t.Fatalf("open beside the viewer are %+v", v.others)
	}
	if p := v.places["2"]; p.At == nil || *p.At != [4]int{900, 100, 700, 520} {
		t.Errorf("it was at %+v", p)
	}

	both := s.info.Desktop.Monitors
	s.info.Desktop.Monitors = both[:1] // it is unplugged, and plugged in again
	v.update()
	if len(v.others) != 0 {
		t.Error("the window of a monitor that is gone stays")
	}
	s.info.Desktop.Monitors = both
	s.info.State = session.Reconnecting
	v.update()
	if len(v.others) != 0 {
		t.Error("a window is opened while there is no connection")
	}
	s.info.State = session.Active
	v.update()
	if v.others["2"] == nil {
		t.Fatal("the monitor is back, its window is not")
	}

	v.others["2"].win.Resize(fyne.NewSize(640, 480))
	v.closeMonitor("2")
	v.update()
	if len(v.others) != 0 {
		t.Error("a window that was closed by hand is back")
	}
	v.close()
	again()
	if len(v.others) != 0 {
		t.Error("a window that was closed by hand is back the next time")
	}
	choose(t, v, "Monitor 2 in its own window")
	if size := v.others["2"].win.Canvas().Size(); size != fyne.NewSize(640, 480) {
		t.Errorf("it has not kept its size: %v", size)
	}
	s.info.State = session.Ended
	v.update()
	if len(v.others) != 0 || !v.places["2"].Open {
		t.Errorf("at the session's end: %v, %+v", v.others, v.places)
	}
	for i := range 3 * maxPlaces {
		v.keepMonitor(strconv.Itoa(i), other, true)
	}
	if len(v.places) > maxPlaces {
		t.Errorf("%d places are kept", len(v.places))
	}
}

// TestNothingComesBackAfterClosing: what a viewer has still to do when it is closed does not open its monitors' windows again.
func TestNothingComesBackAfterClosing(t *testing.T) {
	w, v := openViewer(t)
	s := v.session.(*fakeSession)
	choose(t, v, "Monitor 2 in its own window")
	s.info.Holder, s.info.Until = session.HolderCustomer, time.Now().Add(time.Minute) // counted down
	v.update()
	v.setQuality(session.Speed)
	if !v.status.waiting {
		t.Fatal("nothing is counted down")
	}
	v.close()
	uitest.Wait(t, func() bool { return !v.status.waiting })
	for _, later := range []func(){v.update, v.picture.OnSize, v.captureKeys} {
		later()
	}
	if len(v.others) != 0 || w.board.viewers["a"] != nil {
		t.Errorf("open again are %v", v.others)
	}
}

func TestTheResolutionIsChanged(t *testing.T) {
	_, v := openViewer(t)
	s := v.session.(*fakeSession)
	v.update()
	if v.mayResize() {
		t.Error("the customer's computer cannot, but it is offered")
	}
	s.info.Desktop.Modes = []screen.Mode{{Monitor: "1", Width: 1200, Height: 1080}, {Monitor: "1", Width: 1024, Height: 768}, {Monitor: "2", Width: 640, Height: 480}}
	v.update()
	kit.Collect()
	choose(t, v, "Change resolution")
	for _, c := range []struct {
		label string
		want  screen.Mode
	}{{"1024 × 768", s.info.Desktop.Modes[1]}, {"Original resolution", screen.Mode{}}} {
		pick(t, v.showModes, c.label)
		select {
		case got := <-s.modes:
			if got != c.want {
				t.Errorf("%s: asked for %v", c.label, got)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s: nothing is asked for", c.label)
		}
	}
}
