package operatorui

import (
	"context"
	"image"
	"net/url"
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"handrail/session"
	"handrail/session/wire"
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

// TestTheDashboardStaysAsItIs: in another language it has the same lines that wait to be sent or to be read, and a session that is
// being started is shown when it is there.
func TestTheDashboardStaysAsItIs(t *testing.T) {
	a, b := newFake("a").in(session.Active), newFake("b").in(session.Active)
	desk := signedIn(a, b)
	w := openWindow(t, desk)
	w.board.choose("a")
	w.board.openViewer(a)
	viewer, m := w.board.viewers["a"], w.board.meterOf("a")
	w.board.pages["a"].chat.Entry().SetText("half a line")
	viewer.chat.Entry().SetText("half another")
	w.board.hear(session.Event{Type: session.EventChat, Session: "b", From: wire.Customer, Text: "Hello?"})
	there := make(chan struct{})
	w.board.start(func(ctx context.Context) (Session, error) {
		<-there
		return desk.Connect(ctx, session.Code{})
	})
	inSlovene(t, w)
	if got := w.board.pages["a"].chat.Entry().Text; got != "half a line" {
		t.Errorf("waiting to be sent is %q", got)
	}
	if got := w.board.viewers["a"].chat.Entry().Text; got != "half another" {
		t.Errorf("waiting to be sent in the viewer is %q", got)
	}
	if got, want := w.board.rows["b"].sub.Text(), text.N("row.unread", 1); got != want {
		t.Errorf("the other session's row says %q, want %q", got, want)
	}
	if w.board.viewers["a"] != viewer || viewer.board != w.board || viewer.meter != m {
		t.Error("the viewer is another one, or belongs to another list")
	}
	if !w.board.add.Disabled() || !w.board.connect.Disabled() {
		t.Error("another session can be started meanwhile")
	}
	close(there)
	uitest.Wait(t, func() bool { return w.board.selected == "s3" })
	if w.board.add.Disabled() || w.board.connect.Disabled() || !w.board.pages["s3"].busy.Moves() {
		t.Error("it is not shown as the one that was started")
	}
}

// TestSigningOutWhileASessionStarts: nothing of it moves where nobody sees it.
func TestSigningOutWhileASessionStarts(t *testing.T) {
	desk := signedIn()
	w := openWindow(t, desk)
	there, board := make(chan struct{}), w.board
	board.start(func(ctx context.Context) (Session, error) {
		<-there
		return desk.Connect(ctx, session.Code{})
	})
	w.signOut()
	close(there)
	uitest.Wait(t, func() bool { return !board.starting })
	if len(board.pages) > 0 || board.selected != "" {
		t.Errorf("the list that is gone shows %v", board.pages)
	}
}

// TestSignInStaysAsItIs: with what is in its fields, also the digits of the second factor, and with what is under way.
func TestSignInStaysAsItIs(t *testing.T) {
	there := make(chan struct{})
	desk := &slowDesk{fakeDesk{refuse: wire.Fail(wire.ReasonSignIn, nil)}, there}
	uitest.SetLanguage(t, "en")
	w := newWindow(uitest.App(t), desk, Options{Variant: theme.Light})
	t.Cleanup(w.stop)
	fill := []string{"relay.example.org", "desk1", "secret", "123456"}
	for i, e := range w.signIn.fields() {
		e.SetText(fill[i])
	}
	w.signIn.submit()
	inSlovene(t, w)
	for i, e := range w.signIn.fields() {
		if e.Text != fill[i] || !e.Disabled() {
			t.Errorf("field %d has %q and can be changed: %v", i, e.Text, !e.Disabled())
		}
	}
	uitest.Button(t, w.win, text.T("signin.busy"))
	close(there)
	uitest.Wait(t, func() bool { return uitest.Says(w.win, text.Reason(wire.ReasonSignIn)) })
	uitest.Button(t, w.win, text.T("signin.button"))
	if w.signIn.user.Disabled() {
		t.Error("the name cannot be changed")
	}
	if err := w.options.Settings.Set("language", "de"); err != nil {
		t.Fatal(err)
	}
	kit.RunCollected()
	if sentence := text.Reason(wire.ReasonSignIn); !uitest.Says(w.win, sentence) {
		t.Errorf("it does not say %q", sentence)
	}
}

// slowDesk answers to signing in when there is closed.
type slowDesk struct {
	fakeDesk
	there chan struct{}
}

func (d *slowDesk) SignIn(ctx context.Context, relay *url.URL, user, password string) error {
	<-d.there
	return d.fakeDesk.SignIn(ctx, relay, user, password)
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
