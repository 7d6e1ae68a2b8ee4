package x11

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// Raw is a connection on which this program writes requests and reads answers itself, byte by byte as the X protocol
// lays them out. The library takes several goroutines and some memory for each request and event; what is done for
// every picture goes this way instead, and allocates nothing.
//
// One goroutine at a time reads (Next, Buffered). Everything else is safe for concurrent use.
type Raw struct {
	conn net.Conn
	in   *bufio.Reader
	head [packet]byte // of Next
	skip int          // bytes of the last packet that Next has not left out yet

	deadlines sync.Mutex
	limited   bool // Next does not wait for ever

	mu       sync.Mutex
	out      []byte
	sequence uint16 // of the request written last
	ids      uint32 // given out
	base     uint32
	step     uint32
}

const (
	packet = 32 // bytes of an event, an error, and a reply's beginning
	// readAhead is how many bytes are taken in at once.
	readAhead = 512 * packet

	// ErrorCode and ReplyCode are what packets begin with that are no events.
	ErrorCode = 0
	ReplyCode = replyCode

	queryExtension = 98
	getInputFocus  = 43
)

// DialRaw opens a connection to a display; an empty name is $DISPLAY. Connect gives errors that people understand: call
// it first.
func DialRaw(display string) (*Raw, error) {
	if display == "" {
		display = os.Getenv("DISPLAY")
	}
	conn, number, err := dial(display)
	if err != nil {
		return nil, err
	}
	r := &Raw{conn: conn, in: bufio.NewReaderSize(conn, readAhead)}
	if err := r.setUp(readCookie(number)); err != nil {
		conn.Close()
		return nil, err
	}
	return r, nil
}

// setUp is the beginning of every connection: byte order, version and authority there; the base of identities back.
func (r *Raw) setUp(cookie []byte) error {
	const name = "MIT-MAGIC-COOKIE-1\x00\x00"
	hello := []byte{'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	if cookie != nil {
		hello[6], hello[8] = 18, byte(len(cookie))
		hello = append(append(hello, name...), cookie...)
	}
	if _, err := r.conn.Write(hello); err != nil {
		return err
	}
	var head [8]byte
	if _, err := io.ReadFull(r.in, head[:]); err != nil {
		return err
	}
	rest := make([]byte, int(binary.LittleEndian.Uint16(head[6:]))*unitBytes)
	if _, err := io.ReadFull(r.in, rest); err != nil {
		return err
	}
	if head[0] != 1 || len(rest) < 12 {
		return errors.New("x11: the X server refuses the connection")
	}
	r.base = binary.LittleEndian.Uint32(rest[4:])
	mask := binary.LittleEndian.Uint32(rest[8:])
	r.step = mask & -mask
	return nil
}

// NewID is an identity for something on this connection.
func (r *Raw) NewID() uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids++
	return r.base | r.ids*r.step
}

// Put adds a request to those that Flush sends: its first two bytes and what follows its length. It gives the request's
// sequence number.
func (r *Raw) Put(major, second byte, words ...uint32) (sequence uint16) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out = append(r.out, major, second)
	r.out = binary.LittleEndian.AppendUint16(r.out, uint16(1+len(words)))
	for _, w := range words {
		r.out = binary.LittleEndian.AppendUint32(r.out, w)
	}
	r.sequence++
	return r.sequence
}

// PutSync adds a request that does nothing but be answered.
func (r *Raw) PutSync() (sequence uint16) { return r.Put(getInputFocus, 0) }

// Flush sends what Put has gathered.
func (r *Raw) Flush() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.out) == 0 {
		return nil
	}
	_, err := r.conn.Write(r.out)
	r.out = r.out[:0]
	return err
}

// Next waits for the next event, error or reply and gives its first 32 bytes, valid until the next call; the rest of a
// longer one is left out. After Interrupt, and after the time that Until has set, it fails with os.ErrDeadlineExceeded;
// nothing is lost then, and it may be called again.
func (r *Raw) Next() ([]byte, error) {
	for r.skip > 0 {
		n, err := r.in.Discard(r.skip)
		r.skip -= n
		if err != nil {
			return nil, err
		}
	}
	p, err := r.in.Peek(packet)
	if err != nil {
		return nil, err
	}
	copy(r.head[:], p)
	r.skip = packet
	if kind := r.head[0] & 0x7f; kind == replyCode || kind == genericCode {
		r.skip += int(binary.LittleEndian.Uint32(r.head[4:])) * unitBytes
	}
	return r.head[:], nil
}

// Buffered tells whether Next need not wait.
func (r *Raw) Buffered() bool { return r.in.Buffered() >= r.skip+packet }

// longAgo is over for sure.
var longAgo = time.Unix(1, 0)

// Interrupt lets Next fail from now on, until Resume.
func (r *Raw) Interrupt() { r.Until(longAgo) }

// Until lets Next fail from then on, until Resume.
func (r *Raw) Until(end time.Time) {
	r.deadlines.Lock()
	defer r.deadlines.Unlock()
	r.limited = true
	_ = r.conn.SetReadDeadline(end) // on a closed connection Next fails by itself
}

// Resume takes back Interrupt and Until.
func (r *Raw) Resume() {
	r.deadlines.Lock()
	defer r.deadlines.Unlock()
	if r.limited {
		r.limited = false
		_ = r.conn.SetReadDeadline(time.Time{})
	}
}

// Extension asks for an extension's opcode and first event. It reads, and drops what comes before the answer: for the
// beginning, while no events are asked for.
func (r *Raw) Extension(name string) (opcode, firstEvent byte, err error) {
	r.mu.Lock()
	r.out = append(r.out, queryExtension, 0)
	r.out = binary.LittleEndian.AppendUint16(r.out, uint16(2+(len(name)+3)/unitBytes))
	r.out = binary.LittleEndian.AppendUint16(r.out, uint16(len(name)))
	r.out = append(append(r.out, 0, 0), name...)
	for len(r.out)%unitBytes != 0 {
		r.out = append(r.out, 0)
	}
	r.sequence++
	sequence := r.sequence
	r.mu.Unlock()
	p, err := r.Answer(sequence)
	if err != nil {
		return 0, 0, err
	}
	if p[8] == 0 {
		return 0, 0, fmt.Errorf("the X server has no extension %s", name)
	}
	return p[9], p[10], nil
}

// Answer sends what was gathered and waits for the reply to a request, as Extension does.
func (r *Raw) Answer(sequence uint16) ([]byte, error) {
	if err := r.Flush(); err != nil {
		return nil, err
	}
	for {
		p, err := r.Next()
		if err != nil {
			return nil, err
		}
		if p[0] == ErrorCode {
			return nil, fmt.Errorf("x11: error %d", p[1])
		}
		if p[0] == ReplyCode && binary.LittleEndian.Uint16(p[2:]) == sequence {
			return p, nil
		}
	}
}

// Close ends the connection, and Next with it.
func (r *Raw) Close() error { return r.conn.Close() }
