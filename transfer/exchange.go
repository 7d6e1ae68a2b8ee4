// Package transfer sends files and folders to the other side of a session, both ways at once, whole or not at
// all: what has its final name is complete and on the disk; what broke off goes on from its last good chunk, in the
// same session, the next one, or after a restart.
//
//	x := transfer.New(transfer.Config{Own: "o", Peer: "c", Folder: folder, Changed: show})
//	x.Begin(ctx, conn)                       // conn carries messages, whole and in order
//	go x.Run()
//	rows, err := x.Send("/home/me/report.pdf", "/home/me/photos")
//	items, err := x.List(ctx, "home/Documents")
//	order, err := x.Fetch(ctx, transfer.Order{Paths: []string{"home/Documents/letter.odt"}})
//
// Nothing that a peer says leads outside the folder for received files; see SafeName and tree. Everything that a
// peer can make this side keep is bounded; see the limits beside the messages.
package transfer

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Conn carries messages to the other side and back, whole and in order. Both methods return at once when ctx ends; what
// SendFile gives an error for is not sent.
type Conn interface {
	SendFile(ctx context.Context, message []byte) error
	ReceiveFile(ctx context.Context) ([]byte, error) // the message is the caller's
}

// Place is a folder that the other side may begin to browse at.
type Place struct {
	Name string // as in paths: "home"
	Path string // on this computer
}

// Config is what an Exchange needs of its program.
type Config struct {
	Own, Peer string // what the IDs of transfers begin with, by the side that has the files
	Folder    string // for received files; made when something arrives
	Forbidden bool   // nothing may happen before Allow(true)
	Places    []Place

	// MayLook is asked before the other side may see this computer's folders or fetch from them; it may wait for a
	// person. What it returns should be a Problem. nil refuses.
	MayLook func(ctx context.Context) error

	// Put puts files and folders on this computer's clipboard, by their full paths; nil: there is none. What it returns
	// should be a Problem.
	Put func(paths []string) error

	Changed func(Row)    // each change of a row; must be quick and must not call the Exchange
	Copied  func()       // the other side has copied other files, see Copied; must be quick
	Recycle func([]byte) // takes back messages of Conn; nil: none
}

// Direction is which way a transfer goes, seen from this side.
type Direction string

// The directions.
const (
	Sending   Direction = "send"
	Receiving Direction = "receive"
)

// State is where a transfer stands.
type State string

// The states. The last three are final.
const (
	Offered State = "offered"
	Running State = "running"
	Done    State = "done"
	Failed  State = "failed"
	Stopped State = "cancelled"
)

// Final tells whether nothing will happen any more.
func (s State) Final() bool { return s == Done || s == Failed || s == Stopped }

// Row is a transfer as people see it.
type Row struct {
	ID        string // the same on both sides
	Direction Direction
	Name      string
	Path      string // on this computer, where it is or will be
	Folder    bool
	Files     int   // in it
	Bytes     int64 // that are done
	Size      int64
	State     State
	Problem   Problem // why it failed
	Order     uint32  // the Fetch that it belongs to, or 0
	LeftOut   int     // links and special files in the folder, which are not sent
	Lost      int     // files of the folder that could not be sent
	Rate      float64 // bytes a second
	Began     time.Time
	Ended     time.Time
}

// Left is how long it will take at the present rate; 0 while that is not known.
func (r Row) Left() time.Duration {
	if r.State != Running || r.Rate < 1 {
		return 0
	}
	return time.Duration(float64(r.Size-r.Bytes) / r.Rate * float64(time.Second))
}

// Exchange is one side of a session's transfers. All methods are safe for concurrent use.
type Exchange struct {
	config   Config
	window   *window
	slots    chan struct{}        // who holds one may send
	refusals chan []byte          // that wait to be sent
	flush    func(*os.File) error // waits until a file is on the disk; tests have slower disks

	mu        sync.Mutex
	conn      Conn            // nil before Begin
	ctx       context.Context // ends with Run
	stop      context.CancelFunc
	ended     bool
	allowed   bool
	granted   context.Context    // ends when files are no longer allowed, or with ctx; nil before they ever were
	revoke    context.CancelFunc // of granted
	folder    string
	rows      []*row // oldest first
	out       map[uint32]*outgoing
	in        map[uint32]*incoming
	next      uint32 // number of the next outgoing transfer or request
	lists     map[uint32]*listRequest
	fetches   map[uint32]*fetchRequest
	puts      map[uint32]chan Problem // each buffered 1
	copied    []string                // files that were copied at the other side
	announced []string                // files that were copied here, as the other side was told
	finals    chan struct{}           // closed and replaced when a transfer has ended
	asking    int                     // requests of the peer that are being answered
	wg        sync.WaitGroup

	acking    chan struct{} // buffered 1: who has put something in may send an acknowledgement
	ackMu     sync.Mutex
	arrived   int64
	processed int64
	told      int64 // processed, as last told
}

// row is a Row with what its rate is measured by.
type row struct {
	Row
	shown    time.Time
	rateAt   time.Time
	rateFrom int64
}

// New makes an Exchange. Transfers can be sent from Begin to Run's end.
func New(config Config) *Exchange {
	return &Exchange{
		flush: (*os.File).Sync, acking: make(chan struct{}, 1),
		config: config, window: newWindow(), slots: make(chan struct{}, maxIncoming-1), allowed: !config.Forbidden, folder: config.Folder,
		out: map[uint32]*outgoing{}, in: map[uint32]*incoming{}, next: 1, lists: map[uint32]*listRequest{}, fetches: map[uint32]*fetchRequest{},
		puts: map[uint32]chan Problem{}, finals: make(chan struct{}), refusals: make(chan []byte, maxRefusals),
	}
}

// Folder is where received files go.
func (x *Exchange) Folder() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.folder
}

// SetFolder changes where later files go.
func (x *Exchange) SetFolder(folder string) error {
	folder, err := filepath.Abs(folder)
	if err == nil {
		err = os.MkdirAll(folder, 0o777)
	}
	if err != nil {
		return NoFolder
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.folder = folder
	return nil
}

// Rows are all transfers that have not been cleared, oldest first.
func (x *Exchange) Rows() []Row {
	x.mu.Lock()
	defer x.mu.Unlock()
	rows := make([]Row, len(x.rows))
	for i, r := range x.rows {
		rows[i] = r.Row
	}
	return rows
}

// Row finds a transfer.
func (x *Exchange) Row(id string) (Row, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, r := range x.rows {
		if r.ID == id {
			return r.Row, true
		}
	}
	return Row{}, false
}

// Await waits until count transfers for which which holds have ended, and gives their rows; that one of them failed
// is an error.
func (x *Exchange) Await(ctx context.Context, count int, which func(Row) bool) (rows []Row, err error) {
	for {
		x.mu.Lock()
		rows, err = rows[:0], nil
		for _, r := range x.rows {
			switch {
			case !which(r.Row) || !r.State.Final():
				continue
			case r.State == Stopped:
				err = Cancelled
			case r.State == Failed:
				err = r.Problem
			}
			rows = append(rows, r.Row)
		}
		finals, ended := x.finals, x.ended
		x.mu.Unlock()
		switch {
		case len(rows) >= count:
			return rows, err
		case ended:
			return rows, ErrEnded
		}
		select {
		case <-finals:
		case <-x.ctx.Done():
			return rows, ErrEnded
		case <-ctx.Done():
			return rows, ctx.Err()
		}
	}
}

// Allow lets transfers happen, or ends all of them and refuses new ones. When it returns after forbidding, nothing of
// the other side's gets a name any more, nothing more begins to be read for it, and what was just read is not sent. It
// waits neither for the disk nor for the other side, but for a renaming that has begun.
func (x *Exchange) Allow(allowed bool) {
	x.mu.Lock()
	x.allowed = allowed
	if allowed {
		x.grantLocked()
		x.mu.Unlock()
		return
	}
	if x.revoke != nil {
		x.revoke()
	}
	x.forgetOrdersLocked(NotAllowed)
	x.mu.Unlock()
	for _, g := range x.end(NotAllowed, func(*row) bool { return true }) {
		g.wait()
	}
}

// grantLocked begins the time in which transfers may happen, if there is a session.
func (x *Exchange) grantLocked() {
	if x.ctx != nil && (x.granted == nil || x.granted.Err() != nil) {
		x.granted, x.revoke = context.WithCancel(x.ctx)
	}
}

// Allowed tells whether transfers may happen.
func (x *Exchange) Allowed() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.allowed
}

// Cancel ends a transfer for both sides; what has arrived of it is thrown away.
func (x *Exchange) Cancel(id string) { x.end(Cancelled, func(r *row) bool { return r.ID == id }) }

// CancelAll ends all transfers.
func (x *Exchange) CancelAll() { x.end(Cancelled, func(*row) bool { return true }) }

// Clear takes finished transfers off the list: this one, or all for "".
func (x *Exchange) Clear(id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.rows = slices.DeleteFunc(x.rows, func(r *row) bool { return r.State.Final() && (id == "" || r.ID == id) })
}

// end ends transfers and gives the gates of those that arrive, which are shut.
func (x *Exchange) end(problem Problem, which func(*row) bool) (gates []*gate) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, o := range x.out {
		if which(o.row) {
			o.cancel(problem)
		}
	}
	for _, in := range x.in {
		if which(in.row) {
			in.cancel(problem)
			gates = append(gates, &in.gate)
		}
	}
	return gates
}

// Begin gives the Exchange its connection; from here on transfers can be begun. Run must follow.
func (x *Exchange) Begin(ctx context.Context, conn Conn) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ctx, x.stop = context.WithCancel(ctx)
	x.conn = conn
	if x.allowed {
		x.grantLocked()
	}
}

// Run exchanges messages until Begin's ctx ends or its conn does; everything that has not finished fails then. It
// returns why.
func (x *Exchange) Run() error {
	x.wg.Go(x.sendRefusals)
	err := x.receive(x.ctx, x.conn)
	x.mu.Lock()
	x.ended = true
	x.mu.Unlock()
	x.stop()
	x.end(Gone, func(*row) bool { return true })
	x.wg.Wait()
	return err
}

// change changes a row and tells of it; final states stay.
func (x *Exchange) change(r *row, fn func(r *Row)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.changeLocked(r, fn)
}

func (x *Exchange) changeLocked(r *row, fn func(r *Row)) {
	if r.State.Final() {
		return
	}
	fn(&r.Row)
	now := time.Now()
	if r.State == Running && r.Began.IsZero() {
		r.Began, r.rateAt = now, now
	}
	if r.State.Final() {
		r.Ended, r.Rate = now, 0
		if r.Began.IsZero() {
			r.Began = now
		}
	}
	r.shown = now
	x.tellLocked(r)
}

func (x *Exchange) tellLocked(r *row) {
	if r.State.Final() {
		close(x.finals)
		x.finals = make(chan struct{})
	}
	if x.config.Changed != nil {
		x.config.Changed(r.Row)
	}
}

// shownEvery is how often progress is told.
const shownEvery = 200 * time.Millisecond

// progress counts bytes that are done.
func (x *Exchange) progress(r *row, n int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if r.State.Final() {
		return
	}
	r.Bytes = max(0, min(r.Bytes+n, r.Size))
	now := time.Now()
	if span := now.Sub(r.rateAt); span >= 500*time.Millisecond {
		this := max(0, float64(r.Bytes-r.rateFrom)/span.Seconds())
		if r.Rate == 0 {
			r.Rate = this
		}
		r.Rate = 0.6*r.Rate + 0.4*this
		r.rateAt, r.rateFrom = now, r.Bytes
	}
	if now.Sub(r.shown) >= shownEvery {
		r.shown = now
		x.tellLocked(r)
	}
}

// closeRow ends a row.
func (x *Exchange) closeRow(r *row, problem Problem) {
	x.change(r, func(r *Row) {
		switch problem {
		case "":
			r.State, r.Bytes = Done, r.Size
		case Cancelled:
			r.State = Stopped
		default:
			r.State, r.Problem = Failed, problem
		}
	})
}
