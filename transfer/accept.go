package transfer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

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
		x: x, id: m.ID, offer: m, folder: x.folder, wake: make(chan struct{}, 1),
		names: newNamer(), slots: map[uint32]*slot{},
	}
	problem := Problem("")
	switch {
	case !x.allowed:
		problem = NotAllowed
	case len(x.in) >= maxIncoming || len(x.rows) >= 4*maxOffers:
		problem = Busy // what was ordered may be offered again
	case m.Fetch != 0:
		order, wanted := x.takeLocked(m.Fetch, m.Name)
		if !wanted {
			problem = Cancelled // nobody asked for it, or not any more
		}
		in.replace = order.Synchronize
		if order.Folder != "" {
			in.folder = order.Folder
		}
	}
	if problem != "" {
		return x.refuse(kindAnswer, answerMessage{ID: m.ID, Problem: problem})
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
	t.gate = &in.gate
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
