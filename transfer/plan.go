package transfer

import (
	"fmt"
	"os"
)

// slot is an announced file.
type slot struct {
	entry entry
	local string
	part  *part  // of an earlier try
	have  []mark // of it, or of the file that is there
	whole bool   // have is of the file that is there
}

// maxSlots is how many announced files may be awaited. An honest source is one batch ahead.
const maxSlots = 4 * batchEntries

// plan looks what there is of some entries already and says so.
func (in *incoming) plan(m *entriesMessage) error {
	if m.First != in.next {
		return fmt.Errorf("%w: entries from %d instead of %d", ErrProtocol, m.First, in.next)
	}
	if len(in.slots)+len(m.Entries) > maxSlots {
		return fmt.Errorf("%w: %d files are announced and do not come", ErrProtocol, len(in.slots))
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
		local, err := in.names.local(e.Path, e.Folder)
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
	in.x.sendWhile(in.ctx, kindPlan, answer)
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

// complete is how many chunks a part has of a file that it has all of, 0 otherwise.
func (s *slot) complete() int64 {
	if n := chunks(s.entry.Size); s.part != nil && s.have[len(s.have)-1].Chunks == n {
		return n
	}
	return 0
}
