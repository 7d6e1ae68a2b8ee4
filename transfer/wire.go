package transfer

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"
)

// How a transfer goes; S has the files, R receives them:
//
//	S → R  offer      name, how many files, how many bytes
//	R → S  answer     yes, or the problem
//	S → R  entries    what the next files are (up to batchEntries of them, the next batch ahead of the present one);
//	                  a folder comes before what is in it
//	R → S  plan       what R has of them already: marks
//	S → R  chunk …    the chunks that are missing, in order, each with its hash
//	S → R  end        of a file, with the file's hash; or that it could not be read
//	S → R  finish     there are no more entries
//	R → S  closed     everything is on the disk for good; or, at any time, the problem
//
// Either side may send cancel at any time. Both sides may send files at once. Besides, one side may look at the
// other's folders and ask for files: list → listing, and fetch → fetched, after which the other side offers them. What
// copying and pasting adds stands in clip.go.
//
// A message is a byte that says its kind and then JSON, except for the hot ones, whose layouts stand beside their
// kinds; numbers are big endian.
type kind uint8

const (
	kindOffer   kind = 1
	kindAnswer  kind = 2
	kindEntries kind = 3
	kindPlan    kind = 4
	kindChunk   kind = 5 // flags u8 · transfer u32 · entry u32 · index u32 · length u32 · stored u32 · hash [32] · bytes
	kindMore    kind = 6 // flags u8 · transfer u32 · bytes: the same chunk goes on
	kindEnd     kind = 7 // flags u8 · transfer u32 · entry u32 · outcome u8 · hash [32]
	kindFinish  kind = 8
	kindClosed  kind = 9
	kindCancel  kind = 10
	kindAck     kind = 11 // arrived u64 · processed u64: how much chunk, more and end have cost so far
	kindList    kind = 12
	kindListing kind = 13
	kindFetch   kind = 14
	kindFetched kind = 15
	kindCopied  kind = 16
	kindPut     kind = 17
	kindPutDone kind = 18
)

// Sizes and limits.
const (
	// ChunkSize is how much of a file is hashed, compressed and resumed as one; the last chunk is shorter.
	ChunkSize = 256 << 10
	// MaxEntries is how many files and folders one transfer may have.
	MaxEntries = 100_000

	maxJSON      = 256 << 10
	batchEntries = 512
	batchBytes   = 64 << 10 // of paths in a batch, about
	maxFile      = 1 << 44  // bytes
	maxMarks     = 32       // of one file
	maxOffers    = 1000     // that wait or run, in each direction
	maxIncoming  = 4        // that run at once
	credit       = 4 << 20  // how much of cost may be on the way to the disk
	overhead     = 512      // what a message costs besides its length
	chunkHeader  = 2 + 4 + 4 + 4 + 4 + 4 + sha256.Size
	moreHeader   = 2 + 4
	endSize      = 2 + 4 + 4 + 1 + sha256.Size
	flagAck      = 1 // acknowledge at once
	flagZstd     = 2 // the chunk's bytes are compressed
)

// digest is a SHA-256.
type digest = [sha256.Size]byte

// outcome says how an entry ended at its source.
type outcome uint8

const (
	outcomeWhole      outcome = 1 // everything was sent
	outcomeSame       outcome = 2 // R has it already
	outcomeChanged    outcome = 3 // it changed meanwhile; it may come again as another entry
	outcomeUnreadable outcome = 4
)

type offerMessage struct {
	ID     uint32 `json:"id"`
	Name   string `json:"name"`
	Files  int    `json:"files"`
	Bytes  int64  `json:"bytes"`
	Folder bool   `json:"folder,omitempty"`
	Fetch  uint32 `json:"fetch,omitempty"` // the request that it answers
}

type answerMessage struct {
	ID      uint32  `json:"id"`
	Problem Problem `json:"problem,omitempty"`
}

// entry is a file or folder of a transfer.
type entry struct {
	Path   string    `json:"p"` // within the transfer; begins with the offer's name
	Size   int64     `json:"s,omitempty"`
	Time   time.Time `json:"t,omitzero"` // of the last change
	Exec   bool      `json:"x,omitempty"`
	Folder bool      `json:"d,omitempty"`
}

type entriesMessage struct {
	ID      uint32  `json:"id"`
	First   uint32  `json:"first"`
	Entries []entry `json:"entries"`
}

type planMessage struct {
	ID    uint32 `json:"id"`
	First uint32 `json:"first"`
	Count int    `json:"count"`
	Have  []have `json:"have,omitempty"` // only of entries of which there is something
}

// have is what R has of an entry: the first so many chunks, with the hash over their hashes. The hash of a whole
// file is the same: SHA-256 over the SHA-256 of each chunk.
type have struct {
	Entry    uint32 `json:"e"`
	Complete bool   `json:"c,omitempty"` // a whole file: all or nothing
	Marks    []mark `json:"m"`
}

type mark struct {
	Chunks int64  `json:"n"`
	Hash   []byte `json:"h"`
}

type finishMessage struct {
	ID    uint32 `json:"id"`
	Files int    `json:"files"` // that could not be sent
}

type closedMessage struct {
	ID      uint32  `json:"id"`
	Problem Problem `json:"problem,omitempty"`
	Failed  int     `json:"failed,omitempty"` // files that are not there
}

type cancelMessage struct {
	ID      uint32  `json:"id"`
	Mine    bool    `json:"mine"` // the one who says so is its source
	Problem Problem `json:"problem"`
}

type listMessage struct {
	ID   uint32 `json:"id"`
	Path string `json:"path"` // "" lists the places to begin at
}

type listingMessage struct {
	ID      uint32  `json:"id"`
	Problem Problem `json:"problem,omitempty"`
	Items   []Item  `json:"items,omitempty"`
	More    bool    `json:"more,omitempty"` // another listing of the same ID follows
	Cut     bool    `json:"cut,omitempty"`  // there is more than is listed
}

type fetchMessage struct {
	ID    uint32   `json:"id"`
	Paths []string `json:"paths"`
}

type fetchedMessage struct {
	ID      uint32  `json:"id"`
	Problem Problem `json:"problem,omitempty"`
}

// marshal writes a message of JSON.
func marshal(k kind, m any) []byte {
	data, err := json.Marshal(m)
	if err != nil { // plain data
		panic("transfer: " + err.Error())
	}
	return append([]byte{byte(k)}, data...)
}

// parse reads the JSON of a message.
func parse[T any](data []byte) (m T, err error) {
	if len(data) > maxJSON {
		return m, fmt.Errorf("%w: message of %d bytes", ErrProtocol, len(data))
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("%w: %v", ErrProtocol, err)
	}
	return m, nil
}

// chunkMessage is the beginning of a chunk, or with More what follows.
type chunkMessage struct {
	more     bool
	ack      bool
	zstd     bool
	transfer uint32
	entry    uint32
	index    uint32
	length   int // of the chunk
	stored   int // of its bytes as sent
	hash     digest
	bytes    []byte
}

// appendTo appends the message's bytes.
func (c *chunkMessage) appendTo(b []byte) []byte {
	flags := byte(0)
	if c.ack {
		flags |= flagAck
	}
	if c.zstd {
		flags |= flagZstd
	}
	if c.more {
		b = append(b, byte(kindMore), flags)
		b = binary.BigEndian.AppendUint32(b, c.transfer)
		return append(b, c.bytes...)
	}
	b = append(b, byte(kindChunk), flags)
	for _, v := range []uint32{c.transfer, c.entry, c.index, uint32(c.length), uint32(c.stored)} {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	b = append(b, c.hash[:]...)
	return append(b, c.bytes...)
}

// parseChunk reads a chunk or more message; its bytes are data's.
func parseChunk(data []byte) (c chunkMessage, err error) {
	bad := fmt.Errorf("%w: chunk of %d bytes", ErrProtocol, len(data))
	if len(data) < moreHeader || data[1]&^(flagAck|flagZstd) != 0 {
		return c, bad
	}
	c.ack, c.zstd = data[1]&flagAck != 0, data[1]&flagZstd != 0
	c.transfer = binary.BigEndian.Uint32(data[2:])
	if kind(data[0]) == kindMore {
		c.more, c.bytes = true, data[moreHeader:]
		if c.zstd || len(c.bytes) == 0 || len(c.bytes) > ChunkSize {
			return c, bad
		}
		return c, nil
	}
	if len(data) < chunkHeader {
		return c, bad
	}
	c.entry, c.index = binary.BigEndian.Uint32(data[6:]), binary.BigEndian.Uint32(data[10:])
	length, stored := binary.BigEndian.Uint32(data[14:]), binary.BigEndian.Uint32(data[18:])
	if length == 0 || length > ChunkSize || stored == 0 || stored > length || !c.zstd && stored != length {
		return c, bad
	}
	c.length, c.stored, c.hash = int(length), int(stored), digest(data[22:])
	c.bytes = data[chunkHeader:]
	if len(c.bytes) == 0 || len(c.bytes) > c.stored {
		return c, bad
	}
	return c, nil
}

// endMessage ends an entry.
type endMessage struct {
	ack      bool
	transfer uint32
	entry    uint32
	outcome  outcome
	hash     digest
}

func (e *endMessage) appendTo(b []byte) []byte {
	flags := byte(0)
	if e.ack {
		flags |= flagAck
	}
	b = append(b, byte(kindEnd), flags)
	b = binary.BigEndian.AppendUint32(b, e.transfer)
	b = binary.BigEndian.AppendUint32(b, e.entry)
	b = append(b, byte(e.outcome))
	return append(b, e.hash[:]...)
}

func parseEnd(data []byte) (e endMessage, err error) {
	if len(data) != endSize || data[1]&^flagAck != 0 {
		return e, fmt.Errorf("%w: end of %d bytes", ErrProtocol, len(data))
	}
	e.ack = data[1]&flagAck != 0
	e.transfer, e.entry = binary.BigEndian.Uint32(data[2:]), binary.BigEndian.Uint32(data[6:])
	e.outcome, e.hash = outcome(data[10]), digest(data[11:])
	if e.outcome < outcomeWhole || e.outcome > outcomeUnreadable {
		return e, fmt.Errorf("%w: outcome %d", ErrProtocol, e.outcome)
	}
	return e, nil
}

// parseEntries reads a batch and checks what it says against the limits.
func parseEntries(data []byte) (m entriesMessage, err error) {
	m, err = parse[entriesMessage](data)
	if err != nil {
		return m, err
	}
	if len(m.Entries) == 0 || len(m.Entries) > batchEntries || m.First > MaxEntries || int(m.First)+len(m.Entries) > MaxEntries {
		return m, fmt.Errorf("%w: %d entries from %d", ErrProtocol, len(m.Entries), m.First)
	}
	for _, e := range m.Entries {
		if _, err := splitPath(e.Path); err != nil {
			return m, err
		}
		if e.Size < 0 || e.Size > maxFile || e.Folder && (e.Size != 0 || e.Exec) {
			return m, fmt.Errorf("%w: entry of %d bytes", ErrProtocol, e.Size)
		}
		if y := e.Time.Year(); !e.Time.IsZero() && (y < 1900 || y > 3000) {
			return m, fmt.Errorf("%w: entry of the year %d", ErrProtocol, y)
		}
	}
	return m, nil
}

// parsePlan reads a plan and checks it against the limits.
func parsePlan(data []byte) (m planMessage, err error) {
	m, err = parse[planMessage](data)
	if err != nil {
		return m, err
	}
	if m.Count < 1 || m.Count > batchEntries || len(m.Have) > m.Count {
		return m, fmt.Errorf("%w: plan for %d entries", ErrProtocol, m.Count)
	}
	for _, h := range m.Have {
		if h.Entry < m.First || h.Entry-m.First >= uint32(m.Count) || len(h.Marks) == 0 || len(h.Marks) > maxMarks {
			return m, fmt.Errorf("%w: plan for entry %d", ErrProtocol, h.Entry)
		}
		last := int64(-1)
		for _, k := range h.Marks {
			if k.Chunks <= last || k.Chunks < 0 || k.Chunks > maxFile/ChunkSize || len(k.Hash) != sha256.Size {
				return m, fmt.Errorf("%w: mark at %d", ErrProtocol, k.Chunks)
			}
			last = k.Chunks
		}
	}
	return m, nil
}

// chunks is how many chunks a file of a size has.
func chunks(size int64) int64 { return (size + ChunkSize - 1) / ChunkSize }
