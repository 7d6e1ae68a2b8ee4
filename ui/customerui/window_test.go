package customerui

import (
	"context"
	"errors"
	"image"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"handrail/session"
	"handrail/session/customer"
	"handrail/session/wire"
	"handrail/transfer"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
	"handrail/ui/uitest"
	"handrail/whiteboard"
)

type fakeSession struct {
	session.Hub
	mu       sync.Mutex
	info     customer.Info
	asked    session.Permissions
	chat     []session.ChatLine
	read     int // how often the window has read it
	done     chan struct{}
	declined bool
	looking  bool
	plain    customer.PlainChoice
	pad      *whiteboard.Pad
}

func newFake() *fakeSession {
	return &fakeSession{
		info: customer.Info{State: session.Joining}, done: make(chan struct{}), pad: whiteboard.NewHub("Test"),
		asked: session.DefaultPermissions(),
	}
}

func (s *fakeSession) Operator() session.Party {
	return session.Party{Name: "Help desk 1", Organisation: "Example Computers", Relay: "support.example.com"}
}
func (s *fakeSession) Verifier() string               { return "amber coral lemon tulip" }
func (s *fakeSession) Requested() session.Permissions { return s.asked }
func (s *fakeSession) Info() customer.Info {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.info
}

func (s *fakeSession) set(state session.State, p session.Permissions, reason wire.Reason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.info.State, s.info.Permissions, s.info.Reason = state, p, reason
}

func (s *fakeSession) Start(p session.Permissions) error {
	uitest.Blocks("Start")
	s.set(session.Active, p, "")
	return nil
}
func (s *fakeSession) Decline() { s.declined = true; s.End() }
func (s *fakeSession) SetPermission(p session.Permission, granted bool) error {
	uitest.Blocks("SetPermission")

	s.mu.Lock()
	defer s.mu.Unlock()
	if granted {
		s.info.Permissions = s.info.Permissions.With(p)
	} else {
		s.info.Permissions = s.info.Permissions.Without(p)
	}
	return nil
}

func (s *fakeSession) SetPlain(c customer.PlainChoice) { s.plain = c }

func (s *fakeSession) Grant(p session.Permission) error {
	uitest.Blocks("Grant")
	return s.SetPermission(p, true)
}

func (s *fakeSession) Chat(string) error {
	uitest.Blocks("Chat")
	return nil
}

func (s *fakeSession) Transcript() []session.ChatLine {
	s.read++
	return s.chat
}
func (s *fakeSession) CopiedFiles() []string { return nil }

func (s *fakeSession) Files() *transfer.Exchange {
	return transfer.New(transfer.Config{Folder: "/home/anna/Downloads"})
}

func (s *fakeSession) LookAsked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.looking
}

func (s *fakeSession) AnswerLook(customer.LookAnswer) error {
	uitest.Blocks("AnswerLook")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looking = false
	return nil
}
func (s *fakeSession) Done() <-chan struct{}          { return s.done }
func (s *fakeSession) Board() *whiteboard.Pad         { return s.pad }
func (s *fakeSession) Monitors() []whiteboard.Monitor { return nil }
func (s *fakeSession) StartDrawing(uintptr, func(whiteboard.Input)) error {
	return nil
}
func (s *fakeSession) StopDrawing()                {}
func (s *fakeSession) Drawn() (*image.RGBA, error) { return nil, errors.New("there is no screen") }
func (s *fakeSession) End()                        { s.set(session.Ended, session.Permissions{}, wire.ReasonByCustomer) }
func (s *fakeSession) Close() {
	uitest.Blocks("Close")
	s.End()
}

func relayURL() *url.URL { return &url.URL{Scheme: "https", Host: "support.example.com"} }

// open makes a window in which joining answers err, or a session.
func open(app fyne.App, v theme.Variant, s *fakeSession, err error) *Window {
	return newWindow(app, func(context.Context, *url.URL, session.Code) (Session, error) {
		if err != nil {
			return nil, err
		}
		return s, nil
	}, Options{Relay: relayURL(), Variant: v})
}

// serviced is a window with everything in its menu.
func serviced(app fyne.App, v theme.Variant) *Window {
	w := newWindow(app, nil, Options{Relay: relayURL(), Variant: v, Service: Service{
		Version:    "1.2.0",
		Report:     func() string { return "Handrail error report\nProgram: handrail-client 1.2.0\n\nlevel=INFO msg=joined" },
		SaveReport: func(string) (string, error) { return "/home/anna/Downloads/handrail-report.txt", nil },
		SendReport: func(context.Context, *url.URL, string) (string, error) { return "k7m2qa", nil },
		Newest:     func(context.Context, *url.URL) (string, error) { return "1.3.0", nil },
		UseProxy:   func(*url.URL) {},
	}})
	uitest.Settle(w.win)
	return w
}

func TestNewLinesMakeThemselvesNoticed(t *testing.T) {
	uitest.SetLanguage(t, "en")
	s := newFake()
	w := open(uitest.App(t), theme.Light, s, nil)
	w.joined(s)
	s.set(session.Active, session.DefaultPermissions(), "")
	w.changed()
	w.unread.left()
	s.chat = append(s.chat, session.ChatLine{Time: time.Now(), From: wire.Operator, Text: "Hello?"})
	w.hear([]heard{{session.Event{Type: session.EventChat, From: wire.Operator, Text: "Hello?", Time: time.Now()}, 1}})
	if !strings.HasPrefix(w.win.Title(), "1 new message") || !uitest.Says(w.win, "1 new message") {
		t.Errorf("the title is %q", w.win.Title())
	}
	w.unread.entered()
	w.unread.clear()
	if w.win.Title() != "Handrail" || uitest.Says(w.win, "1 new message") {
		t.Errorf("the title stays %q", w.win.Title())
	}
}

// TestAFloodOfChatLeavesTheWindowItsTime: an operator's program sends as many lines as there can be, before anybody has agreed.
func TestAFloodOfChatLeavesTheWindowItsTime(t *testing.T) {
	uitest.SetLanguage(t, "en")
	s := newFake()
	w := open(uitest.App(t), theme.Light, s, nil)
	for n := range 10_000 {
		s.chat = append(s.chat, session.ChatLine{Time: time.Now(), From: wire.Operator, Text: strings.Repeat("Hello? ", 1+n%20)})
	}
	w.joined(s)
	defer w.stop()
	s.read = 0
	const lines = 5000
	for range lines {
		s.Publish(session.Event{Type: session.EventChat, From: wire.Operator, Text: "Hello?", Time: time.Now()})
	}
	yes := true
	s.Publish(session.Event{Type: session.EventPermission, Name: session.View, Granted: &yes, Time: time.Now()})
	uitest.Wait(t, func() bool { return w.unread.count == lines && len(w.journal.entries) == 1 })
	if s.read > lines/10 {
		t.Errorf("the chat was shown %d times", s.read)
	}
	if shown := w.journal.lines(s); len(shown) > kit.ChatShown+2 {
		t.Errorf("%d lines are shown", len(shown))
	}
}

func withChat() *fakeSession {
	s := newFake()
	s.chat = []session.ChatLine{{Time: time.Date(2026, 3, 2, 9, 41, 0, 0, time.Local), From: wire.Operator, Text: "Good morning, Mrs Novak. I am here."}}
	return s
}

func in(state session.State, p session.Permissions) func(fyne.App, theme.Variant) *Window {
	return func(app fyne.App, v theme.Variant) *Window {
		s := withChat()
		w := open(app, v, s, nil)
		w.joined(s)
		at := s.chat[0].Time
		yes := true
		if state != session.Joining {
			w.journal.hear(session.Event{Type: session.EventState, State: session.Active, Time: at.Add(21 * time.Second)}, "Help desk 1")
			w.journal.hear(session.Event{Type: session.EventPermission, Name: session.View, Granted: &yes, Time: at.Add(21 * time.Second)}, "Help desk 1")
			w.journal.hear(session.Event{Type: session.EventPermission, Name: session.Control, Granted: &yes, Time: at.Add(21 * time.Second)}, "Help desk 1")
		}
		s.set(state, p, wire.ReasonByOperator)
		w.changed()
		return w
	}
}

func windows() map[string]func(fyne.App, theme.Variant) *Window {
	both := session.DefaultPermissions()
	return map[string]func(fyne.App, theme.Variant) *Window{
		"code": func(app fyne.App, v theme.Variant) *Window { return open(app, v, nil, nil) },
		"code-relay": func(app fyne.App, v theme.Variant) *Window {
			return newWindow(app, nil, Options{Variant: v})
		},
		"code-wrong": func(app fyne.App, v theme.Variant) *Window {
			w := open(app, v, nil, nil)
			w.code.code.SetText("4821 739 206")
			w.code.finish(context.Background(), nil, wire.Fail(wire.ReasonWrongCode, nil))
			return w
		},
		"code-busy": func(app fyne.App, v theme.Variant) *Window {
			w := open(app, v, nil, nil)
			w.code.code.SetText("4821 739 205")
			w.code.setBusy(func() {})
			w.code.progress.Stop()
			return w
		},
		"ask-everything": func(app fyne.App, v theme.Variant) *Window {
			s := withChat()
			for _, p := range session.AllPermissions {
				s.asked = s.asked.With(p)
			}
			w := open(app, v, s, nil)
			w.joined(s)
			w.show.(*askScreen).left = 0
			w.show.(*askScreen).count()
			w.changed()
			return w
		},
		"offer": func(app fyne.App, v theme.Variant) *Window {
			w := open(app, v, nil, nil)
			w.await = func(ctx context.Context, _ *url.URL, _ func(customer.Offered)) (Session, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			w.offer(relayURL())
			w.offered.show(customer.Offered{Code: session.Code{Routing: "4821739", Secret: "205311"}, Failed: 1})
			w.offered.stop()
			return w
		},
		"menu": func(app fyne.App, v theme.Variant) *Window {
			w := serviced(app, v)
			w.menus.Tapped(nil)
			return w
		},
		"display": func(app fyne.App, v theme.Variant) *Window {
			w := serviced(app, v)
			w.showDisplay()
			return w
		},
		"plain": func(app fyne.App, v theme.Variant) *Window {
			w := serviced(app, v)
			w.showPlain()
			return w
		},
		"proxy": func(app fyne.App, v theme.Variant) *Window {
			w := serviced(app, v)
			w.showProxy()
			return w
		},
		"report": func(app fyne.App, v theme.Variant) *Window {
			w := serviced(app, v)
			w.showReport()
			return w
		},
		"keys": func(app fyne.App, v theme.Variant) *Window {
			w := serviced(app, v)
			w.showKeys()
			return w
		},
		"about": func(app fyne.App, v theme.Variant) *Window {
			w := serviced(app, v)
			w.showAbout()
			return w
		},
		"ask":     in(session.Joining, session.Permissions{}),
		"control": in(session.Active, both),
		"view":    in(session.Active, session.Permissions{}.With(session.View)),
		"paused":  in(session.Active, session.Permissions{}),
		"ended":   in(session.Ended, session.Permissions{}),
	}
}

func TestEveryStateInEveryLanguage(t *testing.T) {
	uitest.EachLanguage(t, func(t *testing.T, language string) {
		for name, build := range windows() {
			for look, variant := range uitest.Looks(language) {
				t.Run(name+"-"+look, func(t *testing.T) {
					w := build(uitest.App(t), variant)
					uitest.Settle(w.win)
					uitest.Fits(t, w.win)
					uitest.Light(t, w.win)
					uitest.Show(t, w.win, "client-"+name, language, look)
				})
			}
		}
	})
}

// TestALowMonitor: on a screen with room for 512 units, as one of 768 pixels at 150 %, all buttons are within the window, and
// during a session it has room below the bar.
func TestALowMonitor(t *testing.T) {
	const room, bar = 512, 58
	uitest.EachLanguage(t, func(t *testing.T, language string) {
		for _, name := range []string{"code", "code-wrong", "code-relay", "code-busy", "ask", "ask-everything", "offer", "control", "view", "paused", "ended"} {
			w := windows()[name](uitest.App(t), theme.Light)
			w.Fit([]image.Rectangle{image.Rect(0, 0, 2560, 1440), image.Rect(2560, 0, 3500, room)})
			uitest.Settle(w.win)
			uitest.Fits(t, w.win)
			uitest.Light(t, w.win)
			if got := max(w.win.Canvas().Size().Height, w.win.Content().MinSize().Height); got > room-titleBar {
				t.Errorf("%s is %v high", name, got)
			}
			if _, running := w.show.(*sessionScreen); running && w.win.Content().MinSize().Height > room-titleBar-bar {
				t.Errorf("%s needs %v and would be behind the bar", name, w.win.Content().MinSize().Height)
			}
			uitest.Picture(t, w.win, "client-low-"+name+"-"+language)
		}
	})
}

func TestTheWindowMakesRoomForTheBar(t *testing.T) {
	screen := []image.Rectangle{image.Rect(0, 0, 1366, 768)}
	bar := image.Rect(193, 0, 1173, 59)
	for name, c := range map[string]struct{ at, want image.Rectangle }{
		"far below":       {image.Rect(443, 120, 923, 720), image.Rect(443, 120, 923, 720)},
		"beside":          {image.Rect(1180, 40, 1366, 720), image.Rect(1180, 40, 1366, 720)},
		"under the bar":   {image.Rect(443, 51, 923, 551), image.Rect(443, 91, 923, 591)},
		"no longer fits":  {image.Rect(443, 51, 923, 731), image.Rect(443, 91, 923, 760)},
		"on another side": {image.Rect(443, 851, 923, 1531), image.Rect(443, 851, 923, 1531)},
	} {
		if now, moved := below(c.at, bar, 32, screen); now != c.want || moved != (c.at != c.want) {
			t.Errorf("%s: %v, want %v", name, now, c.want)
		}
	}
}

// TestWhereAWindowIsOnAMonitor: it stays where it can be seen as a whole, its title included, or else goes back onto the nearest monitor.
func TestWhereAWindowIsOnAMonitor(t *testing.T) {
	monitors := []image.Rectangle{image.Rect(0, 0, 800, 600), image.Rect(800, 0, 1800, 1000)}
	for name, c := range map[string]struct{ at, want image.Rectangle }{
		"on one":               {image.Rect(100, 100, 500, 500), image.Rect(100, 100, 500, 500)},
		"its title above":      {image.Rect(100, 10, 500, 500), image.Rect(100, 32, 500, 522)},
		"beside and below all": {image.Rect(2000, 900, 2400, 1300), image.Rect(400, 200, 800, 600)},
		"across two":           {image.Rect(600, 100, 1000, 500), image.Rect(400, 100, 800, 500)},
		"higher than any":      {image.Rect(900, 100, 1300, 1200), image.Rect(900, 32, 1300, 1132)},
	} {
		if now := onto(c.at, 32, monitors); now != c.want {
			t.Errorf("%s: %v instead of %v", name, now, c.want)
		}
	}
	if at := image.Rect(5, 5, 9, 9); onto(at, 32, nil) != at {
		t.Error("moved although no monitor is known")
	}
}

// TestTheWindowFitsBelowTheBar: on a screen with room for 720 units, as one of 1080 pixels at 150 %, the window fits, but not with
// the bar above it; nor when something has made it as high again as it was.
func TestTheWindowFitsBelowTheBar(t *testing.T) {
	screen, bar := image.Rect(0, 0, 1280, 720), image.Rect(150, 0, 1130, 58)
	room := float32(screen.Max.Y - bar.Max.Y - title - edge)
	w := windows()["control"](uitest.App(t), theme.Light)
	w.Fit([]image.Rectangle{screen})
	w.second = time.Millisecond
	w.options.Place = func(of fyne.Window) (image.Rectangle, bool) {
		if of != w.win {
			return bar, true
		}
		size := w.win.Canvas().Size()
		return image.Rect(400, 40, 400+int(size.Width), 40+int(size.Height)), true
	}
	height := func() float32 { return w.win.Canvas().Size().Height }
	if w.low || height() != normalHeight {
		t.Fatalf("without the bar the window is %v high", height())
	}
	w.belowBar()
	if height() != room {
		t.Errorf("the window is %v high, where there is room for %v", height(), room)
	}
	w.win.Resize(fyne.NewSize(normalWidth, normalHeight))
	uitest.Wait(t, func() bool { return height() == room })
}

func TestToolsOpenBesideTheWindow(t *testing.T) {
	screens := []image.Rectangle{image.Rect(0, 0, 1920, 1080), image.Rect(1920, 0, 2720, 600)}
	for name, c := range map[string]struct {
		window image.Rectangle
		want   image.Point
	}{
		"at the left":         {image.Rect(700, 200, 1180, 880), image.Pt(274, 200)},
		"at the right":        {image.Rect(300, 200, 780, 880), image.Pt(796, 200)},
		"below the bar":       {image.Rect(700, 20, 1180, 700), image.Pt(274, 90)},
		"above the lower end": {image.Rect(700, 600, 1180, 1080), image.Pt(274, 400)},
		"over the window":     {image.Rect(2000, 100, 2600, 580), image.Pt(1928, 90)},
	} {
		if got := beside(c.window, image.Pt(410, 680), 90, screens); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestTypedCode(t *testing.T) {
	uitest.SetLanguage(t, "en")
	w := open(uitest.App(t), theme.Light, nil, nil)
	for _, c := range []struct{ typed, problem string }{
		{"48", ""},                    // not yet long enough: no reproach while typing
		{"4821 739-205", ""},          // spaces and dashes are forgiven
		{"٤٨٢١ ٧٣٩ ٢٠٥", ""},          // so are the digits of other scripts
		{"4821 739 2051 234", "long"}, // can become no code any more
		{"4821x", "digits"},
		{"", ""},
	} {
		w.code.code.SetText(c.typed)
		shown := ""
		if w.code.problemBox.Visible() {
			shown = w.code.problem.Text()
		}
		want := ""
		if c.problem != "" {
			want = text.T("code.error." + c.problem)
		}
		if shown != want {
			t.Errorf("%q: the window says %q, want %q", c.typed, shown, want)
		}
	}
}

func TestShortCodeIsSaidOnConnect(t *testing.T) {
	uitest.SetLanguage(t, "en")
	w := open(uitest.App(t), theme.Light, nil, nil)
	w.code.code.SetText("4821 739")
	w.code.code.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if !w.code.problemBox.Visible() || !strings.Contains(w.code.problem.Text(), "too short") {
		t.Errorf("the window says %q", w.code.problem.Text())
	}
}

func TestWrongCodeIsKept(t *testing.T) {
	uitest.SetLanguage(t, "en")
	w := open(uitest.App(t), theme.Light, nil, nil)
	w.code.code.SetText("4821 739 206")
	w.code.finish(context.Background(), nil, wire.Fail(wire.ReasonWrongCode, errors.New("confirmation differs")))
	if w.code.code.Text != "4821 739 206" || w.code.code.Disabled() {
		t.Errorf("the field has %q, disabled %v", w.code.code.Text, w.code.code.Disabled())
	}
	if got := w.code.problem.Text(); got != text.Reason(wire.ReasonWrongCode) {
		t.Errorf("the window says %q", got)
	}
}

func TestOnlyWhatIsSwitchedOnIsAllowed(t *testing.T) {
	uitest.SetLanguage(t, "en")
	s := newFake()
	w := open(uitest.App(t), theme.Light, s, nil)
	w.second = 20 * time.Millisecond
	w.joined(s)
	ask := w.show.(*askScreen)
	test.Tap(ask.agree)
	if ask.agree.Disabled() != true || s.Info().State != session.Joining {
		t.Fatal("agreeing is possible before anybody can have read who asks")
	}
	uitest.Wait(t, func() bool { return !ask.agree.Disabled() })
	test.Tap(ask.switches[session.Control])
	test.Tap(ask.agree)
	uitest.Wait(t, func() bool { return s.Info().State == session.Active })
	if got := s.Info().Permissions; got.Has(session.Control) || !got.Has(session.View) {
		t.Errorf("allowed: %s", got)
	}
}

func TestSafeButtonComesFirst(t *testing.T) {
	uitest.SetLanguage(t, "en")
	s := newFake()
	w := open(uitest.App(t), theme.Light, s, nil)
	w.joined(s)
	w.win.Canvas().FocusNext()
	if b, ok := w.win.Canvas().Focused().(*kit.Button); !ok || b.Label() != "Cancel" {
		t.Errorf("first comes %v", w.win.Canvas().Focused())
	}
	w.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if !s.declined {
		t.Error("Return on Cancel did not decline")
	}
}

func TestRevokeAndAllow(t *testing.T) {
	uitest.SetLanguage(t, "en")
	s := newFake()
	w := open(uitest.App(t), theme.Light, s, nil)
	w.joined(s)
	s.set(session.Active, session.DefaultPermissions(), "")
	w.changed()
	test.Tap(uitest.Button(t, w.win, "Revoke control"))
	uitest.Wait(t, func() bool { return !s.Info().Permissions.Has(session.Control) })
	w.changed()
	test.Tap(uitest.Button(t, w.win, "Stop sharing"))
	uitest.Wait(t, func() bool { return !s.Info().Permissions.Has(session.View) })
	w.changed()
	if !uitest.Says(w.win, "Help desk 1 sees nothing now") {
		t.Error("the window does not say that nothing is seen")
	}
	uitest.Button(t, w.win, "Share again")
	test.Tap(uitest.Button(t, w.win, "End session"))
	w.changed()
	if _, ended := w.show.(*endedScreen); !ended {
		t.Errorf("shown: %T", w.show)
	}
}
