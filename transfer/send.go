package transfer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"strconv"
	"sync"
)

// outgoing is a transfer whose files this side has. One goroutine, run, sends it.
type outgoing struct {
	x      *Exchange
	id     uint32
	fetch  uint32
	row    *row
	source *source
	ctx    context.Context
	stop   context.CancelFunc

	mu      sync.Mutex
	wake    chan struct{} // buffered 1: something below has changed
	answer  *answerMessage
	plans   map[uint32]planMessage // by their first entry
	asked   map[uint32]int         // batches whose plans are awaited: first entry → how many
	closed  *closedMessage
	problem Problem // why it was stopped
	byPeer  bool    // by the other side, which knows already

	compressor *compressor
	chunk      []byte
	message    []byte
	lost       int
	retries    []item
}

// Send offers files and folders to the other side. It returns their rows at once; whoever cannot be read gives an
// error instead, without keeping the others.
func (x *Exchange) Send(paths ...string) ([]Row, error) {
	var rows []Row
	var failed error
	for _, p := range paths {
		s, err := openSource(p)
		if err == nil {
			var r Row
			r, err = x.sendSource(context.Background(), s, 0)
			rows = append(rows, r)
		}
		if failed == nil {
			failed = err
		}
	}
	return rows, failed
}

// sendSource takes over the source. ctx is that of whoever has asked for it.
func (x *Exchange) sendSource(ctx context.Context, s *source, fetch uint32) (Row, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	err := error(nil)
	switch {
	case x.conn == nil || x.ended:
		err = ErrEnded
	case !x.allowed || ctx.Err() != nil:
		err = NotAllowed
	case len(x.out) >= maxOffers:
		err = Busy
	}
	if err != nil {
		s.tree.close()
		return Row{}, err
	}
	o := &outgoing{
		x: x, id: x.next, fetch: fetch, source: s, wake: make(chan struct{}, 1),
		plans: map[uint32]planMessage{}, asked: map[uint32]int{},
	}
	x.next++
	o.ctx, o.stop = context.WithCancel(x.ctx)
	o.row = &row{Row: Row{
		ID: x.config.Own + strconv.Itoa(int(o.id)), Direction: Sending, Name: s.name, Path: s.path, Folder: s.folder,
		Files: s.files, Size: s.bytes, State: Offered,
	}}
	x.rows = append(x.rows, o.row)
	x.out[o.id] = o
	x.tellLocked(o.row)
	x.wg.Go(o.run)
	return o.row.Row, nil
}

// cancel stops it; the first problem counts.
func (o *outgoing) cancel(problem Problem) {
	o.mu.Lock()
	if o.problem == "" {
		o.problem = problem
	}
	o.mu.Unlock()
	o.stop()
}

func (o *outgoing) run() {
	offered, err := o.send()
	o.stop()
	o.source.tree.close()
	o.mu.Lock()
	problem, byPeer := o.problem, o.byPeer
	if o.closed != nil {
		problem, byPeer = known(o.closed.Problem), true
		if o.closed.Problem == "" {
			problem = ""
		}
	}
	o.mu.Unlock()
	if problem == "" && err != nil {
		problem = problemOf(err, Unreadable)
	}
	o.x.closeRow(o.row, problem)
	if problem != "" && offered && !byPeer { // it counts as one that runs until the other side has taken this
		o.x.send(kindCancel, cancelMessage{ID: o.id, Mine: true, Problem: problem})
	}
	o.x.mu.Lock()
	delete(o.x.out, o.id)
	o.x.mu.Unlock()
}

// send goes through the transfer; offered tells whether the other side knows of it.
func (o *outgoing) send() (offered bool, err error) {
	x := o.x
	select {
	case x.slots <- struct{}{}:
		defer func() { <-x.slots }()
	case <-o.ctx.Done():
		return false, Gone
	}
	scanned := o.source.scan(o.ctx)
	if scanned != nil && o.fetch == 0 {
		return false, scanned
	}
	x.change(o.row, func(r *Row) { r.Files, r.Size, r.LeftOut = o.source.files, o.source.bytes, o.source.leftOut })
	x.sendWhile(o.ctx, kindOffer, offerMessage{
		ID: o.id, Name: o.source.name, Files: o.source.files, Bytes: o.source.bytes, Folder: o.source.folder, Fetch: o.fetch,
	})
	if err := o.await(func() bool { return o.answer != nil }); err != nil {
		return true, err
	}
	if scanned != nil { // who has ordered it waits for it, and hears now that it does not come
		return true, scanned
	}
	if o.isClosed() {
		return true, nil
	}
	o.mu.Lock()
	refused := o.answer.Problem
	o.byPeer = o.byPeer || refused != ""
	o.mu.Unlock()
	if refused != "" {
		return true, known(refused)
	}
	x.change(o.row, func(r *Row) { r.State = Running })
	o.compressor, o.chunk = newCompressor(), make([]byte, ChunkSize)
	o.lost = o.source.lost
	if err := o.sendItems(o.source.items); err != nil {
		return true, err
	}
	x.sendWhile(o.ctx, kindFinish, finishMessage{ID: o.id, Files: o.lost})
	if o.lost > 0 {
		x.change(o.row, func(r *Row) { r.Lost = o.lost })
	}
	return true, o.await(func() bool { return false }) // until it is closed
}

// await waits until something has come, or the other side has closed the transfer.
func (o *outgoing) await(come func() bool) error {
	for {
		o.mu.Lock()
		come, closed := come(), o.closed != nil
		o.mu.Unlock()
		if closed || come {
			return nil
		}
		select {
		case <-o.wake:
		case <-o.ctx.Done():
			return Gone
		}
	}
}

func (o *outgoing) isClosed() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closed != nil
}

// sendFile sends the chunks that are missing there and gives the file's hash; same tells that nothing was missing.
func (o *outgoing) sendFile(it *item, number uint32, h have) (sum digest, same bool, err error) {
	file, err := o.source.open(it)
	if err != nil {
		return sum, false, err
	}
	defer file.Close()
	whole := sha256.New()
	from := int64(0)
	if len(h.Marks) > 0 {
		if from, err = o.common(it, file, h); err != nil {
			return sum, false, err
		}
	}
	for i := range chunks(it.Size) {
		if o.ctx.Err() != nil {
			return sum, false, Gone
		}
		chunk := o.chunk[:min(ChunkSize, it.Size-i*ChunkSize)]
		if _, err := file.ReadAt(chunk, i*ChunkSize); err != nil {
			return sum, false, endedEarly(err)
		}
		hash := sha256.Sum256(chunk)
		whole.Write(hash[:])
		if i >= from {
			if err := o.sendChunk(number, uint32(i), chunk, hash); err != nil {
				return sum, false, err
			}
			o.x.progress(o.row, int64(len(chunk)))
		} else if !h.Complete {
			o.x.progress(o.row, int64(len(chunk)))
		}
		if o.isClosed() {
			return sum, false, Gone
		}
	}
	info, err := file.Stat()
	if err != nil || it.differs(info) {
		return sum, false, Changed
	}
	return digest(whole.Sum(nil)), h.Complete && from == chunks(it.Size), nil
}

func endedEarly(err error) error {
	if errors.Is(err, io.EOF) {
		return Changed
	}
	return err
}

// common is how many chunks at the beginning are the same on both sides.
func (o *outgoing) common(it *item, file io.ReaderAt, h have) (int64, error) {
	last := h.Marks[len(h.Marks)-1].Chunks
	if last > chunks(it.Size) || h.Complete && last != chunks(it.Size) {
		return 0, nil
	}
	if last == 0 { // an empty file
		return 0, nil
	}
	best, at := int64(0), 0
	sum := sha256.New()
	for i := range last {
		if o.ctx.Err() != nil {
			return 0, Gone
		}
		chunk := o.chunk[:min(ChunkSize, it.Size-i*ChunkSize)]
		if _, err := file.ReadAt(chunk, i*ChunkSize); err != nil {
			return 0, endedEarly(err)
		}
		hash := sha256.Sum256(chunk)
		sum.Write(hash[:])
		for ; at < len(h.Marks) && h.Marks[at].Chunks <= i+1; at++ {
			if h.Marks[at].Chunks == i+1 && bytes.Equal(h.Marks[at].Hash, sum.Sum(nil)) {
				best = i + 1
			}
		}
	}
	if h.Complete && best != last {
		return 0, nil
	}
	return best, nil
}

// sendChunk sends a chunk, in pieces if the path is slow.
func (o *outgoing) sendChunk(number, index uint32, chunk []byte, hash digest) error {
	stored, compressed := o.compressor.compress(chunk, o.x.window.pace())
	m := chunkMessage{
		transfer: o.id, entry: number, index: index, length: len(chunk), stored: len(stored), hash: hash, zstd: compressed,
	}
	for len(stored) > 0 {
		n := min(len(stored), o.x.window.piece())
		header := chunkHeader
		if m.more {
			header, m.zstd = moreHeader, false
		}
		ack, err := o.x.window.acquire(o.ctx, header+n)
		if err != nil {
			return Gone
		}
		m.ack, m.bytes = ack, stored[:n]
		stored = stored[n:]
		o.message = m.appendTo(o.message[:0])
		if err := o.transmit(); err != nil {
			return err
		}
		m.more = true
	}
	return nil
}
