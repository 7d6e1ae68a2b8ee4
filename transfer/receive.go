package transfer

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// incoming is a transfer whose files the other side has. One goroutine, run, writes it.
type incoming struct {
	x       *Exchange
	id      uint32
	row     *row
	offer   offerMessage
	folder  string
	replace bool // files that differ are replaced, as the person here has asked
	ctx     context.Context
	stop    context.CancelFunc
	gate    gate // that what arrives becomes visible through

	mu      sync.Mutex
	wake    chan struct{} // buffered 1
	queue   []work        // bounded by credit, and by maxQueued
	problem Problem
	byPeer  bool
	closed  bool // nobody will look at queue any more

	tree    *tree
	names   *namer
	next    uint32 // number of the next entry
	slots   map[uint32]*slot
	current *part
	entry   uint32 // of current
	partial chunkMessage
	buffer  []byte // of a chunk that comes in pieces
	plain   []byte // for decompressing
	commits *committer
	lost    int
}

// work is one message for an incoming transfer.
type work struct {
	entries *entriesMessage
	data    []byte // chunk, more or end
	finish  *finishMessage
}

// maxQueued is how many messages may wait; data is bounded by credit besides.
const maxQueued = credit/overhead + 8

// queue hands work to an incoming transfer; one that has ended here is ignored.
func (x *Exchange) queue(id uint32, w work) error {
	x.mu.Lock()
	in := x.in[id]
	x.mu.Unlock()
	if in == nil {
		return nil
	}
	_, err := in.add(w)
	return err
}

// add takes work, unless the transfer has ended.
func (in *incoming) add(w work) (taken bool, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed {
		return false, nil
	}
	if len(in.queue) >= maxQueued {
		return false, fmt.Errorf("%w: too many messages", ErrProtocol)
	}
	if w.entries != nil {
		ahead := 0
		for _, q := range in.queue {
			if q.entries != nil {
				ahead++
			}
		}
		if ahead > 2 {
			return false, fmt.Errorf("%w: too many batches ahead", ErrProtocol)
		}
	}
	in.queue = append(in.queue, w)
	select {
	case in.wake <- struct{}{}:
	default:
	}
	return true, nil
}

// cancel ends the transfer; the first problem counts. What has arrived whole still gets its name if it is the session
// that ends, and otherwise nothing does any more, once the gate has been waited for.
func (in *incoming) cancel(problem Problem) {
	in.mu.Lock()
	if in.problem == "" {
		in.problem = problem
	}
	in.mu.Unlock()
	if problem != Gone {
		in.gate.bar()
	}
	in.stop()
}

func (in *incoming) stopped() bool { return in.ctx.Err() != nil }

// run writes the transfer from the offer to its end.
func (in *incoming) run() {
	x := in.x
	err := in.write()
	in.stop()
	in.mu.Lock()
	if in.problem == "" && err != nil {
		in.problem = problemOf(err, Disk)
	}
	problem, byPeer := in.problem, in.byPeer
	in.mu.Unlock()
	in.abandon()
	x.closeRow(in.row, problem)
	in.drain()
	switch { // it counts as one that runs until the other side has taken this
	case errors.Is(err, ErrProtocol):
		x.send(kindClosed, closedMessage{ID: in.id, Problem: Damaged})
	case byPeer || problem == Gone:
	case problem == Cancelled || problem == NotAllowed:
		x.send(kindCancel, cancelMessage{ID: in.id, Problem: problem})
	default:
		x.send(kindClosed, closedMessage{ID: in.id, Problem: problem, Failed: in.lost})
	}
	x.mu.Lock()
	delete(x.in, in.id)
	x.mu.Unlock()
}

// abandon gives back what is open.
func (in *incoming) abandon() {
	if in.commits != nil {
		in.commits.finish()
	}
	parts := []*part{in.current}
	for _, s := range in.slots {
		parts = append(parts, s.part)
	}
	for _, p := range parts {
		if p != nil {
			in.leave(p)
			p.dir.release()
		}
	}
	if in.tree != nil {
		in.tree.close()
	}
}

// leave gives up an unfinished file. What has arrived of it is kept unless nobody wants it any more.
func (in *incoming) leave(p *part) {
	in.mu.Lock()
	unwanted := in.problem == Cancelled || in.problem == Damaged
	in.mu.Unlock()
	if unwanted {
		p.discard()
	} else {
		p.suspend()
	}
}

// drain counts what nobody will look at, and lets nothing more in.
func (in *incoming) drain() {
	in.mu.Lock()
	rest := in.queue
	in.queue, in.closed = nil, true
	in.mu.Unlock()
	for _, w := range rest {
		if w.data != nil {
			in.x.count(in.x.ctx, int64(len(w.data)+overhead))
			in.x.recycle(w.data)
		}
	}
	in.x.count(in.x.ctx, 0) // in case that the transfer's end broke off an acknowledgement
}

func (in *incoming) write() error {
	if err := in.begin(); err != nil {
		return err
	}
	in.x.sendWhile(in.ctx, kindAnswer, answerMessage{ID: in.id})
	in.x.change(in.row, func(r *Row) { r.State = Running })
	for {
		w, ok := in.take()
		if !ok {
			return Gone
		}
		switch {
		case w.entries != nil:
			if err := in.plan(w.entries); err != nil {
				return err
			}
		case w.finish != nil:
			return in.finish(w.finish)
		default:
			err := in.data(w.data)
			in.x.count(in.ctx, int64(len(w.data)+overhead))
			in.x.recycle(w.data)
			if err != nil {
				return err
			}
		}
	}
}

func (in *incoming) take() (work, bool) {
	for {
		in.mu.Lock()
		if len(in.queue) > 0 && !in.stopped() {
			w := in.queue[0]
			in.queue[0] = work{}
			in.queue = in.queue[1:]
			in.mu.Unlock()
			return w, true
		}
		in.mu.Unlock()
		select {
		case <-in.wake:
		case <-in.commits.broken:
			return work{finish: &finishMessage{}}, true // finish tells why
		case <-in.ctx.Done():
			return work{}, false
		}
	}
}
