package relay

import (
	"context"
	"errors"
	"log/slog"
	"sync"
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

// journalQueue is how many changes may wait for the store. When it is full, because the disk hangs, further changes, but for
// ends, are lost to the history, with a line in the log: sessions matter more than their history.
const journalQueue = 4096

const (
	// maxOwed is how many ends of sessions wait for a store that could not be reached: a session whose end is lost would be
	// listed as active for ever. When there are more, the first are lost, with a line in the log.
	maxOwed = 4 * journalQueue
	// owedPause is how long the journal waits between two tries to write them.
	owedPause = time.Second
	// closePatience is how long everything that still waits has to be written when the relay stops: a store that says nothing
	// must not keep it from that.
	closePatience = 5 * time.Second
)

// journal writes the history, in order, in a goroutine of its own, so that no session ever waits for the disk.
type journal struct {
	store   Store
	log     *slog.Logger
	changes chan change
	done    chan struct{}
	nodes   *nodes
	ctx     context.Context // ends when nothing more can be written
	stop    context.CancelFunc

	mu     sync.Mutex
	owed   []change // ends that could not be written, the first one in front; guarded by mu
	closed bool     // changes is; guarded by mu
}

func newJournal(st Store, log *slog.Logger, n *nodes) *journal {
	j := &journal{nodes: n, store: st, log: log, changes: make(chan change, journalQueue), done: make(chan struct{})}
	j.ctx, j.stop = context.WithCancel(context.Background())
	go j.run()
	return j
}

// add never waits. A request that the relay no longer waits for when it stops may add something too late.
func (j *journal) add(c change) {
	if j.queue(c) {
		return
	}
	c.done()
	if c.kind == sessionEnded {
		j.owe(c)
		return
	}
	j.log.Error("the history missed a change of a session: the store is too slow", "session", c.record.ID)
}

// queue tells whether there was room.
func (j *journal) queue(c change) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return false
	}
	select {
	case j.changes <- c:
		return true
	default:
		return false
	}
}

// owe remembers an end that is still to be written.
func (j *journal) owe(c change) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.owed) >= maxOwed {
		j.log.Error("the history missed the end of a session", "session", j.owed[0].record.ID)
		j.owed = j.owed[1:]
	}
	j.owed = append(j.owed, c)
}

// first is the end that waits for longest.
func (j *journal) first() (c change, ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.owed) == 0 {
		return change{}, false
	}
	return j.owed[0], true
}

// pay writes the ends that wait, as far as the store lets it.
func (j *journal) pay() {
	for {
		c, ok := j.first()
		if !ok {
			return
		}
		ctx, cancel := context.WithTimeout(j.ctx, storePatience)
		err := j.writeLate(ctx, c)
		cancel()
		if err != nil {
			return
		}
		j.mu.Lock()
		if len(j.owed) > 0 && j.owed[0].record.ID == c.record.ID { // else there were too many meanwhile
			j.owed = j.owed[1:]
		}
		j.mu.Unlock()
	}
}

// writeLate writes an end some time after it. Another relay may have taken the session over meanwhile; that nobody came back
// to this one then means nothing.
func (j *journal) writeLate(ctx context.Context, c change) error {
	if j.nodes != nil && c.reason == wire.ReasonPeerLeft {
		r, err := j.store.Session(ctx, c.record.ID)
		if errors.Is(err, store.ErrNotFound) || err == nil && r.Node != j.nodes.cfg.Address {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return j.write(ctx, c)
}

// close writes what waits, as far as it can in closePatience, and returns. What is added afterwards is lost.
func (j *journal) close() {
	j.mu.Lock()
	j.closed = true
	close(j.changes)
	j.mu.Unlock()
	late := time.AfterFunc(closePatience, j.stop)
	defer late.Stop()
	<-j.done
	j.stop()
}

func (j *journal) run() {
	defer close(j.done)
	tick := time.NewTicker(owedPause)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			j.pay()
		case c, open := <-j.changes:
			if !open {
				j.pay()
				return
			}
			j.take(c)
		}
	}
}

// take writes a change as it comes.
func (j *journal) take(c change) {
	defer c.done()
	ctx, cancel := context.WithTimeout(j.ctx, 10*time.Second)
	defer cancel()
	err := j.write(ctx, c)
	switch {
	case err == nil:
	case c.kind == sessionEnded:
		j.log.Error("the end of a session waits for the store", "session", c.record.ID, "error", err)
		j.owe(c)
	default:
		j.log.Error("the history missed a change of a session", "session", c.record.ID, "error", err)
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
		return j.end(ctx, c.record.ID, c.at, c.reason)
	}
}

// end writes down that a session has ended, unless the history knows that already.
func (j *journal) end(ctx context.Context, id string, at time.Time, reason wire.Reason) error {
	err := j.store.SessionEnded(ctx, id, at, string(reason))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
