package customer

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"handrail/session"
	"handrail/session/link"
	"handrail/session/secure"
	"handrail/session/wire"
)

// Offered is what a person who waits for help reads out.
type Offered struct {
	Code   session.Code // Code.ID and Code.Password
	Failed int          // how often a wrong password was tried
}

// The pauses between tries to reach the relay.
const firstPause, longestPause = 200 * time.Millisecond, 5 * time.Second

// Await is Join the other way round: it shows an ID and a password, by calling show, and waits until ctx ends for an
// operator who proves to know them. The password is a new one each time, and is never sent anywhere. After
// wire.MaxTries wrong ones it gives up with the reason guessed: whoever guesses gets no further tries by themselves.
func Await(ctx context.Context, config Config, relay *url.URL, show func(Offered)) (*Session, error) {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	w := &waiter{config: config, relay: relay, show: show}
	w.Code.Secret = session.NewSecret()
	s, err := w.await(ctx)
	return s, config.failed(err)
}

// waiter is an ID that is shown.
type waiter struct {
	Offered
	config Config
	relay  *url.URL
	show   func(Offered)
	token  string  // to show the same ID again; "" before the first welcome
	shown  Offered // what show was last called with
}

func (w *waiter) await(ctx context.Context) (*Session, error) {
	pause := firstPause
	for {
		l, channel, paired, err := w.try(ctx)
		if err == nil {
			return begin(ctx, w.config, w.relay, l, channel, paired)
		}
		w.config.Log.Info("waiting for an operator", "error", err)
		if ctx.Err() != nil {
			return nil, wire.Fail(wire.ReasonCancelled, ctx.Err())
		}
		if paired.Type == wire.Paired {
			pause = firstPause
			if w.Failed++; w.Failed >= wire.MaxTries {
				return nil, wire.Fail(wire.ReasonGuessed, err)
			}
		} else if !w.mayTryOn(err) {
			return nil, err
		}
		after := pause
		var known *wire.Error
		if errors.As(err, &known) {
			after = max(after, known.After)
		}
		select {
		case <-time.After(after):
		case <-ctx.Done():
		}
		pause = min(2*pause, longestPause)
	}
}

// mayTryOn tells whether the relay may be there again in a moment. What fails at the first try is told at once.
func (w *waiter) mayTryOn(err error) bool {
	if w.token == "" && w.shown == (Offered{}) {
		return false
	}
	switch session.ReasonOf(err) {
	case wire.ReasonNotFound: // the relay has forgotten the ID: another one, and with it another password
		w.token, w.Code = "", session.Code{Secret: session.NewSecret()}
		return true
	case wire.ReasonUnreachable, wire.ReasonRelayLost, wire.ReasonStopping, wire.ReasonTimeout, wire.ReasonInternal,
		wire.ReasonTooManyTries, wire.ReasonPeerLeft, wire.ReasonUnknownCode, wire.ReasonEnded, wire.ReasonExpired:
		return true
	}
	return false
}

// try waits on a fresh link for one operator. paired.Type tells whether one came.
func (w *waiter) try(ctx context.Context) (l *link.Link, channel *secure.Channel, paired wire.Notice, err error) {
	l, err = link.Dial(ctx, w.relay, wire.Hello{
		Version: wire.Version, Role: wire.Customer, Program: w.config.Program, Offer: true, Routing: w.Code.Routing, Resume: w.token,
	})
	if err != nil {
		return nil, nil, paired, err
	}
	welcome := l.Welcome()
	if len(welcome.Routing) != session.IDLen {
		l.Close()
		return nil, nil, paired, wire.Fail(wire.ReasonVersion, errors.New("the relay gives no ID"))
	}
	w.Code.Routing = welcome.Routing
	if welcome.Resume != "" {
		w.token = welcome.Resume
	}
	if w.Offered != w.shown {
		w.shown = w.Offered
		w.publish()
		w.show(w.Offered)
	}
	if paired, err = l.WaitPaired(ctx); err != nil {
		l.Close()
		return nil, nil, wire.Notice{}, err
	}
	channel, err = proveTo(ctx, l, w.Code)
	return l, channel, paired, err
}

func (w *waiter) publish() {
	if w.config.Events != nil {
		w.config.Events.Publish(session.Event{
			Type: session.EventOffer, Time: time.Now(), Offer: w.Code.Routing, Password: w.Code.Secret,
		})
	}
}
