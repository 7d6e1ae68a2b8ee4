package transfer

import (
	"crypto/sha256"
	"fmt"
	"path"
	"path/filepath"
)

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
