package operatorui

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"handrail/session"
	"handrail/session/settings"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
	"handrail/ui/uitest"
)

func openSettings(t *testing.T) *Window {
	t.Helper()
	uitest.SetLanguage(t, "en")
	t.Cleanup(func() {
		_ = text.Use("")
		theme.SetLetters(1)
	})
	w := newWindow(uitest.App(t), signedIn(newFake("a").in(session.Active)), Options{Relay: relayURL(), Variant: theme.Light, Settings: someSettings()})
	t.Cleanup(w.stop)
	w.openSettings()
	return w
}

func TestEverySettingIsOnAPage(t *testing.T) {
	keys := allKeys()
	for _, s := range settings.Operator {
		if !slices.Contains(keys, s.Key) {
			t.Errorf("%s is on no page", s.Key)
		}
	}
	if len(keys) != len(settings.Operator) {
		t.Errorf("%d settings on the pages, %d exist", len(keys), len(settings.Operator))
	}
}

func TestLanguageAtOnce(t *testing.T) {
	w := openSettings(t)
	w.board.openViewer(w.board.sessions()[0])
	w.board.choose("a")
	if err := w.options.Settings.Set("language", "sl"); err != nil {
		t.Fatal(err)
	}
	kit.RunCollected()
	uitest.Button(t, w.win, "Nova seja")
	uitest.Button(t, w.settings.win, "Pregled")
	uitest.Button(t, w.board.viewers["a"].win, "Klepet")
	if w.board.selected != "a" {
		t.Errorf("selected is %q", w.board.selected)
	}
	if err := w.options.Settings.Set("text_size", "larger"); err != nil {
		t.Fatal(err)
	}
	kit.RunCollected()
	if got := theme.Letters(10); got != 13 {
		t.Errorf("letters of 10 are drawn with %v", got)
	}
}

func TestSearchingSettings(t *testing.T) {
	w := openSettings(t)
	for query, want := range map[string]int{"viewer": 2, "LANGUAGE": 1, "folder": 2, "zebra": 0} {
		w.settings.search.SetText(query)
		if got := len(w.settings.found()); got != want {
			t.Errorf("%q finds %d, want %d", query, got, want)
		}
	}
}

func TestWhoHasSetIt(t *testing.T) {
	w := openSettings(t)
	w.settings.open("remote")
	for _, sentence := range []string{"Default", "Set by you", "Set by this computer’s policy"} {
		if !uitest.Says(w.settings.win, sentence) {
			t.Errorf("nothing says %q", sentence)
		}
	}
	locked, _ := uitest.Find(w.settings.win.Canvas().Content(), func(s *kit.Switch) bool { return s.Name == "Open the viewer by itself" })
	if locked == nil || !locked.Disabled() {
		t.Error("what the policy has set can be switched")
	}
	w.options.Settings.OnChange(func(string) { uitest.Blocks("Settings.Reset") })
	test.Tap(uitest.Button(t, w.settings.win, "Reset"))
	uitest.Wait(t, func() bool {
		return w.options.Settings.Get("quality") == "high" && !uitest.Says(w.settings.win, "Set by you")
	})
}

// TestAnAddressThatCannotBeUsedIsRefused: it stays in the field with a sentence below, and the one before counts.
func TestAnAddressThatCannotBeUsedIsRefused(t *testing.T) {
	uitest.EachLanguage(t, func(t *testing.T, language string) {
		values, _ := settings.Open(settings.Operator, "", "")
		w := newWindow(uitest.App(t), signedIn(), Options{Variant: theme.Light, Settings: values})
		t.Cleanup(w.stop)
		w.openSettings()
		w.settings.open("advanced")
		put := func(address string) {
			t.Helper()
			e, ok := uitest.Find(w.settings.win.Canvas().Content(), func(e *kit.Entry) bool { return e != w.settings.search })
			if !ok {
				t.Fatal("there is no field")
			}
			e.SetText(address)
			e.OnLeft()
			if w.changing != nil {
				<-w.changing
			}
			kit.RunCollected()
			uitest.Settle(w.settings.win)
		}
		refused := map[string]string{"not an address": text.T("relay.bad"), "http://relay.example.org": text.T("reason.insecure")}
		for address, sentence := range refused {
			put(address)
			if got := values.Get("relay"); got != "" || !uitest.Says(w.settings.win, sentence) {
				t.Errorf("%q: the setting is %q; it is said: %v", address, got, uitest.Says(w.settings.win, sentence))
			}
		}
		uitest.Fits(t, w.settings.win)
		uitest.Picture(t, w.settings.win, "operator-settings-refused-"+language)
		put("relay.example.org")
		if got := values.Get("relay"); got != "relay.example.org" {
			t.Errorf("the setting is %q", got)
		}
		for _, sentence := range refused {
			if uitest.Says(w.settings.win, sentence) {
				t.Errorf("it still says %q", sentence)
			}
		}
		put("")
		if got := values.Get("relay"); got != "" {
			t.Errorf("emptied, the setting is %q", got)
		}
	})
}

func TestSettingsOfNewSessions(t *testing.T) {
	uitest.SetLanguage(t, "en")
	v := someSettings()
	if err := v.Set("ask_files", "false"); err != nil {
		t.Fatal(err)
	}
	if err := v.Set("plain_desktop", "true"); err != nil {
		t.Fatal(err)
	}
	s := newFake("a")
	Prepare(s, v)
	if !s.info.Plain || s.info.Quality != session.Speed {
		t.Errorf("quality %s, plain %v", s.info.Quality, s.info.Plain)
	}
	if s.Asked().Has(session.Files) || !s.Asked().Has(session.Control) {
		t.Errorf("asked for: %s", s.Asked())
	}
}

// TestSettingsLeaveTheKeyboardWhereItIs: also while a change is being written, with what is being typed meanwhile and what could not be
// taken.
func TestSettingsLeaveTheKeyboardWhereItIs(t *testing.T) {
	uitest.SetLanguage(t, "en")
	w := openSettings(t)
	s, c := w.settings, w.settings.win.Canvas()
	control := func(key string) fyne.Focusable { return s.controls[slices.Index(s.shown, key)] }
	written := func() {
		t.Helper()
		<-w.changing
		kit.RunCollected()
		uitest.Settle(s.win)
	}
	has := func(key, when string) {
		t.Helper()
		if f := c.Focused(); f != control(key) {
			t.Errorf("%s the keyboard is not with %s but with %T", when, key, f)
		}
	}
	space := &fyne.KeyEvent{Name: fyne.KeySpace}

	s.open("advanced")
	relay, user := control("relay").(*kit.Entry), control("user").(*kit.Entry)
	c.Focus(relay)
	relay.SetText("not an address")
	c.Focus(user)
	user.SetText("desk1")
	user.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	user.SetText("desk12")
	written()
	has("user", "with a line that goes on")
	if s.values.Get("user") != "desk1" || user.Text != "desk12" || relay.Text != "not an address" || !uitest.Says(s.win, text.T("relay.bad")) {
		t.Errorf("the fields have %q and %q, the setting is %q", relay.Text, user.Text, s.values.Get("user"))
	}
	reset, ok := uitest.Find(s.win.Canvas().Content(), func(b *kit.Button) bool { return b.AccessibilityLabel() == text.T("set.reset") })
	if !ok {
		t.Fatal("there is no way back")
	}
	c.Focus(reset)
	<-w.changing
	reset.TypedKey(space)
	written()
	has("user", "with the default again")
	if user.Text != "" || s.values.Get("user") != "" {
		t.Errorf("the field has %q, the setting is %q", user.Text, s.values.Get("user"))
	}

	s.open("remote")
	c.Focus(control("edge_panning"))
	c.Focused().TypedKey(space)
	written()
	has("edge_panning", "switched")
	if s.values.On("edge_panning") || c.Focused().(*kit.Switch).On() {
		t.Error("it is still on")
	}
	s.open("general")
	c.Focus(control("language"))
	inSlovene(t, w)
	has("language", "in another language")
	uitest.Button(t, s.win, "Slovenščina")
}
