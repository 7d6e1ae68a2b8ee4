package relay

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"handrail/session/relay/store"
	"handrail/session/wire"
)

// link is one peer's connection. Its reader goroutine (read.go) runs in the HTTP handler; its keeper goroutine
// writes notices, pings and closes. Packets for this peer are written by the other peer's reader.
type link struct {
	// Fixed after accept.
	conn    *websocket.Conn
	socket  *socket
	times   Times
	record  func(Recording) // may be nil
	others  func() []string // addresses of other relays
	metrics *metrics
	address string
	notices chan wire.Notice // at most welcome, paired and one that ends; never fills
	ready   chan struct{}    // closed by the keeper when Paired is written: packets may follow
	gone    chan struct{}    // closed by the reader when it has ended
	kept    chan struct{}    // closed by the keeper when it has ended

	// Set by the reader before the directory knows the link.
	account      store.Account // operator
	organisation string        // operator
	allowed      []string      // operator: what customers may be asked for; nil: everything

	elsewhere string // the node that has the session; set by the reader before it finishes the link with that reason

	session *session // guarded by the directory's lock
	offer   *offer   // customer: the ID that its program shows; guarded by the directory's lock

	// Shared.
	identity     atomic.Pointer[identity]
	peer         atomic.Pointer[link] // set once, before Paired is sent
	ending       atomic.Bool          // the last notice is on its way
	readingSince atomic.Int64         // ticks; 0 while the reader does not read
	writingSince atomic.Int64         // ticks; 0 while no packet is being written to this link
	slowUntil    atomic.Int64         // ticks; end of the last packet that had to wait for this link
	pinging      atomic.Bool
	pings        sync.WaitGroup // of the keeper

	// Counted by the reader, for the log.
	packets, bytes int64
}

const noticeQueue = 4

// identity is who a link belongs to, as far as is known yet.
type identity struct {
	role wire.Role // "" before the Hello
	log  *slog.Logger
}

// slowWrite is how long a packet takes at least that had to wait for the link: that it was taken in the end is a sign of
// life.
const slowWrite = 100 * time.Millisecond

var boot = time.Now()

// ticks is the time in ns by the monotonic clock: links must not die when somebody sets the clock. It is never 0.
func ticks() int64 { return int64(time.Since(boot)) + 1 }

func (l *link) log() *slog.Logger { return l.identity.Load().log }

// welcome, paired and finish tell the peer something. They never wait.

func (l *link) welcome(session string) {
	l.tell(wire.Notice{Type: wire.Welcome, Version: wire.Version, Session: session, Relays: l.others()})
}

func (l *link) paired(n wire.Notice) { l.tell(n) }

// finish ends the link: the peer gets this notice, then the link closes. Only the first call counts.
func (l *link) finish(kind wire.NoticeType, reason wire.Reason) { l.finishAfter(kind, reason, 0) }

// finishAfter also says after how long to dial again.
func (l *link) finishAfter(kind wire.NoticeType, reason wire.Reason, after time.Duration) {
	if !l.ending.CompareAndSwap(false, true) {
		return
	}
	n := wire.Notice{Type: kind, Reason: reason, Text: reason.Sentence(), After: int(after.Milliseconds())}
	if reason == wire.ReasonElsewhere {
		n.Relay = l.elsewhere
	}
	if kind == wire.Refused {
		n.Version = wire.Version
	}
	l.metrics.count(kind, reason)
	l.log().Info("link ends", "notice", string(kind), "reason", string(reason))
	l.tell(n)
}

func (l *link) tell(n wire.Notice) {
	select {
	case l.notices <- n:
	default: // cannot happen; and if it could, a lost notice must not leave the peer waiting
		l.kill()
	}
}

// end waits until the peer has been told the end, if that is on its way, and closes the link. The reader calls it
// last.
func (l *link) end() {
	if l.ending.Load() {
		<-l.kept
		close(l.gone)
	} else {
		close(l.gone)
		<-l.kept
	}
	l.conn.CloseNow()
}

// kill cuts the connection, which ends whatever reads or writes it.
func (l *link) kill() { l.socket.Close() }

// keep is the keeper: it ends when the link is closed or its reader gone.
func (l *link) keep() {
	defer close(l.kept)
	defer l.pings.Wait()
	tick := time.NewTicker(l.times.KeepAlive / 5)
	defer tick.Stop()
	for {
		select {
		case n := <-l.notices:
			if err := l.write(n); err != nil {
				l.kill()
				return
			}
			switch n.Type {
			case wire.Paired:
				close(l.ready)
			case wire.Refused, wire.Ended:
				l.close(n)
				return
			}
		case <-tick.C:
			if reason := l.stalled(ticks()); reason != "" {
				l.log().Info("link is dead", "why", reason)
				l.kill()
				return
			}
		case <-l.gone:
			return
		}
	}
}

func (l *link) write(n wire.Notice) error {
	data, err := json.Marshal(n)
	if err != nil {
		return err
	}
	l.recorded(true, RecordText, data)
	ctx, cancel := context.WithTimeout(context.Background(), l.times.Notice)
	defer cancel()
	return l.conn.Write(ctx, websocket.MessageText, data)
}

// close goes through the closing handshake, so that the peer reads the last notice before it finds the connection
// closed; a peer that does not answer in time is cut.
func (l *link) close(n wire.Notice) {
	cut := time.AfterFunc(l.times.Close, l.kill)
	defer cut.Stop()
	code := websocket.StatusNormalClosure
	switch {
	case n.Reason == wire.ReasonTooLarge:
		code = websocket.StatusMessageTooBig
	case n.Reason == wire.ReasonStopping:
		code = websocket.StatusGoingAway
	case n.Type == wire.Refused:
		code = websocket.StatusPolicyViolation
	}
	l.conn.Close(code, string(n.Reason)) // an error means that the connection is gone, as is wanted
}

// stalled says why the link counts as dead, or "". A silent link is pinged. Silence counts only while the relay reads
// the link and no packet waits for it: a link whose own packets wait for a slow reader at the other side has no
// chance to be heard, nor can its pong get past them, and one that is slow itself would not see the ping yet.
func (l *link) stalled(now int64) string {
	if writing := l.writingSince.Load(); writing != 0 {
		if now-writing > int64(l.times.Write) {
			return "it does not take what is sent"
		}
		if now-writing > int64(slowWrite) {
			return ""
		}
	}
	reading := l.readingSince.Load()
	if reading == 0 {
		return ""
	}
	silence := time.Duration(now - max(reading, l.socket.heard.Load(), l.slowUntil.Load()))
	switch {
	case silence > l.times.KeepAlive+l.times.PingGrace:
		return "it is silent"
	case silence > l.times.KeepAlive*3/4 && l.pinging.CompareAndSwap(false, true):
		// The pong counts by being heard; Ping must only not outlive the link.
		l.pings.Go(func() {
			defer l.pinging.Store(false)
			ctx, cancel := context.WithTimeout(context.Background(), l.times.PingGrace)
			defer cancel()
			l.conn.Ping(ctx)
		})
	}
	return ""
}

func (l *link) recorded(sent bool, kind RecordingKind, data []byte) {
	if l.record != nil {
		l.record(Recording{Address: l.address, From: l.identity.Load().role, Sent: sent, Kind: kind, Data: data})
	}
}
