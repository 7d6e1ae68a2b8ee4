package operatorui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"handrail/session"
	"handrail/session/operator"
	"handrail/session/settings"
	"handrail/session/wire"
	"handrail/ui/board"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
	"handrail/ui/uitest"
)

func openWindow(t *testing.T, desk *fakeDesk) *Window {
	t.Helper()
	uitest.SetLanguage(t, "en")
	w := newWindow(uitest.App(t), desk, Options{Relay: relayURL(), Variant: theme.Light})
	t.Cleanup(w.stop)
	return w
}

func TestSignInByKeyboard(t *testing.T) {
	desk := &fakeDesk{}
	w := openWindow(t, desk)
	c := w.win.Canvas()
	if c.Focused() != w.signIn.user {
		t.Fatal("the relay is known, so the user's name should have the keyboard")
	}
	test.Type(c.Focused(), "desk1")
	c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	test.Type(c.Focused(), "secret")
	c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	uitest.Wait(t, func() bool { return w.board != nil })
	if desk.account.User != "desk1" {
		t.Errorf("signed in as %q", desk.account.User)
	}
}

// TestSignInWithAnAddressToCorrect: what a file has is shown with what is wrong with it, also in another language, until the person
// tries.
func TestSignInWithAnAddressToCorrect(t *testing.T) {
	uitest.SetLanguage(t, "en")
	_, problem := settings.ParseRelay("http://relay.example.org")
	desk := &fakeDesk{}
	w := newWindow(uitest.App(t), desk, Options{Address: "http://relay.example.org", Problem: problem, User: "desk1", Variant: theme.Light})
	t.Cleanup(w.stop)
	for range 2 {
		if w.signIn.relay.Text != "http://relay.example.org" || !uitest.Says(w.win, text.T("reason.insecure")) {
			t.Errorf("it shows %q and says %q", w.signIn.relay.Text, w.signIn.problem.Text())
		}
		if w.win.Canvas().Focused() != w.signIn.relay {
			t.Error("the address does not have the keyboard")
		}
		w.rebuild()
	}
	w.signIn.relay.SetText("relay.example.org")
	w.signIn.submit()
	uitest.Wait(t, func() bool { return w.board != nil })
	w.showSignIn()
	if w.signIn.problemBox.Visible() {
		t.Error("it is said once more after signing out")
	}
}

func TestSignInRefused(t *testing.T) {
	w := openWindow(t, &fakeDesk{refuse: wire.Fail(wire.ReasonSignIn, nil)})
	w.signIn.user.SetText("desk1")
	w.signIn.submit()
	uitest.Wait(t, func() bool { return w.signIn.problemBox.Visible() })
	if got := w.signIn.problem.Text(); got != wire.ReasonSignIn.Sentence() {
		t.Errorf("the form says %q", got)
	}
	if w.signIn.user.Text != "desk1" || w.signIn.user.Disabled() {
		t.Error("the name should stay and be open to change")
	}
}

func TestNewSessionShowsItsCodeAndCopiesIt(t *testing.T) {
	w := openWindow(t, signedIn())
	w.board.newSession()
	uitest.Wait(t, func() bool { return w.board.selected == "s1" })
	if _, ok := uitest.Find(w.win.Canvas().Content(), func(*kit.Code) bool { return true }); !ok {
		t.Error("no code is shown")
	}
	w.board.onPage((*page).copyCode)
	if got := w.app.Clipboard().Content(); got != "4821 739 205" {
		t.Errorf("copied %q", got)
	}
	uitest.Button(t, w.win, "Copied")
}

// TestAFloodOfChatLeavesTheWindowItsTime: a customer's program sends as many lines as there can be.
func TestAFloodOfChatLeavesTheWindowItsTime(t *testing.T) {
	s := newFake("a").in(session.Active)
	w := openWindow(t, signedIn(s))
	for range 10_000 {
		s.chat = append(s.chat, session.ChatLine{Time: time.Now(), From: wire.Customer, Text: "Hello?"})
	}
	s.read = 0
	const lines = 5000
	for range lines {
		w.hear(session.Event{Type: session.EventChat, Session: "a", From: wire.Customer, Text: "Hello?", Time: time.Now()})
	}
	uitest.Wait(t, func() bool { return w.board.pages["a"].unread == lines })
	if s.read > lines/10 {
		t.Errorf("the chat was shown %d times", s.read)
	}
}

func TestViewerOpensByItselfAndOnce(t *testing.T) {
	s := newFake("a").in(session.Active)
	w := openWindow(t, signedIn(s))
	for range 2 {
		w.board.hear(session.Event{Type: session.EventState, Session: "a", State: session.Active})
	}
	v := w.board.viewers["a"]
	if v == nil {
		t.Fatal("no viewer was opened")
	}
	if v.win.Canvas().Focused() != v.picture {
		t.Error("keys do not go to the picture")
	}
	v.win.Close()
	w.board.hear(session.Event{Type: session.EventState, Session: "a", State: session.Active})
	if w.board.viewers["a"] != nil {
		t.Error("a viewer that the operator closed was opened again")
	}
}

func TestWhoHasControl(t *testing.T) {
	s := newFake("a").in(session.Active)
	w := openWindow(t, signedIn(s))
	w.board.openViewer(s)
	v := w.board.viewers["a"]
	says := func(want string) {
		t.Helper()
		if !uitest.Says(v.win, want) {
			t.Errorf("the status line does not say %q", want)
		}
	}
	says("Operator has control")
	s.info.Holder, s.info.Until = session.HolderCustomer, time.Now().Add(4500*time.Millisecond)
	w.board.hear(session.Event{Type: session.EventControl, Session: "a", Holder: session.HolderCustomer})
	if _, ok := uitest.Find(v.win.Canvas().Content(), func(x *kit.Text) bool { return strings.HasPrefix(x.Text(), "Customer has control") }); !ok {
		t.Error("the status line does not say that the customer has control")
	}
	s.info.Holder, s.info.Until = session.HolderOperator, time.Time{}
	s.info.Permissions = session.Permissions{}.With(session.View)
	w.board.refresh()
	says("View only")
}

func TestEndingARunningSessionAsks(t *testing.T) {
	s := newFake("a").in(session.Active)
	w := openWindow(t, signedIn(s))
	w.board.choose("a")
	test.Tap(uitest.Button(t, w.win, "End session"))
	if s.ended {
		t.Fatal("it was ended without asking")
	}
	popup := w.win.Canvas().Overlays().Top()
	w.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if s.ended || w.win.Canvas().Overlays().Top() == popup {
		t.Fatal("Escape should only close the question")
	}
	test.Tap(uitest.Button(t, w.win, "End session"))
	w.win.Canvas().FocusNext()
	w.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if !s.ended {
		t.Error("it was not ended")
	}
}

func TestSnapshotName(t *testing.T) {
	for computer, want := range map[string]string{"RECEPTION-PC": "RECEPTION-PC ", `a/b\c:d`: "a-b-c-d ", "../..": "..-.. "} {
		if got := board.PictureName(computer, newFake("").info.Created); got[:len(want)] != want {
			t.Errorf("%q: %q", computer, got)
		}
	}
}

func TestSearchFindsWhatWasWrittenDown(t *testing.T) {
	a, b := newFake("a").in(session.Active), newFake("b").in(session.Active)
	a.label = operator.Label{Customer: "Mrs Novak", Topic: "Printer"}
	w := openWindow(t, signedIn(a, b))
	for query, want := range map[string]int{"": 2, "novak PRINTER": 1, "reception": 2, "4821739205": 2, "scanner": 0} {
		w.board.search.SetText(query)
		if got := len(w.board.list.Objects); got != want {
			t.Errorf("%q finds %d, want %d", query, got, want)
		}
	}
	if !w.board.hint.Visible() && w.board.search.Text == "scanner" {
		t.Error("nothing says that nothing was found")
	}
}

func TestWishesAreAskedFor(t *testing.T) {
	s := newFake("a")
	w := openWindow(t, signedIn(s))
	w.board.choose("a")
	control, ok := uitest.Find(w.win.Canvas().Content(), func(s *kit.Switch) bool { return s.Name == text.Permission(session.Control) })
	if !ok {
		t.Fatal("there is no switch for control")
	}
	test.Tap(control)
	if s.Asked().Has(session.Control) || !s.Asked().Has(session.View) {
		t.Errorf("asked for: %s", s.Asked())
	}
}

func TestInvitation(t *testing.T) {
	s := newFake("a")
	w := openWindow(t, signedIn(s))
	w.board.choose("a")
	test.Tap(uitest.Button(t, w.win, "Copy invitation"))
	if got := w.app.Clipboard().Content(); !strings.Contains(got, s.JoinURL()) || !strings.Contains(got, "4821 739 205") {
		t.Errorf("copied %q", got)
	}
	if got := mailQuery("a b", "1\n2&3"); got != "subject=a%20b&body=1%0D%0A2%263" {
		t.Errorf("mail: %s", got)
	}
	if got := spelled(s.Code()); got != "four eight two one  –  seven three nine  –  two zero five" {
		t.Errorf("read out: %q", got)
	}
}

// TestMailByTheRelay types an address; what the relay sends lacks the secret digits, so they are shown to be said.
func TestMailByTheRelay(t *testing.T) {
	s := newFake("a")
	asked := make(chan string, 2)
	var refuse error
	s.invite = func(to, language string) error { asked <- to + " " + language; return refuse }
	desk := signedIn(s)
	desk.account.Mail = true
	w := openWindow(t, desk)
	w.board.choose("a")
	send := func() {
		test.Tap(uitest.Button(t, w.win, text.T("waiting.mail")))
		uitest.Picture(t, w.win, "operator-mail")
		field := w.win.Canvas().Focused()
		test.Type(field, " ann@example.org")
		field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		if got := <-asked; got != "ann@example.org en" {
			t.Errorf("asked for %q", got)
		}
	}
	refuse = wire.Fail(wire.ReasonMailAddress, nil)
	send()
	uitest.Wait(t, func() bool { return uitest.Says(w.win, wire.ReasonMailAddress.Sentence()) })
	refuse = nil
	send()
	uitest.Wait(t, func() bool {
		top := w.win.Canvas().Overlays().Top()
		if top == nil {
			return false
		}
		_, ok := uitest.Find(top, func(x *kit.Text) bool { return strings.Contains(x.Text(), "739 205") })
		return ok
	})
	uitest.Picture(t, w.win, "operator-mail-sent")
}

// TestSecondFactorInTheWindow signs in with six digits in a field of their own.
func TestSecondFactorInTheWindow(t *testing.T) {
	desk := &fakeDesk{}
	w := openWindow(t, desk)
	w.signIn.user.SetText("desk1")
	w.signIn.password.SetText("correct horse")
	w.signIn.second.SetText(" 123456 ")
	w.signIn.submit()
	uitest.Wait(t, func() bool { return desk.signedIn })
	if desk.password != "correct horse"+wire.SecondMark+"123456" {
		t.Errorf("password %q", desk.password)
	}
}

func TestMenuOfASession(t *testing.T) {
	s := newFake("a").in(session.Ended)
	desk := signedIn(s)
	w := openWindow(t, desk)
	for _, item := range w.board.sessionMenu(s) {
		if item.Label == text.T("ended.remove") {
			item.Do()
		}
	}
	if len(desk.forgot) != 1 {
		t.Errorf("removed: %v", desk.forgot)
	}
	w.board.choose("a")
	w.board.edit(s)
	c := w.win.Canvas()
	test.Type(c.Focused(), "Mrs Novak")
	test.Tap(findIn(t, c.Overlays().Top(), "Save"))
	if s.label.Customer != "Mrs Novak" || w.board.rows["a"].title.Text() != "Mrs Novak" {
		t.Errorf("written down: %+v, the row says %q", s.label, w.board.rows["a"].title.Text())
	}
}

func findIn(t *testing.T, o fyne.CanvasObject, label string) *kit.Button {
	t.Helper()
	b, ok := uitest.Find(o, func(b *kit.Button) bool { return b.AccessibilityLabel() == label })
	if !ok {
		t.Fatalf("there is no button %q", label)
	}
	return b
}

func TestConnectByIDAndPassword(t *testing.T) {
	desk := signedIn()
	w := openWindow(t, desk)
	w.board.askConnect("")
	c := w.win.Canvas()
	test.Type(c.Focused(), "482 17 3")
	c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	test.Type(c.Focused(), "205 311")
	c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if c.Overlays().Top() == nil || !uitest.SaysIn(c.Overlays().Top(), text.T("code.error.id")) {
		t.Fatal("an ID that is too short should be said, and the form stay")
	}
	c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	w.board.askConnect("482 17 39")
	test.Type(c.Focused(), "205-311")
	c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	uitest.Wait(t, func() bool { return len(desk.sessions) == 1 && w.board.selected == "s1" })
	if !uitest.Says(w.win, "Connecting to 482 17 39") || uitest.Says(w.win, "4821739 205 311") {
		t.Error("the page does not say to whom, or shows the password")
	}
}

// TestConnectingMovesWhileItIsSeen: what moves has the window drawn again and again, so it rests as soon as nobody sees it.
func TestConnectingMovesWhileItIsSeen(t *testing.T) {
	s, other := newFake("a"), newFake("b")
	s.info.Offered = true
	desk := signedIn(s, other)
	w := openWindow(t, desk)
	busy := w.board.pages["a"].busy
	moves := func(want bool, when string) {
		t.Helper()
		if busy.Moves() != want {
			t.Errorf("%s it moves: %v", when, !want)
		}
	}
	moves(false, "before it is chosen")
	w.board.choose("a")
	moves(true, "chosen")
	w.board.choose("b")
	moves(false, "with another one chosen")
	w.board.choose("a")
	moves(true, "chosen again")
	w.rebuild()
	moves(false, "made anew")
	busy = w.board.pages["a"].busy
	moves(true, "as the new one")
	s.in(session.Active)
	w.board.refresh()
	moves(false, "connected")
	s.in(session.Waiting)
	w.board.refresh()
	busy = w.board.pages["a"].busy
	moves(true, "connecting once more")
	desk.sessions = []Session{other}
	w.board.refresh()
	moves(false, "off the list")
	desk.sessions = []Session{s}
	w.board.refresh()
	w.board.choose("a")
	busy = w.board.pages["a"].busy
	moves(true, "on the list")
	w.signOut()
	moves(false, "signed out")
}

// TestMovingToASessionFromElsewhere: what a script has started a moment ago can be reached by the keyboard before its event is here.
func TestMovingToASessionFromElsewhere(t *testing.T) {
	desk := signedIn(newFake("a"))
	w := openWindow(t, desk)
	w.board.choose("a")
	desk.sessions = append(desk.sessions, newFake("b"))
	w.board.move(-1)
	if row := w.board.rows["b"]; w.board.selected != "b" || row == nil || w.win.Canvas().Focused() != row {
		t.Errorf("selected is %q, the keyboard is with %v", w.board.selected, w.win.Canvas().Focused())
	}
	desk.sessions = append(desk.sessions, newFake("c"))
	w.board.choose("")
	w.board.move(1)
	if w.board.selected != "c" || w.board.stage.Objects[0] != w.board.pages["c"].object {
		t.Errorf("selected is %q, and its page is not shown", w.board.selected)
	}
}

// TestASessionFromElsewhereOpensItsViewer: also where all that has become of it since it was started is heard of at once.
func TestASessionFromElsewhereOpensItsViewer(t *testing.T) {
	desk := signedIn()
	w := openWindow(t, desk)
	s := newFake("a")
	desk.sessions = append(desk.sessions, s)
	for _, state := range []session.State{session.Waiting, session.Joining, session.Active} {
		s.in(state)
		w.hear(session.Event{Type: session.EventState, Session: "a", State: state, Time: time.Now()})
	}
	kit.RunCollected()
	if w.board.viewers["a"] == nil {
		t.Error("it does not")
	}
}

func TestSnapshotIsSavedAndCopied(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_PICTURES_DIR", dir)
	s := newFake("a").in(session.Active)
	w := openWindow(t, signedIn(s))
	w.board.openViewer(s)
	w.board.viewers["a"].snapshot()
	uitest.Wait(t, func() bool { return strings.HasPrefix(w.board.viewers["a"].status.said, "Saved and copied: "+dir) })
	if !strings.HasPrefix(string(s.kept), "\x89PNG") {
		t.Error("what was copied is no picture")
	}
}
