package relay

import (
	"context"
	"log/slog"
	"time"

	"handrail/session/relay/store"
	"handrail/session/wire"
)

// change is something that happened to a session, for the history.
type change struct {
	kind   changeKind
	record store.SessionRecord // created: all of it; tried: ID and Tries; joined: ID and the resume hashes; else ID alone
	at     time.Time
	reason wire.Reason // ended
	number string      // of an offer

	written chan struct{} // closed when it is in the store, or lost; nil: nobody waits
}

type changeKind int

const (
	sessionCreated changeKind = iota
	sessionTried
	sessionJoined
	sessionEnded
	offerMade // only of interest where there are several relays
	offerGone
)

// journalQueue is how many changes may wait for the store. When it is full, because the disk hangs, further
// changes are lost to the history, with a line in the log: sessions matter more than their history.
const journalQueue = 4096

// journal writes the history, in order, in a goroutine of its own, so that no session ever waits for the disk.
type journal struct {
	store   Store
	log     *slog.Logger
	changes chan change
	done    chan struct{}
	nodes   *nodes
}

func newJournal(st Store, log *slog.Logger, n *nodes) *journal {
	j := &journal{nodes: n, store: st, log: log, changes: make(chan change, journalQueue), done: make(chan struct{})}
	go j.run()
	return j
}

// add never waits.
func (j *journal) add(c change) {
	select {
	case j.changes <- c:
	default:
		j.log.Error("the history missed a change of a session: the store is too slow", "session", c.record.ID)
		c.done()
	}
}

// close writes what waits and returns. Nothing may be added afterwards.
func (j *journal) close() {
	close(j.changes)
	<-j.done
}

func (j *journal) run() {
	defer close(j.done)
	for c := range j.changes {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		if err := j.write(ctx, c); err != nil {
			j.log.Error("the history missed a change of a session", "session", c.record.ID, "error", err)
		}
		cancel()
		c.done()
	}
}

func (c change) done() {
	if c.written != nil {
		close(c.written)
	}
}

func (j *journal) write(ctx context.Context, c change) error {
	switch c.kind {
	case sessionCreated:
		return j.store.AddSession(ctx, c.record)
	case sessionTried:
		return j.store.SessionTried(ctx, c.record.ID, c.record.Tries)
	case sessionJoined:
		return j.store.SessionJoined(ctx, c.record.ID, c.at, c.record.OperatorResume, c.record.CustomerResume)
	case offerMade, offerGone:
		return j.nodes.keepOffer(ctx, c)
	default:
		return j.store.SessionEnded(ctx, c.record.ID, c.at, string(c.reason))
	}
}
