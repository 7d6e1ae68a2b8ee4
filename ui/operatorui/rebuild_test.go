package operatorui

import (
	"image"
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"handrail/session"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
	"handrail/ui/uitest"
	"handrail/whiteboard"
)

// inSlovene changes the language, for which all windows are made anew.
func inSlovene(t *testing.T, w *Window) {
	t.Helper()
	if err := w.options.Settings.Set("language", "sl"); err != nil {
		t.Fatal(err)
	}
	kit.RunCollected()
	t.Cleanup(func() { _ = text.Use("") })
}

// opened is what is on the screen of a test.
func opened(w *Window) []fyne.Window { return slices.Clone(w.app.Driver().AllWindows()) }

// TestFilesStayOpenInAnotherLanguage: there is one window for the files of a session, and it goes on.
func TestFilesStayOpenInAnotherLanguage(t *testing.T) {
	a := newFake("a").in(session.Active)
	w := openWindow(t, signedIn(a))
	w.board.openFiles(a)
	before, windows := w.board.files["a"], len(opened(w))
	inSlovene(t, w)
	uitest.Button(t, before.Fyne(), text.T("files.send"))
	if got, want := before.Fyne().Title(), text.T("files.title")+" – RECEPTION-PC"; got != want {
		t.Errorf("its title is %q, want %q", got, want)
	}
	w.board.openFiles(a)
	if w.board.files["a"] != before || len(opened(w)) != windows {
		t.Errorf("there are %d windows, were %d", len(opened(w)), windows)
	}
}

// TestWindowsCloseWithTheirSession: those for its files and its viewer are closed for good when it is taken off the list, also while
// the language changes, and when the operator signs out.
func TestWindowsCloseWithTheirSession(t *testing.T) {
	list := []Session{newFake("a").in(session.Ended), newFake("b").in(session.Ended), newFake("c").in(session.Ended)}
	desk := signedIn(list...)
	w := openWindow(t, desk)
	main := len(opened(w))
	for _, s := range list {
		w.board.openFiles(s)
		w.board.openViewer(s)
	}
	left := func(want int, when string) {
		t.Helper()
		if got := len(opened(w)) - main; got != want {
			t.Errorf("%s %d windows are open, want %d", when, got, want)
		}
	}
	left(6, "at first")
	desk.sessions = list[1:]
	w.board.refresh()
	left(4, "with one session off the list")
	desk.sessions = list[2:]
	inSlovene(t, w)
	left(2, "in another language")
	if len(w.board.viewers) != 1 || len(w.board.files) != 1 {
		t.Errorf("left are %v and %v", w.board.viewers, w.board.files)
	}
	w.signOut()
	left(0, "signed out")
}

// TestTitlesFollow: the titles of the viewer and of its monitors' windows are in the language that counts, with the size that a
// monitor has now.
func TestTitlesFollow(t *testing.T) {
	w, v := openViewer(t)
	s := v.session.(*fakeSession)
	s.info.Customer.Name = ""
	choose(t, v, "Monitor 2 in its own window")
	inSlovene(t, w)
	check := func(size string) {
		t.Helper()
		if got, want := v.win.Title(), text.T("customer")+" – "+text.T("app.name"); got != want {
			t.Errorf("the viewer's title is %q, want %q", got, want)
		}
		want := text.T("customer") + " – " + text.T("viewer.monitor", "N", "2", "Size", size)
		if got := v.others["2"].win.Title(); got != want {
			t.Errorf("its monitor's title is %q, want %q", got, want)
		}
	}
	if text.T("customer") == "Customer" {
		t.Fatal("the language is the same")
	}
	check("720 × 1080")
	s.info.Desktop.Monitors = slices.Clone(s.info.Desktop.Monitors)
	s.info.Desktop.Monitors[1].Bounds.Max = image.Pt(1840, 480)
	v.update()
	check("640 × 480")
}

// TestViewersStayAsTheyAre: with the tools that were open, in full screen or with the toolbar hidden, in every language.
func TestViewersStayAsTheyAre(t *testing.T) {
	for name, c := range map[string]struct {
		change       func(v *viewerWindow)
		full, hidden bool
		tool         whiteboard.Tool
	}{
		"drawing": {change: (*viewerWindow).toggleDrawing, tool: whiteboard.ToolOf(whiteboard.Pen)},
		"hidden":  {change: func(v *viewerWindow) { v.setHidden(true) }, hidden: true},
		"full":    {change: (*viewerWindow).toggleFull, full: true},
		"as ever": {change: func(*viewerWindow) {}},
	} {
		t.Run(name, func(t *testing.T) {
			w, v := openViewer(t)
			c.change(v)
			inSlovene(t, w)
			if v = w.board.viewers["a"]; v.top.full != c.full || v.top.hidden != c.hidden || v.tools.Tool() != c.tool {
				t.Errorf("full %v, hidden %v, the tool is %+v", v.top.full, v.top.hidden, v.tools.Tool())
			}
			if v.tool.Visible() != (c.tool != whiteboard.Cursor) {
				t.Errorf("the tools are there: %v", v.tool.Visible())
			}
			if v.status.object.Visible() == c.full {
				t.Errorf("the status line is there: %v", v.status.object.Visible())
			}
			_, shown := uitest.Find(v.win.Canvas().Content(), func(b *kit.Button) bool { return b == v.bar.end })
			if shown == (c.full || c.hidden) {
				t.Errorf("the toolbar is there: %v", shown)
			}
		})
	}
	theme.SetLetters(1)
}
