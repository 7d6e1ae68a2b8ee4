package session

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"sync"
	"time"

	"handrail/session/link"
	"handrail/session/mux"
	"handrail/session/secure"
	"handrail/session/wire"
)

// Rejoin is how a peer comes back to its session after a link broke: it dials the relay again, makes a further
// channel with the session's certificates, and the streams go on where they were.
//
//	          link broke, relay gone,            both are back: what was not
//	          keys are old                       acknowledged is sent again
//	attached ───────────────────────▶ detached ─────────────────────────────▶ attached
//	                                     │ Grace is over, the other side has ended the session
//	                                     ▼
//	                                   ended
type Rejoin struct {
	Relay   *url.URL
	Hello   wire.Hello // with Session and Resume
	Channel *secure.Channel
	Link    *link.Link // of Channel

	// Broken is called at once when the channel breaks: whatever is held down must be let go.
	Broken func(cause error)
	// Lost is called when people should know; not for a change of keys that takes a moment only.
	Lost func(reason wire.Reason)
	// Back is called when the session goes on, after Broken, whether or not Lost was called.
	Back func()

	Renew Renewal      // when to change keys; one side of a session does it. Zero: never
	Log   *slog.Logger // needed
}

// Renewal says how long keys may be used.
type Renewal struct {
	After time.Duration
	Bytes int64
}

// DefaultRenewal is how long the keys of a channel are used.
var DefaultRenewal = Renewal{After: time.Hour, Bytes: 64 << 30}

const (
	// quiet is how long a break that the other side meant may last before people are told.
	quiet = 2 * time.Second
	// The pauses between tries to come back.
	firstPause, longestPause = 50 * time.Millisecond, time.Second
)

// KeepAttached lets the peer survive breaks of its channel until ctx ends or the session does. When the session
// cannot go on, all other calls of the peer fail with the reason, once what had arrived was received.
func (p *Peer) KeepAttached(ctx context.Context, r Rejoin) error {
	p.link.Store(r.Link)
	if r.Hello.Role == wire.Customer { // an operator has the relay's HTTP interface for that
		p.leave.Store(&r)
	}
	renewing, stop := context.WithCancel(ctx)
	var renewer sync.WaitGroup
	defer renewer.Wait()
	defer stop()
	if r.Renew != (Renewal{}) {
		renewer.Go(func() { p.renew(renewing, r.Renew) })
	}
	for {
		cause, err := p.conn.AwaitBreak(ctx)
		if err != nil {
			return err
		}
		if err := p.comeBack(ctx, &r, cause); err != nil {
			p.conn.End(err)
			return err
		}
	}
}

// comeBack gets a detached peer another channel.
func (p *Peer) comeBack(ctx context.Context, r *Rejoin, cause error) error {
	if final(cause) {
		return cause
	}
	r.Log.Info("channel broke", "error", cause)
	since := time.Now()
	r.Broken(cause)
	told := func() { r.Lost(ReasonOf(cause)) }
	if errors.Is(cause, io.EOF) || errors.Is(cause, mux.ErrRenewed) {
		timer := time.AfterFunc(quiet, told)
		defer timer.Stop()
	} else {
		told()
	}
	l, channel, err := p.dialAgain(ctx, r, cause)
	if err != nil {
		r.Log.Info("could not come back", "error", err)
		return err
	}
	p.link.Store(l)
	r.Channel = channel
	if err := p.conn.Attach(channel); err != nil {
		return err
	}
	r.Log.Info("session goes on", "after", time.Since(since))
	r.Back()
	return nil
}

// dialAgain tries until the session's grace is over.
func (p *Peer) dialAgain(ctx context.Context, r *Rejoin, cause error) (*link.Link, *secure.Channel, error) {
	trying, cancel := context.WithTimeout(ctx, wire.Grace)
	defer cancel()
	pause, refused := firstPause, 0
	for {
		wait := pause/2 + rand.N(pause)
		var told *wire.Error
		if errors.As(cause, &told) && told.After > 0 {
			wait = told.After
		}
		select {
		case <-time.After(wait):
		case <-trying.Done():
		}
		l, channel, err := r.try(trying)
		switch {
		case err == nil:
			return l, channel, nil
		case ctx.Err() != nil:
			return nil, nil, err
		case trying.Err() != nil:
			return nil, nil, wire.Fail(wire.ReasonRelayLost, err)
		case final(err):
			return nil, nil, err
		case unknown(err):
			// A damaged question gets such an answer too, so it counts only when it stays.
			if refused++; refused == 3 {
				return nil, nil, err
			}
		default:
			refused = 0
		}
		r.Log.Info("try to come back failed", "error", err)
		cause, pause = err, min(2*pause, longestPause)
	}
}

// try dials once and waits for the other side.
func (r *Rejoin) try(ctx context.Context) (*link.Link, *secure.Channel, error) {
	l, err := link.Dial(ctx, r.Relay, r.Hello)
	if err != nil {
		return nil, nil, err
	}
	if _, err := l.WaitPaired(ctx); err != nil {
		l.Close()
		return nil, nil, err
	}
	channel, err := r.Channel.Rejoin(ctx, l)
	if err != nil {
		l.Close()
		return nil, nil, err
	}
	return l, channel, nil
}

// leave tells the relay that this side has ended the session while it was not attached. The other side, which
// waits for it, hears that from the relay.
func (r *Rejoin) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), goodbye)
	defer cancel()
	l, err := link.Dial(ctx, r.Relay, r.Hello)
	if err != nil {
		return // then the relay ends the session when its grace is over
	}
	defer l.Close()
	if l.Leave(ctx) == nil {
		_, _ = l.WaitPaired(ctx) // until the relay has read it
	}
}

// final tells an error after which there is nothing to come back to from one that may pass.
func final(err error) bool {
	switch ReasonOf(err) {
	case wire.ReasonEnded, wire.ReasonByCustomer, wire.ReasonByOperator, wire.ReasonInsecure:
		return true
	}
	return false
}

// unknown tells whether a relay has answered that there is nothing to come back to, or nobody whom it knows.
func unknown(err error) bool {
	switch ReasonOf(err) {
	case wire.ReasonNotFound, wire.ReasonSignIn, wire.ReasonVersion:
		return true
	}
	return false
}

// renew breaks the channel when its keys have been in use for long; coming back makes new ones.
func (p *Peer) renew(ctx context.Context, limit Renewal) {
	tick := time.NewTicker(min(limit.After/4+1, 5*time.Second))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if since, bytes := p.conn.Use(); time.Since(since) >= limit.After || bytes >= limit.Bytes {
			p.conn.Break(mux.ErrRenewed)
		}
	}
}
