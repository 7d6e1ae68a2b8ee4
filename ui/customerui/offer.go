package customerui

import (
	"context"
	"net/url"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"handrail/session/customer"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// offerScreen shows an ID and a password, which the person reads out. Both are new whenever it opens, and worth
// nothing once it is left.
type offerScreen struct {
	window *Window
	relay  *url.URL
	root   fyne.CanvasObject

	card       *fyne.Container // with the ID and the password
	waiting    fyne.CanvasObject
	progress   *kit.Busy
	problem    *kit.Text
	note       *kit.Panel
	again      *kit.Button // a new password, after one was guessed at or the relay was not there
	back       *kit.Button
	cancel     context.CancelFunc
	shown      customer.Offered
	waitingFor *awaited
}

// lowDigits is how large the digits are in a low window, so that both codes are seen at once.
const lowDigits = 36

// awaited is what waits in the background, and the screen that shows it: another one when the language has changed.
type awaited struct{ screen *offerScreen }

// offer shows an ID and a password and waits for whoever types them.
func (w *Window) offer(relay *url.URL) {
	if w.offered != nil {
		w.offered.stop()
	}
	w.offered = newOfferScreen(w, relay)
	w.open(w.offered)
	w.offered.begin()
}

func newOfferScreen(w *Window, relay *url.URL) *offerScreen {
	s := &offerScreen{window: w, relay: relay, problem: kit.Para("").In(theme.AmberText), progress: kit.NewBusy()}
	s.note = kit.Note(theme.AmberSoft, s.problem)
	s.note.Hide()
	s.card = kit.Column(0)
	s.again = kit.NewButton(kit.Primary, text.T("offer.new"), "rotate-ccw", func() { w.offer(relay) }).Big()
	s.again.Hide()
	s.back = kit.NewButton(kit.Secondary, text.T("offer.back"), "", s.leave).Big()
	s.waiting = kit.Row(12, kit.Sized(48, 20, s.progress), kit.Fill(kit.Para(text.T("offer.waiting")).In(theme.Muted)))
	gap := float32(16)
	if w.low {
		gap = 10
	}
	body := kit.Column(gap,
		kit.Column(8,
			kit.Row(8, kit.Fill(kit.Heading(text.T("offer.title"), theme.Display)), w.menuButton()),
			kit.Para(text.T("offer.hint")).Sized(theme.Large).In(theme.Muted)),
		s.card, s.waiting, s.note, s.again)
	foot := kit.Row(10, kit.NewIcon("shield-check", 18, theme.Muted), kit.Fill(kit.Hint(text.T("offer.safe"))))
	var middle fyne.CanvasObject = kit.Narrow(screenWidth, false, body)
	if w.scrolls() {
		middle = container.NewVScroll(scrolled(body))
	}
	s.root = frame(s.back, kit.Border(nil, kit.Pad(8, 0, 0, 0, foot), nil, nil, middle))
	return s
}

// rebuilt is the same screen, built anew: with the same ID and password.
func (s *offerScreen) rebuilt() *offerScreen {
	n := newOfferScreen(s.window, s.relay)
	n.cancel, n.waitingFor = s.cancel, s.waitingFor
	n.waitingFor.screen = n
	s.progress.Stop()
	n.progress.Start()
	if s.shown.Code.Routing != "" {
		n.show(s.shown)
	}
	s.window.offered = n
	return n
}

func (s *offerScreen) object() fyne.CanvasObject { return s.root }
func (s *offerScreen) update()                   {}
func (s *offerScreen) focus()                    {}

// begin waits, in the background, until somebody has proved the password or the screen is left.
func (s *offerScreen) begin() {
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	s.progress.Start()
	a := &awaited{screen: s}
	s.waitingFor = a
	go func() {
		joined, err := s.window.await(ctx, s.relay, func(o customer.Offered) { kit.Do(func() { a.screen.show(o) }) })
		kit.Do(func() { a.screen.finish(ctx, joined, err) })
	}()
}

// show shows what is to be read out.
func (s *offerScreen) show(o customer.Offered) {
	s.shown = o
	part := func(key, code string) fyne.CanvasObject {
		shown := kit.NewCode(code)
		shown.Left = true
		if s.window.low {
			shown.Most = lowDigits
			return kit.Row(14, kit.Sized(96, 1, kit.NewText(text.T(key)).In(theme.Muted)), kit.Fill(shown))
		}
		return kit.Column(8, kit.NewText(text.T(key)).In(theme.Muted), shown)
	}
	s.card.Objects = []fyne.CanvasObject{kit.Card(kit.Column(14, part("offer.id", o.Code.ID()), part("signin.password", o.Code.Password())))}
	s.card.Refresh()
	if o.Failed > 0 {
		s.fail(text.T("offer.wrong"))
	}
}

func (s *offerScreen) fail(sentence string) {
	s.problem.SetText(sentence)
	s.note.Show()
	if s.window.low {
		s.waiting.Hide() // the note has its place
	}
	s.root.Refresh()
}

// finish goes on with the session, or says why there is none.
func (s *offerScreen) finish(ctx context.Context, joined Session, err error) {
	left := ctx.Err() != nil || s.window.closing
	s.stop()
	switch {
	case err == nil && left:
		go joined.Close()
	case err == nil:
		s.window.joined(joined)
	case !left:
		s.card.Objects = nil
		s.card.Refresh()
		s.waiting.Hide()
		s.again.Show()
		s.fail(text.Error(err))
		kit.Focus(s.window.win, s.again)
	}
}

// stop makes the ID and the password worthless.
func (s *offerScreen) stop() {
	s.progress.Stop()
	if s.cancel != nil {
		s.cancel()
	}
}

// leave goes back to the field for a code.
func (s *offerScreen) leave() {
	s.stop()
	s.window.offered = nil
	s.window.again()
}
