package customerui

import (
	"context"
	"net/url"
	"testing"

	"fyne.io/fyne/v2/test"

	"handrail/session"
	"handrail/session/customer"
	"handrail/session/wire"
	"handrail/ui/theme"
	"handrail/ui/uitest"
)

// answer is what waiting for an operator ends with.
type answer struct {
	session *fakeSession
	err     error
}

// offering is a window that shows an ID and a password; what is sent on the channel ends the waiting.
func offering(t *testing.T) (*Window, chan answer) {
	uitest.SetLanguage(t, "en")
	w := open(uitest.App(t), theme.Light, nil, nil)
	ends := make(chan answer)
	w.await = func(ctx context.Context, _ *url.URL, show func(customer.Offered)) (Session, error) {
		show(customer.Offered{Code: session.Code{Routing: "4821739", Secret: "205311"}})
		select {
		case a := <-ends:
			if a.err != nil {
				return nil, a.err
			}
			return a.session, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	t.Cleanup(func() {
		if w.offered != nil {
			w.offered.stop()
		}
	})
	test.Tap(uitest.Button(t, w.win, "Show an ID and password instead"))
	uitest.Wait(t, func() bool { return uitest.Says(w.win, "Password") })
	return w, ends
}

func TestOfferLeadsToTheQuestion(t *testing.T) {
	w, ends := offering(t)
	ends <- answer{session: newFake()}
	uitest.Wait(t, func() bool { _, asked := w.show.(*askScreen); return asked })
}

func TestGuessedPasswordIsSaidAndReplaced(t *testing.T) {
	w, ends := offering(t)
	ends <- answer{err: wire.Fail(wire.ReasonGuessed, nil)}
	uitest.Wait(t, func() bool { return w.offered.again.Visible() })
	if uitest.Says(w.win, "Password") {
		t.Error("the password that was guessed at is still shown")
	}
	test.Tap(w.offered.again)
	uitest.Wait(t, func() bool { return uitest.Says(w.win, "Password") })
}

func TestLeavingAnOfferShowsTheCode(t *testing.T) {
	w, _ := offering(t)
	test.Tap(uitest.Button(t, w.win, "Enter a code instead"))
	if _, code := w.show.(*codeScreen); !code || w.offered != nil {
		t.Errorf("shown: %T", w.show)
	}
}
