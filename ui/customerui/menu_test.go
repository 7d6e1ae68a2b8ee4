package customerui

import (
	"net/url"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"handrail/session"
	"handrail/session/customer"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
	"handrail/ui/uitest"
)

// overlay is the dialog that is shown.
func overlay(t *testing.T, w *Window) fyne.CanvasObject {
	t.Helper()
	top := w.win.Canvas().Overlays().Top()
	if top == nil {
		t.Fatal("no dialog is shown")
	}
	return top
}

func press(t *testing.T, w *Window, label string) {
	t.Helper()
	b, ok := uitest.Find(overlay(t, w), func(b *kit.Button) bool { return b.AccessibilityLabel() == label })
	if !ok {
		t.Fatalf("there is no button %q", label)
	}
	test.Tap(b)
}

func TestReportIsShownBeforeItIsSent(t *testing.T) {
	uitest.SetLanguage(t, "en")
	w := serviced(uitest.App(t), theme.Light)
	w.showReport()
	if !uitest.SaysIn(overlay(t, w), "Program: handrail-client 1.2.0") {
		t.Error("the report is not shown")
	}
	press(t, w, "Send")
	uitest.Wait(t, func() bool { return uitest.SaysIn(overlay(t, w), text.T("report.sent", "Number", "k7m2qa")) })
	press(t, w, "Save to a file")
	uitest.Wait(t, func() bool {
		return uitest.SaysIn(overlay(t, w), text.T("viewer.snapshot.saved", "Path", "/home/anna/Downloads/handrail-report.txt"))
	})
}

func TestANewerVersionIsNamed(t *testing.T) {
	uitest.SetLanguage(t, "en")
	w := serviced(uitest.App(t), theme.Light)
	w.checkNewest()
	uitest.Wait(t, func() bool {
		return uitest.SaysIn(overlay(t, w), text.T("newest.other", "Version", "1.3.0", "Own", "1.2.0", "Relay", "support.example.com"))
	})
}

func TestProxyIsUsedUntilTheEnd(t *testing.T) {
	uitest.SetLanguage(t, "en")
	w := serviced(uitest.App(t), theme.Light)
	var used *url.URL
	w.options.Service.UseProxy = func(u *url.URL) { used = u }
	w.showProxy()
	c := w.win.Canvas()
	test.Type(c.Focused(), "not a proxy:/")
	c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if used != nil || !uitest.SaysIn(overlay(t, w), text.T("proxy.bad")) {
		t.Fatal("a bad address should be said")
	}
	c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	w.showProxy()
	test.Type(c.Focused(), "proxy.example.org:3128")
	c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if used == nil || used.Host != "proxy.example.org:3128" || c.Overlays().Top() != nil {
		t.Errorf("used: %v", used)
	}
}

func TestLanguageCountsAtOnceOnEveryScreen(t *testing.T) {
	t.Cleanup(func() { _ = text.Use("auto") })
	for _, state := range []session.State{session.Joining, session.Active, session.Ended} {
		uitest.SetLanguage(t, "en")
		w := in(state, session.DefaultPermissions())(uitest.App(t), theme.Light)
		w.display.language = "de"
		w.useDisplay()
		w.rebuild()
		want := map[session.State]string{session.Joining: "ask.title", session.Active: "chat.title", session.Ended: "ended.title"}[state]
		if !uitest.Says(w.win, text.T(want)) || text.T("cancel") != "Abbrechen" {
			t.Errorf("%s: it is not in German (%q)", state, text.T(want))
		}
		_ = text.Use("auto")
	}
}

func TestF1FromAField(t *testing.T) {
	uitest.SetLanguage(t, "en")
	w := serviced(uitest.App(t), theme.Light)
	kit.Focus(w.win, w.code.code)
	w.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyF1})
	if !uitest.SaysIn(overlay(t, w), text.T("keys.title")) {
		t.Error("F1 does not list the keys")
	}
}

// TestWallpaperAndEffectsAreThePersonsChoice chooses with the keyboard, before a session and in one.
func TestWallpaperAndEffectsAreThePersonsChoice(t *testing.T) {
	uitest.SetLanguage(t, "en")
	w, s := serviced(uitest.App(t), theme.Light), newFake()
	choose := func(current, wanted string) {
		t.Helper()
		w.showPlain()
		press(t, w, text.T("plain."+current))
		menu, ok := w.win.Canvas().Focused().(*widget.PopUpMenu)
		if !ok {
			t.Fatal("the menu does not have the keyboard")
		}
		for range slices.Index(customer.PlainChoices, customer.PlainChoice(wanted)) + 1 {
			menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
		}
		menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		press(t, w, text.T("close"))
	}
	choose("asked", "never")
	w.joined(s)
	if s.plain != customer.PlainNever {
		t.Errorf("the session is told %q", s.plain)
	}
	choose("never", "always")
	if s.plain != customer.PlainAlways {
		t.Errorf("the session is told %q", s.plain)
	}
}
