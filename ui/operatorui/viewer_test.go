package operatorui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"handrail/screen"
	"handrail/session"
	"handrail/ui/kit"
	"handrail/ui/uitest"
	"handrail/ui/viewer"
)

func openViewer(t *testing.T) (*Window, *viewerWindow) {
	t.Helper()
	s := newFake("a").in(session.Active)
	w := openWindow(t, signedIn(s))
	w.board.openViewer(s)
	return w, w.board.viewers["a"]
}

func TestHiddenToolbarComesBack(t *testing.T) {
	_, v := openViewer(t)
	uitest.Button(t, v.win, "Snapshot")
	v.setHidden(true)
	seen := func() bool {
		_, ok := uitest.Find(v.win.Canvas().Content(), func(b *kit.Button) bool { return b.AccessibilityLabel() == "Snapshot" })
		return ok
	}
	if seen() {
		t.Fatal("it is still there")
	}
	h, ok := uitest.Find(v.win.Canvas().Content(), func(*handle) bool { return true })
	if !ok {
		t.Fatal("nothing brings it back")
	}
	h.MouseIn(nil)
	if !seen() {
		t.Fatal("the black bar does not bring it back")
	}
	v.setHidden(false)
	if !seen() || v.top.over.Visible() {
		t.Error("it is not pinned again")
	}
	v.toggleFull()
	v.top.place(false)
	if seen() {
		t.Error("it is shown in full screen")
	}
}

func TestKeysToSend(t *testing.T) {
	for _, s := range sendable {
		if s.keys == "" {
			continue
		}
		if _, err := screen.ParseKeys(s.keys); err != nil {
			t.Errorf("%s: %v", s.label, err)
		}
	}
}

func TestFigures(t *testing.T) {
	uitest.SetLanguage(t, "de")
	m := &meter{}
	now := time.Now()
	m.measure(now)
	for range 30 {
		m.count(session.Event{Bytes: 12_500})
	}
	m.measure(now.Add(time.Second))
	m.latency = 18 * time.Millisecond
	if got := m.String(); got != "3,0 Mbit/s · 30 Bilder/s · 18 ms" {
		t.Errorf("%q", got)
	}
	m.measure(now.Add(2 * time.Second))
	if m.mbit != 0 || m.perSec != 0 {
		t.Errorf("when nothing comes: %v, %v", m.mbit, m.perSec)
	}
}

func TestViewerIsAsItWasLeft(t *testing.T) {
	w, v := openViewer(t)
	v.win.Resize(fyne.NewSize(900, 620))
	v.actual()
	v.chatByHand()
	v.setHidden(true)
	v.picture.SetByPosition(true)
	size := v.win.Canvas().Size()
	v.close()
	w.board.openViewer(w.board.sessions()[0])
	again := w.board.viewers["a"]
	if again == v || again.picture.Mode() != viewer.Actual || !again.side.Visible() || !again.top.hidden || !again.picture.ByPosition() {
		t.Error("choices are not remembered")
	}
	if got := again.win.Canvas().Size(); got != size {
		t.Errorf("the window is %v, was %v", got, size)
	}
}

func TestRememberedViewersAreBounded(t *testing.T) {
	p := uitest.App(t).Preferences()
	for i := range 2 * maxRemembered {
		keep(p, choices{Name: string(rune('A' + i)), place: place{Width: 500, Height: 500}})
	}
	keep(p, choices{Name: "Z", place: place{Width: 1e9, Height: 500}})
	if list := loadChoices(p); len(list) != maxRemembered {
		t.Errorf("%d are kept", len(list))
	}
	if _, ok := choicesFor(p, "Z"); ok {
		t.Error("a size that no screen has is believed")
	}
	p.SetString(rememberedViewers, "{broken")
	if _, ok := choicesFor(p, "A"); ok {
		t.Error("something is read from nonsense")
	}
}

func TestPanningAtTheEdge(t *testing.T) {
	for _, c := range []struct{ at, want float32 }{{0, -panMost}, {panZone, 0}, {300, 0}, {600 - panZone, 0}, {600, panMost}, {700, panMost}} {
		if got := panSpeed(c.at, 600); got != c.want {
			t.Errorf("at %v: %v, want %v", c.at, got, c.want)
		}
	}
	_, v := openViewer(t)
	v.win.Resize(fyne.NewSize(900, 620))
	v.actual()
	uitest.Settle(v.win)
	v.pan.pointer(fyne.NewPos(890, 300), true)
	uitest.Wait(t, func() bool { return v.scroll.Offset.X > 30 })
	v.pan.pointer(fyne.Position{}, false)
	uitest.Wait(t, func() bool { return !v.pan.running })
}
