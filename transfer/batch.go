package transfer

import "errors"

// batch is entries whose plan is asked for together.
type batch struct {
	first uint32
	items []item
}

// sendItems sends files, always announcing a batch ahead. What changes while it is read comes again at the end.
func (o *outgoing) sendItems(items []item) error {
	next := uint32(0)
	for round := 0; len(items) > 0; round++ {
		var ahead []batch
		rest := items
		announce := func() {
			if len(rest) == 0 {
				return
			}
			b := batch{first: next, items: cutBatch(&rest)}
			next += uint32(len(b.items))
			o.announce(b)
			ahead = append(ahead, b)
		}
		announce()
		for len(ahead) > 0 {
			announce()
			if err := o.sendBatch(ahead[0]); err != nil || o.isClosed() {
				return err
			}
			ahead = ahead[1:]
		}
		items, o.retries = o.retries, nil
		if int(next)+len(items) > MaxEntries {
			return Changed
		}
	}
	return nil
}

// cutBatch takes the next batch's items off the front.
func cutBatch(rest *[]item) []item {
	n, size := 0, 0
	for n < len(*rest) && n < batchEntries && size < batchBytes {
		size += len((*rest)[n].Path) + 64
		n++
	}
	b := (*rest)[:n]
	*rest = (*rest)[n:]
	return b
}

func (o *outgoing) announce(b batch) {
	m := entriesMessage{ID: o.id, First: b.first, Entries: make([]entry, len(b.items))}
	for i := range b.items {
		m.Entries[i] = b.items[i].entry
	}
	o.mu.Lock()
	o.asked[b.first] = len(b.items)
	o.mu.Unlock()
	o.x.sendWhile(o.ctx, kindEntries, m)
}

func (o *outgoing) sendBatch(b batch) error {
	err := o.await(func() bool { _, ok := o.plans[b.first]; return ok })
	if err != nil || o.isClosed() {
		return err
	}
	o.mu.Lock()
	plan := o.plans[b.first]
	delete(o.plans, b.first)
	o.mu.Unlock()
	has := map[uint32]have{}
	for _, h := range plan.Have {
		has[h.Entry] = h
	}
	for i := range b.items {
		if b.items[i].Folder {
			continue
		}
		number := b.first + uint32(i)
		if err := o.sendItem(&b.items[i], number, has[number]); err != nil || o.isClosed() {
			return err
		}
	}
	return nil
}

// sendItem sends one file, or says why not; only what concerns the whole transfer is an error.
func (o *outgoing) sendItem(it *item, number uint32, h have) error {
	end := endMessage{transfer: o.id, entry: number}
	before := o.sentBytes()
	sum, same, err := o.sendFile(it, number, h)
	switch {
	case err == nil && same:
		end.outcome, end.hash = outcomeSame, sum
		o.x.progress(o.row, it.Size)
	case err == nil:
		end.outcome, end.hash = outcomeWhole, sum
	case o.ctx.Err() != nil || errors.Is(err, Gone):
		return Gone
	default:
		o.x.progress(o.row, before-o.sentBytes()) // it does not count
		end.outcome = outcomeUnreadable
		if errors.Is(err, Changed) && it.tries < maxTries {
			if renewed, err := o.source.renew(*it); err == nil {
				end.outcome = outcomeChanged
				o.retries = append(o.retries, renewed)
				o.x.change(o.row, func(r *Row) { r.Size += renewed.Size - it.Size })
			}
		}
		if end.outcome == outcomeUnreadable {
			if !o.source.folder {
				return problemOf(err, Unreadable)
			}
			o.lost++
			o.x.change(o.row, func(r *Row) { r.Size -= it.Size })
		}
	}
	ack, err := o.x.window.acquire(o.ctx, endSize)
	if err != nil {
		return Gone
	}
	end.ack = ack
	o.message = end.appendTo(o.message[:0])
	return o.transmit()
}

// transmit sends the message for which the window was acquired.
func (o *outgoing) transmit() error {
	if err := o.x.conn.SendFile(o.ctx, o.message); err != nil {
		o.x.window.giveBack(len(o.message))
		return Gone
	}
	return nil
}

// maxTries is how often a file that changes is sent again.
const maxTries = 3

func (o *outgoing) sentBytes() int64 {
	o.x.mu.Lock()
	defer o.x.mu.Unlock()
	return o.row.Bytes
}
