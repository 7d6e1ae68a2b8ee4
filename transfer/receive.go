package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
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
	done    chan struct{} // closed when nothing is written any more

	mu      sync.Mutex
	wake    chan struct{} // buffered 1
	queue   []work        // bounded by credit, and by maxQueued
	problem Problem
	byPeer  bool

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

// slot is an announced file.
type slot struct {
	entry entry
	local string
	part  *part  // of an earlier try
	have  []mark // of it, or of the file that is there
	whole bool   // have is of the file that is there
}

// handleOffer accepts or refuses a transfer.
func (x *Exchange) handleOffer(m offerMessage) error {
	if m.Name == "" || len(m.Name) > 4*maxComponent || m.Files < 0 || m.Files > MaxEntries || m.Bytes < 0 {
		return fmt.Errorf("%w: offer of %d files", ErrProtocol, m.Files)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.in[m.ID] != nil {
		return fmt.Errorf("%w: transfer %d is offered twice", ErrProtocol, m.ID)
	}
	in := &incoming{
		x: x, id: m.ID, offer: m, folder: x.folder, done: make(chan struct{}), wake: make(chan struct{}, 1),
		names: newNamer(), slots: map[uint32]*slot{},
	}
	problem := Problem("")
	if m.Fetch != 0 {
		f := x.fetches[m.Fetch]
		if f == nil {
			problem = Declined // nobody asked for it
		} else {
			in.replace = f.order.Synchronize
			if f.order.Folder != "" {
				in.folder = f.order.Folder
			}
		}
	}
	switch {
	case !x.allowed:
		problem = NotAllowed
	case len(x.in) >= maxIncoming || len(x.rows) >= 4*maxOffers:
		problem = Busy
	}
	if problem != "" {
		x.wg.Go(func() { x.send(kindAnswer, answerMessage{ID: m.ID, Problem: problem}) })
		return nil
	}
	in.ctx, in.stop = context.WithCancel(x.ctx)
	in.row = &row{Row: Row{
		ID: x.config.Peer + strconv.FormatUint(uint64(m.ID), 10), Direction: Receiving, Name: SafeName(m.Name),
		Path: filepath.Join(in.folder, SafeName(m.Name)), Folder: m.Folder, Files: m.Files, Size: m.Bytes, State: Offered, Order: m.Fetch,
	}}
	x.rows = append(x.rows, in.row)
	x.in[m.ID] = in
	x.tellLocked(in.row)
	x.wg.Go(in.run)
	return nil
}

// handleData counts a chunk, more or end message and hands it to its transfer.
func (x *Exchange) handleData(data []byte) (kept bool, err error) {
	if len(data) < moreHeader || len(data) > chunkHeader+ChunkSize {
		return false, fmt.Errorf("%w: data of %d bytes", ErrProtocol, len(data))
	}
	cost := int64(len(data) + overhead)
	x.ackMu.Lock()
	x.arrived += cost
	over := x.arrived-x.processed > credit
	if data[1]&flagAck != 0 && !over {
		x.ackLocked()
	}
	x.ackMu.Unlock()
	if over {
		return false, fmt.Errorf("%w: more than was agreed is on its way", ErrProtocol)
	}
	x.mu.Lock()
	in := x.in[binary.BigEndian.Uint32(data[2:])]
	x.mu.Unlock()
	if in == nil { // it has been cancelled here
		x.count(cost)
		return false, nil
	}
	return true, in.add(work{data: data})
}

// ackLocked sends an acknowledgement; those of one exchange are in order.
func (x *Exchange) ackLocked() {
	m := make([]byte, 0, 17)
	m = append(m, byte(kindAck))
	m = binary.BigEndian.AppendUint64(m, uint64(x.arrived))
	m = binary.BigEndian.AppendUint64(m, uint64(x.processed))
	x.told = x.processed
	_ = x.conn.SendFile(x.ctx, m)
}

// count counts what has been dealt with, and tells the other side from time to time.
func (x *Exchange) count(cost int64) {
	x.ackMu.Lock()
	defer x.ackMu.Unlock()
	x.processed += cost
	if x.processed-x.told >= credit/4 {
		x.ackLocked()
	}
}

// queue hands work to an incoming transfer; one that has ended here is ignored.
func (x *Exchange) queue(id uint32, w work) error {
	x.mu.Lock()
	in := x.in[id]
	x.mu.Unlock()
	if in == nil {
		return nil
	}
	return in.add(w)
}

func (in *incoming) add(w work) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.queue) >= maxQueued {
		return fmt.Errorf("%w: too many messages", ErrProtocol)
	}
	if w.entries != nil {
		ahead := 0
		for _, q := range in.queue {
			if q.entries != nil {
				ahead++
			}
		}
		if ahead > 2 {
			return fmt.Errorf("%w: too many batches ahead", ErrProtocol)
		}
	}
	in.queue = append(in.queue, w)
	select {
	case in.wake <- struct{}{}:
	default:
	}
	return nil
}

func (in *incoming) cancel(problem Problem) {
	in.mu.Lock()
	if in.problem == "" {
		in.problem = problem
	}
	in.mu.Unlock()
	in.stop()
}

func (in *incoming) stopped() bool { return in.ctx.Err() != nil }

// run writes the transfer from the offer to its end.
func (in *incoming) run() {
	x := in.x
	err := in.write()
	in.stop()
	in.mu.Lock()
	problem, byPeer := in.problem, in.byPeer
	in.mu.Unlock()
	if problem == "" && err != nil {
		problem = problemOf(err, Disk)
	}
	in.abandon(problem)
	close(in.done)
	switch {
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
	in.drain()
	x.closeRow(in.row, problem)
}

// abandon gives back what is open. What has arrived of an unfinished file is kept unless nobody wants it any more.
func (in *incoming) abandon(problem Problem) {
	if in.commits != nil {
		in.commits.finish()
	}
	parts := []*part{in.current}
	for _, s := range in.slots {
		parts = append(parts, s.part)
	}
	for _, p := range parts {
		switch {
		case p == nil:
			continue
		case problem == Cancelled || problem == Damaged:
			p.discard()
		default:
			p.suspend()
		}
		p.dir.release()
	}
	if in.tree != nil {
		in.tree.close()
	}
}

// drain counts what nobody will look at.
func (in *incoming) drain() {
	in.mu.Lock()
	rest := in.queue
	in.queue = nil
	in.mu.Unlock()
	for _, w := range rest {
		if w.data != nil {
			in.x.count(int64(len(w.data) + overhead))
			in.x.recycle(w.data)
		}
	}
}

func (in *incoming) write() error {
	if err := in.begin(); err != nil {
		return err
	}
	in.x.send(kindAnswer, answerMessage{ID: in.id})
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
			in.x.count(int64(len(w.data) + overhead))
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

// begin opens the folder and looks whether there is room.
func (in *incoming) begin() error {
	in.commits = newCommitter(in)
	if err := os.MkdirAll(in.folder, 0o777); err != nil {
		return NoFolder
	}
	t, err := openTree(in.folder)
	if err != nil {
		return NoFolder
	}
	in.tree = t
	d, err := t.dir("", false)
	if err != nil {
		return NoFolder
	}
	defer d.release()
	name := SafeName(in.offer.Name)
	if in.offer.Folder {
		for n := 1; n < maxNumber; n++ { // a folder goes into the one that is there, but not into a file
			info, err := d.root.Lstat(numbered(name, n))
			if err != nil || info.IsDir() {
				in.names.fix(in.offer.Name, numbered(name, n))
				break
			}
		}
	}
	_, err = d.root.Lstat(name)
	if free := freeSpace(d.file); err != nil && free >= 0 && len(d.readParts()[placeKey(name)]) == 0 && in.offer.Bytes > free-reserve {
		return NoSpace
	}
	return nil
}

// reserve is what is left free on a disk.
const reserve = 16 << 20

// fix gives a name at the top its local one.
func (n *namer) fix(sent, local string) {
	n.folders[sent] = local
	n.taken[fold(local)] = sent
}

// plan looks what there is of some entries already and says so.
func (in *incoming) plan(m *entriesMessage) error {
	if m.First != in.next {
		return fmt.Errorf("%w: entries from %d instead of %d", ErrProtocol, m.First, in.next)
	}
	answer := planMessage{ID: in.id, First: m.First, Count: len(m.Entries)}
	needed, free := int64(0), int64(-1)
	for i, e := range m.Entries {
		if in.stopped() {
			return Gone
		}
		parts, err := splitPath(e.Path)
		if err != nil || parts[0] != in.offer.Name || len(parts) > 1 && !in.offer.Folder || len(parts) == 1 && e.Folder != in.offer.Folder {
			return fmt.Errorf("%w: path %q in %q", ErrProtocol, e.Path, in.offer.Name)
		}
		local, err := in.names.local(e.Path)
		if err != nil {
			return err
		}
		if e.Folder {
			d, err := in.tree.dir(local, true)
			if err != nil {
				return err
			}
			d.release()
			continue
		}
		s, err := in.look(local, e)
		if err != nil {
			return err
		}
		number := m.First + uint32(i)
		in.slots[number] = s
		if len(s.have) > 0 {
			answer.Have = append(answer.Have, have{Entry: number, Complete: s.whole, Marks: s.have})
		}
		if !s.whole {
			needed += e.Size
		}
		if s.part != nil {
			needed -= s.have[len(s.have)-1].Chunks * ChunkSize
		}
	}
	d, err := in.tree.dir("", false)
	if err != nil {
		return err
	}
	free = freeSpace(d.file)
	d.release()
	if free >= 0 && needed > free-reserve {
		return NoSpace
	}
	in.next += uint32(len(m.Entries))
	in.x.send(kindPlan, answer)
	return nil
}

// look finds what there is of a file: the file itself, perhaps, or a part of it.
func (in *incoming) look(local string, e entry) (*slot, error) {
	s := &slot{entry: e, local: local}
	folder, name := split(local)
	d, err := in.tree.dir(folder, true)
	if err != nil {
		return nil, err
	}
	defer d.release()
	if file, info, err := d.regular(name, os.O_RDONLY); err == nil {
		defer file.Close()
		if info.Size() == e.Size && sameTime(info.ModTime(), e.Time) {
			marks, err := marksOf(file, chunks(e.Size), e.Size, in.stopped)
			if err == nil {
				s.have, s.whole = marks[len(marks)-1:], true
				return s, nil
			}
		}
	}
	p := findPart(d, local, e)
	if p == nil {
		return s, nil
	}
	marks, err := p.marks(in.stopped)
	if err != nil || e.Size <= ChunkSize || marks[0].Chunks == 0 {
		p.discard()
		return s, nil
	}
	p.dir = d.use()
	s.part, s.have = p, marks
	return s, nil
}

// data writes a chunk, more or end message.
func (in *incoming) data(data []byte) error {
	if kind(data[0]) == kindEnd {
		m, err := parseEnd(data)
		if err != nil {
			return err
		}
		return in.end(m)
	}
	c, err := parseChunk(data)
	if err != nil {
		return err
	}
	if c.more {
		if in.partial.stored == 0 || len(in.buffer)+len(c.bytes) > in.partial.stored {
			return fmt.Errorf("%w: more than a chunk", ErrProtocol)
		}
		in.buffer = append(in.buffer, c.bytes...)
		if len(in.buffer) < in.partial.stored {
			return nil
		}
		c = in.partial
		c.bytes = in.buffer
		in.partial = chunkMessage{}
		return in.chunk(c)
	}
	if in.partial.stored != 0 {
		return fmt.Errorf("%w: a chunk within a chunk", ErrProtocol)
	}
	if len(c.bytes) == c.stored {
		return in.chunk(c)
	}
	if in.buffer == nil {
		in.buffer = make([]byte, 0, ChunkSize)
	}
	in.buffer = append(in.buffer[:0], c.bytes...)
	c.bytes = nil
	in.partial = c
	return nil
}

// chunk writes a whole chunk.
func (in *incoming) chunk(c chunkMessage) error {
	if in.current == nil || in.entry != c.entry {
		if err := in.open(c.entry, int64(c.index)); err != nil {
			return err
		}
	}
	p := in.current
	if int64(c.index) != p.chunks || c.length != p.length() {
		return fmt.Errorf("%w: chunk %d of %d bytes", ErrProtocol, c.index, c.length)
	}
	plain := c.bytes
	if c.zstd {
		if in.plain == nil {
			in.plain = make([]byte, 0, ChunkSize)
		}
		var ok bool
		if plain, ok = decompress(c.bytes, in.plain, c.length); !ok {
			return Damaged
		}
	}
	if sha256.Sum256(plain) != c.hash {
		return Damaged
	}
	if err := p.write(plain, c.hash); err != nil {
		return err
	}
	in.x.progress(in.row, int64(len(plain)))
	return nil
}

// open begins to write an entry, from a chunk on.
func (in *incoming) open(number uint32, from int64) error {
	s := in.slots[number]
	if s == nil || in.current != nil {
		return fmt.Errorf("%w: a chunk of entry %d", ErrProtocol, number)
	}
	if s.part == nil {
		if from != 0 {
			return fmt.Errorf("%w: chunk %d of a file that is not here", ErrProtocol, from)
		}
		folder, _ := split(s.local)
		d, err := in.tree.dir(folder, true)
		if err != nil {
			return err
		}
		p, err := newPart(d, s.local, s.entry)
		if err != nil {
			d.release()
			return err
		}
		in.current, in.entry = p, number
		return nil
	}
	has := from == 0
	for _, m := range s.have {
		has = has || m.Chunks == from
	}
	if !has {
		return fmt.Errorf("%w: chunk %d where nothing ends", ErrProtocol, from)
	}
	in.current, in.entry, s.part = s.part, number, nil
	if err := in.current.keep(from, in.stopped); err != nil {
		return err
	}
	in.x.progress(in.row, min(from*ChunkSize, s.entry.Size))
	return nil
}

// end ends an entry.
func (in *incoming) end(m endMessage) error {
	s := in.slots[m.entry]
	if s == nil || in.current != nil && in.entry != m.entry || in.partial.stored != 0 {
		return fmt.Errorf("%w: end of entry %d", ErrProtocol, m.entry)
	}
	switch m.outcome {
	case outcomeSame:
		if !s.whole || in.current != nil || digest(s.have[0].Hash) != m.hash {
			return fmt.Errorf("%w: entry %d is not here", ErrProtocol, m.entry)
		}
		in.x.progress(in.row, s.entry.Size)
	case outcomeWhole:
		if in.current == nil { // an empty file, or a part that was complete
			if err := in.open(m.entry, s.complete()); err != nil {
				return err
			}
		}
		if !in.current.complete(m.hash) {
			return Damaged
		}
		p := in.current
		in.current = nil
		in.commits.add(p, s.local)
	default:
		if in.current != nil {
			in.x.progress(in.row, -in.current.chunks*ChunkSize)
			in.current.discard()
			in.current.dir.release()
			in.current = nil
		}
		if m.outcome == outcomeUnreadable {
			in.lost++
		}
	}
	if s.part != nil {
		s.part.suspend()
		s.part.dir.release()
	}
	delete(in.slots, m.entry)
	return nil
}

// complete is how many chunks a part has of a file that it has all of, 0 otherwise.
func (s *slot) complete() int64 {
	if n := chunks(s.entry.Size); s.part != nil && s.have[len(s.have)-1].Chunks == n {
		return n
	}
	return 0
}

// finish waits until everything is on the disk.
func (in *incoming) finish(m *finishMessage) error {
	err := in.commits.finish()
	in.commits = nil
	if err != nil {
		return err
	}
	if in.current != nil || len(in.slots) > 0 {
		return fmt.Errorf("%w: finished before the end", ErrProtocol)
	}
	if m.Files > 0 {
		in.x.change(in.row, func(r *Row) { r.Lost = min(m.Files, MaxEntries) })
	}
	return nil
}

// published says under which name a file is now.
func (in *incoming) published(local, name string) {
	folder, _ := split(local)
	if folder == "" {
		in.x.change(in.row, func(r *Row) {
			r.Name, r.Path = name, filepath.Join(in.folder, filepath.FromSlash(path.Join(folder, name)))
		})
	}
}
