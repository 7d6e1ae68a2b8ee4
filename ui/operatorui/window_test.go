package operatorui

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"handrail/screen"
	"handrail/session"
	"handrail/session/operator"
	"handrail/session/settings"
	"handrail/session/wire"
	"handrail/transfer"
	"handrail/ui/theme"
	"handrail/ui/uitest"
	"handrail/ui/viewer"
	"handrail/whiteboard"
)

type fakeDesk struct {
	account  operator.Account
	signedIn bool
	password string // of the last sign-in
	refuse   error
	sessions []Session
	forgot   []string
}

func (d *fakeDesk) SignIn(_ context.Context, relay *url.URL, user, password string) error {
	uitest.Blocks("SignIn")

	d.password = password
	if d.refuse != nil {
		return d.refuse
	}
	d.signedIn = true
	d.account = operator.Account{User: user, Name: "Help desk 1", Organisation: "Example", Relay: relay, Allowed: session.Allowed(nil)}
	return nil
}

func (d *fakeDesk) SignOut(context.Context) {
	uitest.Blocks("SignOut")
	d.signedIn = false
}
func (d *fakeDesk) Account() (operator.Account, bool)     { return d.account, d.signedIn }
func (d *fakeDesk) Sessions() []Session                   { return d.sessions }
func (d *fakeDesk) Forget(id string)                      { d.forgot = append(d.forgot, id) }
func (d *fakeDesk) Listen(func(session.Event)) (f func()) { return func() {} }
func (d *fakeDesk) Close()                                {}
func (d *fakeDesk) NewSession(context.Context) (Session, error) {
	uitest.Blocks("NewSession")

	if d.refuse != nil {
		return nil, d.refuse
	}
	s := newFake(fmt.Sprintf("s%d", len(d.sessions)+1))
	d.sessions = append(d.sessions, s)
	return s, nil
}

func (d *fakeDesk) Connect(ctx context.Context, code session.Code) (Session, error) {
	s, err := d.NewSession(ctx)
	if err == nil {
		s.(*fakeSession).code, s.(*fakeSession).info.Offered = code, true
	}
	return s, err
}

type fakeSession struct {
	copied  []string      // on this computer
	pasted  chan []string // given to PasteFiles
	code    session.Code  // "": the usual one
	id      string
	info    operator.Info
	chat    []session.ChatLine
	read    int // how often the window has read it
	picture *fakePicture
	modes   chan screen.Mode // given to SetMode
	pad     *whiteboard.Pad
	ended   bool
	kept    []byte // a picture on the clipboard
	asked   *session.Permissions
	label   operator.Label
	invite  func(to, language string) error
}

func newFake(id string) *fakeSession {
	return &fakeSession{id: id, pad: whiteboard.NewHub("Help desk 1"), pasted: make(chan []string, 1), modes: make(chan screen.Mode, 1), picture: desktopPicture(), info: operator.Info{
		ID: id, State: session.Waiting, Created: now(), Expires: now().Add(9*time.Minute + 20*time.Second), TriesLeft: 3, Quality: session.High,
	}}
}

func (s *fakeSession) in(state session.State) *fakeSession {
	s.info.State = state
	if state == session.Waiting {
		return s
	}
	s.info.Address = "203.0.113.24"
	s.info.Customer = session.Party{Name: "RECEPTION-PC", System: "Debian GNU/Linux 12 (bookworm)", Program: "handrail-client 1.0"}
	s.info.Verifier = "amber coral lemon tulip"
	if state == session.Joining {
		return s
	}
	s.info.Started = now().Add(-12 * time.Minute)
	s.info.Permissions = session.DefaultPermissions()
	s.info.Desktop = screen.Desktop{Width: 1920, Height: 1080, Monitors: []screen.Monitor{
		{Name: "1", Bounds: image.Rect(0, 0, 1200, 1080), Primary: true}, {Name: "2", Bounds: image.Rect(1200, 0, 1920, 1080), Scale: 150},
	}}
	if state == session.Ended {
		s.info.Ended, s.info.Reason = now(), wire.ReasonByCustomer
	}
	return s
}

func (s *fakeSession) Ask(p session.Permissions) { s.asked = &p }
func (s *fakeSession) Label() operator.Label     { return s.label }
func (s *fakeSession) SetLabel(l operator.Label) { s.label = l }
func (s *fakeSession) Asked() session.Permissions {
	if s.asked == nil {
		return session.DefaultPermissions()
	}
	return *s.asked
}

func (s *fakeSession) Ping(context.Context) (time.Duration, error) {
	uitest.Blocks("Ping")

	return 18 * time.Millisecond, nil
}

func (s *fakeSession) CopyPicture(png []byte) error {
	uitest.Blocks("CopyPicture")
	s.kept = png
	return nil
}
func (s *fakeSession) ID() string { return s.id }
func (s *fakeSession) Code() session.Code {
	if s.code != (session.Code{}) {
		return s.code
	}
	return session.Code{Routing: "4821", Secret: "739205"}
}
func (s *fakeSession) JoinURL() string { return "https://support.example.com/join/4821#739205" }
func (s *fakeSession) Invite(_ context.Context, to, language string) error {
	uitest.Blocks("Invite")

	return s.invite(to, language)
}
func (s *fakeSession) Info() operator.Info { return s.info }
func (s *fakeSession) Chat(text string) error {
	uitest.Blocks("Chat")

	s.chat = append(s.chat, session.ChatLine{Time: time.Now(), From: wire.Operator, Text: text})
	return nil
}

func (s *fakeSession) Transcript() []session.ChatLine {
	s.read++
	return s.chat
}

func (s *fakeSession) SetPlain(plain bool) error {
	uitest.Blocks("SetPlain")
	s.info.Plain = plain
	return nil
}

func (s *fakeSession) SetQuality(q session.Quality) error {
	uitest.Blocks("SetQuality")
	s.info.Quality = q
	return nil
}
func (s *fakeSession) SetMode(m screen.Mode) error { s.modes <- m; return nil }
func (s *fakeSession) End()                        { s.ended = true }
func (s *fakeSession) Source() viewer.Source       { return s.picture }
func (s *fakeSession) Snapshot() *image.RGBA       { return image.NewRGBA(image.Rect(0, 0, 64, 48)) }
func (s *fakeSession) Move(int, int) error {
	uitest.Blocks("Move")
	return nil
}

func (s *fakeSession) Button(screen.Button, bool) error {
	uitest.Blocks("Button")
	return nil
}

func (s *fakeSession) Scroll(int, int) error {
	uitest.Blocks("Scroll")
	return nil
}

func (s *fakeSession) Key(uint32, bool) error {
	uitest.Blocks("Key")
	return nil
}

func (s *fakeSession) Type(string) error {
	uitest.Blocks("Type")
	return nil
}
func (s *fakeSession) Marks() []whiteboard.Mark { return s.pad.Marks(s.Monitors()) }
func (s *fakeSession) MayDraw() error           { return nil }
func (s *fakeSession) CopiedFiles() []string    { return s.copied }
func (s *fakeSession) PasteFiles(_ context.Context, paths []string) error {
	s.pasted <- paths
	return nil
}
func (s *fakeSession) FetchCopied(context.Context) error { return nil }

func (s *fakeSession) Files() *transfer.Exchange {
	return transfer.New(transfer.Config{Folder: "/home/anna/Downloads"})
}
func (s *fakeSession) Board() *whiteboard.Pad { return s.pad }
func (s *fakeSession) Monitors() []whiteboard.Monitor {
	return []whiteboard.Monitor{{Name: "1", Bounds: image.Rect(0, 0, 1920, 1080)}}
}
func (s *fakeSession) ReleaseAll() error { return nil }

// drawAll draws one of each kind.
func (s *fakeSession) drawAll() {
	place, _ := whiteboard.PlaceAt(s.Monitors(), 0, 0)
	wave := []whiteboard.Point{}
	for i := range 60 {
		wave = append(wave, whiteboard.At(620+8*i, 330+int(14*math.Sin(float64(i)/4))))
	}
	at := func(x0, y0, x1, y1 int) []whiteboard.Point {
		return []whiteboard.Point{whiteboard.At(x0, y0), whiteboard.At(x1, y1)}
	}
	_, _ = s.pad.Draw(whiteboard.Style{Kind: whiteboard.Highlighter, Color: whiteboard.Yellow, Width: 36}, place, at(600, 500, 1100, 500))
	_, _ = s.pad.Draw(whiteboard.Style{Kind: whiteboard.Pen, Color: whiteboard.Red, Width: 8}, place, wave)
	_, _ = s.pad.Draw(whiteboard.Style{Kind: whiteboard.Arrow, Color: whiteboard.Red, Width: 8}, place, at(1250, 760, 1120, 620))
	_, _ = s.pad.Draw(whiteboard.Style{Kind: whiteboard.Ellipse, Color: whiteboard.Blue, Width: 6}, place, at(560, 440, 1140, 560))
	_, _ = s.pad.Draw(whiteboard.Style{Kind: whiteboard.Rectangle, Color: whiteboard.Green, Width: 6}, place, at(620, 640, 900, 780))
	_, _ = s.pad.Write(whiteboard.Style{Color: whiteboard.Red, Width: 48}, place, whiteboard.At(1180, 780), "Click here")
	s.pad.Point(place, whiteboard.At(1000, 700), true)
}

type fakePicture struct{ fb *screen.Framebuffer }

// desktopPicture is made once: nobody paints on it.
var desktopPicture = sync.OnceValue(func() *fakePicture { return newFakePicture(1920, 1080) })

// newFakePicture is a desktop with a window on it.
func newFakePicture(width, height int) *fakePicture {
	fb := screen.NewFramebuffer(width, height, screen.RGBA)
	for y := range height {
		for x := range width {
			c := color.NRGBA{R: uint8(40 + 60*y/height), G: uint8(90 + 70*x/width), B: 150, A: 255}
			if x > width/4 && x < width*3/4 && y > height/5 && y < height*4/5 {
				c = color.NRGBA{R: 250, G: 250, B: 250, A: 255}
				if y < height/5+40 {
					c = color.NRGBA{R: 60, G: 66, B: 76, A: 255}
				}
			}
			i := y*fb.Stride + 4*x
			fb.Pix[i], fb.Pix[i+1], fb.Pix[i+2], fb.Pix[i+3] = c.R, c.G, c.B, 255
		}
	}
	return &fakePicture{fb}
}

func (p *fakePicture) View(fn func(*screen.Framebuffer)) { fn(p.fb) }
func (p *fakePicture) Size() (int, int) {
	if p.fb == nil {
		return 0, 0
	}
	return p.fb.Width, p.fb.Height
}
func (p *fakePicture) OnUpdate(func([]image.Rectangle)) func() { return func() {} }

func relayURL() *url.URL { return &url.URL{Scheme: "https", Host: "support.example.com"} }

// noon is when the windows of the tests are looked at.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.Local)

func TestMain(m *testing.M) {
	now = func() time.Time { return noon }
	os.Exit(m.Run())
}

func signedIn(sessions ...Session) *fakeDesk {
	return &fakeDesk{signedIn: true, sessions: sessions, account: operator.Account{User: "desk1", Name: "Help desk 1", Organisation: "Example", Relay: relayURL(), Allowed: session.Allowed(nil)}}
}

// someSettings are settings of which one is the user's and one the policy's.
func someSettings() *settings.Values {
	dir, err := os.MkdirTemp("", "handrail")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	policy := filepath.Join(dir, "policy.toml")
	if err := os.WriteFile(policy, []byte("open_viewer = true\nrelay = 'support.example.com'\n"), 0o600); err != nil {
		panic(err)
	}
	v, _ := settings.Open(settings.Operator, "", policy)
	if err := v.Set("quality", "speed"); err != nil {
		panic(err)
	}
	return v
}

// windows are the states of the main window.
func windows() map[string]func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
	board := func(states ...session.State) func(fyne.App, theme.Variant) (*Window, fyne.Window) {
		return func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			list := []Session{}
			for i, state := range states {
				s := newFake(fmt.Sprint("s", i)).in(state)
				if state == session.Active || state == session.Joining {
					s.chat = []session.ChatLine{
						{Time: time.Date(2026, 3, 2, 9, 41, 0, 0, time.Local), From: wire.Customer, Text: "Hello, the printer does not print any more."},
						{Time: time.Date(2026, 3, 2, 9, 42, 0, 0, time.Local), From: wire.Operator, Text: "Good morning! I will have a look at it together with you, it should not take long."},
						{Time: time.Date(2026, 3, 2, 9, 42, 0, 0, time.Local), From: wire.Customer, Text: "Thanks"},
					}
				}
				if i == len(states)-2 {
					s.info.TriesLeft = 2
				}
				list = append(list, s)
			}
			w := newWindow(app, signedIn(list...), Options{Variant: v})
			if len(list) > 0 {
				w.board.choose(list[len(list)-1].ID())
			}
			return w, w.win
		}
	}
	return map[string]func(fyne.App, theme.Variant) (*Window, fyne.Window){
		"signin": func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			w := newWindow(app, &fakeDesk{}, Options{Relay: relayURL(), Variant: v})
			return w, w.win
		},
		"signin-failed": func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			w := newWindow(app, &fakeDesk{}, Options{Relay: relayURL(), User: "desk1", Variant: v})
			w.signIn.finish(context.Background(), wire.Fail(wire.ReasonUnreachable, nil))
			return w, w.win
		},
		"empty":   board(),
		"waiting": board(session.Ended, session.Active, session.Waiting),
		"joining": board(session.Active, session.Joining),
		"active":  board(session.Ended, session.Waiting, session.Active),
		"ended":   board(session.Active, session.Ended),
		"problem": func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			s := newFake("s1")
			s.info.TriesLeft = 2
			w := newWindow(app, signedIn(s), Options{Variant: v})
			w.board.choose("s1")
			w.board.started(nil, wire.Fail(wire.ReasonUnreachable, nil))
			return w, w.win
		},
		"edit": func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			s := newFake("s1").in(session.Active)
			s.label = operator.Label{Customer: "Mrs Novak", Topic: "Printer", Notes: "Calls again on Monday."}
			w := newWindow(app, signedIn(s), Options{Variant: v})
			w.board.choose("s1")
			w.board.edit(s)
			return w, w.win
		},
		"details": func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			s := newFake("s1").in(session.Active)
			s.label = operator.Label{Customer: "Mrs Novak", Topic: "Printer", Notes: "Calls again on Monday."}
			w := newWindow(app, signedIn(s), Options{Variant: v})
			w.board.choose("s1")
			w.board.details(s)
			return w, w.win
		},
		"viewer-hidden": func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			s := newFake("s1").in(session.Active)
			w := newWindow(app, signedIn(s), Options{Variant: v})
			w.board.openViewer(s)
			w.board.viewers["s1"].setHidden(true)
			return w, w.board.viewers["s1"].win
		},
		"viewer-keys": func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			s := newFake("s1").in(session.Active)
			w := newWindow(app, signedIn(s), Options{Variant: v})
			w.board.openViewer(s)
			uitest.Settle(w.board.viewers["s1"].win)
			w.board.viewers["s1"].showKeys()
			return w, w.board.viewers["s1"].win
		},
		"settings-overview": func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			w := newWindow(app, signedIn(), Options{Variant: v, Settings: someSettings()})
			w.openSettings()
			w.settings.open("overview")
			return w, w.settings.win
		},
		"settings-broken": func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			w := newWindow(app, signedIn(), Options{Relay: relayURL(), Variant: v, Settings: someSettings(), Notes: []settings.Note{
				{Kind: settings.NoteBroken, Path: "/home/anna/.config/handrail/settings.toml", Line: 12, Column: 9},
				{Kind: settings.NoteValue, Path: "/etc/handrail/policy.toml", Key: "appearance"},
			}})
			w.openSettings()
			return w, w.settings.win
		},
		"settings-general": func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			w := newWindow(app, signedIn(), Options{Variant: v, Settings: someSettings()})
			w.openSettings()
			w.settings.open("general")
			return w, w.settings.win
		},
		"settings-remote": func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			w := newWindow(app, signedIn(), Options{Variant: v, Settings: someSettings()})
			w.openSettings()
			w.settings.open("remote")
			return w, w.settings.win
		},
		"settings-advanced": func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			w := newWindow(app, signedIn(), Options{Variant: v, Settings: someSettings()})
			w.openSettings()
			w.settings.open("advanced")
			return w, w.settings.win
		},
		"keys": func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			w := newWindow(app, signedIn(), Options{Variant: v})
			uitest.Settle(w.win)
			w.showShortcuts()
			return w, w.win
		},
		"connect": func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			w := newWindow(app, signedIn(), Options{Variant: v})
			uitest.Settle(w.win)
			w.board.askConnect("482 17 39")
			return w, w.win
		},
		"connecting": func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			s := newFake("s1")
			s.code, s.info.Offered = session.Code{Routing: "4821739", Secret: "205311"}, true
			w := newWindow(app, signedIn(s), Options{Variant: v})
			w.board.choose("s1")
			return w, w.win
		},
		"menu": func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			s, other := newFake("s1"), newFake("s2").in(session.Active)
			w := newWindow(app, signedIn(s, other), Options{Variant: v})
			w.board.choose("s1")
			uitest.Settle(w.win)
			w.board.rows["s1"].showMenu()
			return w, w.win
		},
		"viewer": func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			s := newFake("s1").in(session.Active)
			w := newWindow(app, signedIn(s), Options{Variant: v})
			w.board.openViewer(s)
			s.chat = []session.ChatLine{{Time: now(), From: wire.Customer, Text: "I can see your pointer."}}
			w.board.viewers["s1"].toggleChat()
			m := w.board.meterOf("s1")
			m.mbit, m.perSec, m.latency = 3.4, 27, 18*time.Millisecond
			w.board.viewers["s1"].update()
			return w, w.board.viewers["s1"].win
		},
		"viewer-drawing": func(app fyne.App, v theme.Variant) (*Window, fyne.Window) {
			s := newFake("s1").in(session.Active)
			s.drawAll()
			w := newWindow(app, signedIn(s), Options{Variant: v})
			w.board.openViewer(s)
			w.board.viewers["s1"].toggleDrawing()
			w.board.viewers["s1"].tools.SetLife(5)
			return w, w.board.viewers["s1"].win
		},
	}
}

func TestEveryStateInEveryLanguage(t *testing.T) {
	uitest.EachLanguage(t, func(t *testing.T, language string) {
		for name, build := range windows() {
			for look, variant := range uitest.Looks(language) {
				t.Run(name+"-"+look, func(t *testing.T) {
					main, w := build(uitest.App(t), variant)
					t.Cleanup(main.stop)
					uitest.Settle(w)
					uitest.Fits(t, w)
					uitest.Light(t, w)
					uitest.Show(t, w, "operator-"+name, language, look)
				})
			}
		}
	})
}
