package bar

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"handrail/session"
	"handrail/session/customer"
	"handrail/ui/theme"
	"handrail/ui/uitest"
)

func open(t *testing.T, v theme.Variant, toggled *[]session.Permission, ended *int) *Bar {
	app := uitest.App(t)
	app.Settings().SetTheme(theme.New(v))
	return New(app, "Help desk 1", customer.HotKeys{}, Actions{
		Toggle: func(p session.Permission) { *toggled = append(*toggled, p) },
		End:    func() { *ended++ },
		Window: func() {},
		Draw:   func() {},
	})
}

var started = time.Date(2026, 3, 2, 9, 41, 0, 0, time.Local)

// states are what a bar may have to say.
func states() map[string]customer.Info {
	all := session.Permissions{}.With(session.View).With(session.Control)
	return map[string]customer.Info{
		"control":  {State: session.Active, Permissions: all, Holder: session.HolderOperator, Started: started},
		"customer": {State: session.Active, Permissions: all, Holder: session.HolderCustomer, Until: time.Now().Add(5 * time.Second), Started: started},
		"view":     {State: session.Active, Permissions: all.Without(session.Control), Holder: session.HolderCustomer, Started: started},
		"paused":   {State: session.Active, Holder: session.HolderCustomer, Started: started},
		"broken":   {State: session.Reconnecting, Permissions: all, Holder: session.HolderOperator, Started: started},
	}
}

func TestTheBarInEveryLanguage(t *testing.T) {
	theme.SetBase(theme.Customers)
	t.Cleanup(func() { theme.SetBase(1) })
	uitest.EachLanguage(t, func(t *testing.T, language string) {
		for name, info := range states() {
			for look, variant := range uitest.Looks(language) {
				t.Run(name+"-"+look, func(t *testing.T) { show(t, name, info, language, look, variant) })
			}
		}
	})
}

// show keeps pictures of a bar in a state, closed and open.
func show(t *testing.T, name string, info customer.Info, language, look string, variant theme.Variant) {
	var toggled []session.Permission
	var ended int
	b := open(t, variant, &toggled, &ended)
	defer b.Close()
	b.Update(info)
	for _, part := range []string{"bar-" + name, "bar-more-" + name} {
		least := b.win.Content().MinSize()
		b.win.Resize(least)
		uitest.Settle(b.win)
		uitest.Fits(t, b.win)
		if info.Until.IsZero() {
			uitest.Show(t, b.win, part, language, look)
		} else { // seconds go by
			uitest.Picture(t, b.win, part+"-"+language+"-"+look)
		}
		const widest = 1280
		if least.Width > widest {
			t.Errorf("the bar is %v wide", least.Width)
		}
		b.toggleMore()
	}
}

func TestTheBarsButtons(t *testing.T) {
	uitest.SetLanguage(t, "en")
	var toggled []session.Permission
	var ended int
	b := open(t, theme.Light, &toggled, &ended)
	b.Update(states()["control"])
	for _, label := range []string{"Stop sharing", "Revoke control"} {
		test.Tap(uitest.Button(t, b.win, label))
	}
	b.toggleMore()
	for _, label := range []string{"Allow files", "Allow the clipboard"} {
		test.Tap(uitest.Button(t, b.win, label))
	}
	want := []session.Permission{session.View, session.Control, session.Files, session.Clipboard}
	if len(toggled) != len(want) {
		t.Fatalf("switched %v", toggled)
	}
	for i, p := range want {
		if toggled[i] != p {
			t.Errorf("switched %v instead of %v", toggled[i], p)
		}
	}
	test.Tap(uitest.Button(t, b.win, "End session"))
	if ended != 1 {
		t.Error("the session was not ended")
	}
	b.Update(states()["view"])
	for _, sentence := range []string{"Help desk 1 can see this screen", "You have control", "since 09:41"} {
		if !uitest.Says(b.win, sentence) {
			t.Errorf("the bar does not say %q", sentence)
		}
	}
	uitest.Button(t, b.win, "Allow control")
}

func TestABarThatIsResizedStays(t *testing.T) {
	for name, test := range map[string]struct {
		x, width, now int
		moved         bool
		want          int
	}{
		"in the middle":         {x: 400, width: 480, now: 600, want: 340},
		"where it was moved to": {x: 100, width: 400, now: 500, moved: true, want: 50},
		"at the left":           {x: 0, width: 400, now: 500, moved: true, want: 0},
		"at the right":          {x: 880, width: 400, now: 500, moved: true, want: 780},
	} {
		if got := resized(test.x, test.width, test.now, 1280, test.moved); got != test.want {
			t.Errorf("%s: %d instead of %d", name, got, test.want)
		}
	}
}

func TestABarOnAnotherScreen(t *testing.T) {
	for name, test := range map[string]struct {
		x, width, before, now int
		moved                 bool
		want                  int
	}{
		"in the middle":             {x: 510, width: 900, before: 1920, now: 1000, want: 50},
		"in the middle, wider":      {x: 50, width: 900, before: 1000, now: 1920, want: 510},
		"wider than the screen":     {x: 510, width: 900, before: 1920, now: 800, want: 0},
		"at the left":               {x: 0, width: 400, before: 1920, now: 800, moved: true, want: 0},
		"at the right":              {x: 1520, width: 400, before: 1920, now: 800, moved: true, want: 400},
		"at the right, wider":       {x: 400, width: 400, before: 800, now: 1920, moved: true, want: 1520},
		"where it was moved to":     {x: 100, width: 400, before: 1920, now: 800, moved: true, want: 100},
		"where it would not be":     {x: 900, width: 400, before: 1920, now: 800, moved: true, want: 400},
		"moved, and wider than all": {x: 900, width: 900, before: 1920, now: 800, moved: true, want: 0},
	} {
		if got := across(test.x, test.width, test.before, test.now, test.moved); got != test.want {
			t.Errorf("%s: %d instead of %d", name, got, test.want)
		}
	}
}

// edgeOf is a placer of a screen that is only so many pixels wide.
type edgeOf struct{ width int }

func (e *edgeOf) move(int)             {}
func (e *edgeOf) at() int              { return 0 }
func (e *edgeOf) pointer() (int, bool) { return 0, false }
func (e *edgeOf) room() int            { return e.width }
func (e *edgeOf) middle(int)           {}
func (e *edgeOf) close()               {}

// TestTheBarFitsNarrowScreens has the screen become narrower and wider again under bars of short and long names.
func TestTheBarFitsNarrowScreens(t *testing.T) {
	theme.SetBase(theme.Customers)
	t.Cleanup(func() { theme.SetBase(1) })
	uitest.EachLanguage(t, func(t *testing.T, language string) {
		for _, name := range []string{"Help desk 1", "Help desk of the Municipality of Zgornja Gorenja vas", strings.Repeat("W", 80)} {
			uitest.App(t).Settings().SetTheme(theme.New(theme.Light))
			b := New(fyne.CurrentApp(), name, customer.HotKeys{}, Actions{})
			edge := &edgeOf{4000}
			b.place = edge
			b.Update(states()["control"])
			whole := b.win.Content().MinSize().Width
			for _, edge.width = range []int{1280, 1024, 800, 640} {
				b.refit()
				scale := b.win.Canvas().Scale()
				if got := b.win.Content().MinSize().Width * scale; got > float32(edge.width) {
					t.Errorf("%s: the bar is %v wide on a screen of %d", name, got, edge.width)
				}
				if got, least := b.win.Canvas().Size().Width, b.win.Content().MinSize().Width; got != least {
					t.Errorf("%s: the window is %v wide, and what is on it %v", name, got, least)
				}
				if edge.width == 800 {
					uitest.Settle(b.win)
					uitest.Picture(t, b.win, fmt.Sprintf("bar-narrow-%d-%s", len(name), language))
				}
			}
			edge.width = 4000
			b.refit()
			if got := b.win.Content().MinSize().Width; got != whole {
				t.Errorf("%s: the bar is %v wide again, and was %v", name, got, whole)
			}
			b.Close()
			b.refit() // comes late, and does nothing
		}
	})
}

func TestKeyNames(t *testing.T) {
	if got := KeyName("ctrl+alt+shift+esc"); got != "Ctrl+Alt+Shift+Esc" {
		t.Error(got)
	}
}
