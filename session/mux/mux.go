// Package mux carries messages of several streams over one channel, the more urgent first.
//
// A message is a slice of bytes with a meaning of its own; it arrives whole, once, and in the order in which
// its stream sent it. Long messages travel in fragments, so that an urgent message never waits for more than
// what has already been handed to the channel (64 KiB).
//
//	fragment   stream u8 (bit 7: more fragments of this message follow) · length u24 big endian · payload
//
// What happens when a queue is full: Send waits until the network has taken enough of that stream. What
// happens when a receiver does not keep up: its queue fills, reading stops, and the sender's queues fill in
// turn. Nothing is ever left out.
package mux

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Stream is one flow of messages in a channel. Lower numbers are more urgent.
type Stream uint8

// The streams, the most urgent first.
const (
	Control Stream = iota
	Input
	Chat
	Whiteboard
	Screen
	Files
	streamCount
)

var names = [streamCount]string{"control", "input", "chat", "whiteboard", "screen", "files"}

func (s Stream) String() string {
	if s < streamCount {
		return names[s]
	}
	return fmt.Sprintf("stream %d", uint8(s))
}

// limits of the streams: the largest message, and how many bytes may wait at either end.
var limits = [streamCount]struct{ message, queue int }{
	Control:    {64 << 10, 1 << 20},
	Input:      {64 << 10, 1 << 20},
	Chat:       {64 << 10, 1 << 20},
	Whiteboard: {256 << 10, 2 << 20},
	Screen:     {2 << 20, 8 << 20},
	Files:      {512 << 10, 4 << 20},
}

// MaxMessage is the largest message in bytes that a stream carries.
func MaxMessage(s Stream) int { return limits[s].message }

const (
	headerSize  = 4
	maxFragment = 16<<10 - headerSize // a fragment fills one TLS record
	moreFlag    = 0x80
)

// Errors that callers test for.
var (
	// ErrClosed says that this side has closed the connection.
	ErrClosed = errors.New("mux: closed")
	// ErrProtocol says that the peer sent something which the format forbids.
	ErrProtocol = errors.New("mux: the peer broke the protocol")
	// ErrTooLarge says that a message is larger than its stream allows.
	ErrTooLarge = errors.New("mux: message too large")
)

// Channel is what a Conn speaks over: session/secure's Channel. Write may keep bytes until Flush. One
// goroutine reads while another writes; Close makes both return.
type Channel interface {
	io.ReadWriteCloser
	Flush() error
}

// Conn is one side of the streams. All methods are safe for concurrent use, but messages of one stream are
// only in order when one goroutine sends them, and one receives them.
type Conn struct {
	channel Channel

	mu       sync.Mutex
	changed  sync.Cond // any queue or err has changed
	out      [streamCount]queue
	in       [streamCount]queue
	sent     [streamCount]int64 // bytes handed to the channel, of messages
	received [streamCount]int64
	silent   bool // only control messages are sent; see Silence
	held     bool // the channel has been given bytes that it has not been told to flush
	err      error

	done chan struct{} // closed with err
	wg   sync.WaitGroup
}

// queue is a FIFO of messages with their bytes, headers included, counted.
type queue struct {
	messages [][]byte // those before first are gone
	first    int
	bytes    int
	offset   int // how much of the first message has been sent
}

// New begins to read and write. The caller closes the Conn, which closes the channel.
func New(channel Channel) *Conn {
	c := &Conn{channel: channel, done: make(chan struct{})}
	c.changed.L = &c.mu
	c.wg.Add(2)
	go c.writeLoop()
	go c.readLoop()
	return c
}

// Send queues a copy of message. It waits while the stream's queue is full, until ctx ends or the Conn does.
// When it returns nil the message is on its way, but not necessarily there.
func (c *Conn) Send(ctx context.Context, stream Stream, message []byte) error {
	if len(message) > limits[stream].message {
		return fmt.Errorf("%w: %d bytes on %v", ErrTooLarge, len(message), stream)
	}
	buffer := getBuffer(len(message))
	copy(buffer, message)
	stop := context.AfterFunc(ctx, c.wake)
	defer stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	q := &c.out[stream]
	for c.err == nil && ctx.Err() == nil && q.bytes > 0 && q.bytes+len(message) > limits[stream].queue {
		c.changed.Wait()
	}
	if c.err != nil {
		return c.err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.silent && stream != Control {
		return ErrClosed
	}
	q.push(buffer)
	c.changed.Broadcast()
	return nil
}

// Receive waits for the next message of a stream, until ctx ends or the Conn does. What has arrived before
// the end is still given. The slice is the caller's, who may hand it to Recycle when done.
func (c *Conn) Receive(ctx context.Context, stream Stream) ([]byte, error) {
	stop := context.AfterFunc(ctx, c.wake)
	defer stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	q := &c.in[stream]
	for q.empty() {
		if c.err != nil {
			return nil, c.err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c.changed.Wait()
	}
	message := q.pop()
	c.changed.Broadcast()
	return message, nil
}

// Queued is how many bytes of a stream wait to be handed to the channel.
func (c *Conn) Queued(stream Stream) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out[stream].bytes
}

// Traffic is how many bytes of messages a stream has handed to the channel and received from it.
func (c *Conn) Traffic(stream Stream) (sent, received int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent[stream], c.received[stream]
}

// Drain waits until everything queued has been handed to the network, ctx ends or the Conn does.
func (c *Conn) Drain(ctx context.Context) error {
	stop := context.AfterFunc(ctx, c.wake)
	defer stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.err == nil && ctx.Err() == nil && (c.held || c.queuedLocked() > 0) {
		c.changed.Wait()
	}
	if c.err != nil {
		return c.err
	}
	return ctx.Err()
}

func (c *Conn) queuedLocked() int {
	total := 0
	for i := range c.out {
		total += c.out[i].bytes
	}
	return total
}

// Done is closed when the Conn has ended; Err then says why.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Err is why the Conn has ended, or nil.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close ends the Conn and its channel at once and waits for its goroutines. Queued messages are lost; see
// Drain.
func (c *Conn) Close() error {
	c.fail(ErrClosed)
	c.wg.Wait()
	return nil
}

// fail ends the Conn; the first reason counts.
func (c *Conn) fail(err error) {
	c.mu.Lock()
	first := c.err == nil
	if first {
		c.err = err
		close(c.done)
	}
	c.changed.Broadcast()
	c.mu.Unlock()
	if first {
		c.channel.Close()
	}
}

func (c *Conn) wake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changed.Broadcast()
}

func (q *queue) empty() bool { return q.first == len(q.messages) }

func (q *queue) push(message []byte) {
	q.messages = append(q.messages, message)
	q.bytes += len(message) + headerSize
}

func (q *queue) pop() []byte {
	message := q.messages[q.first]
	q.messages[q.first] = nil
	q.first++
	if q.first > len(q.messages)/2 {
		n := copy(q.messages, q.messages[q.first:])
		clear(q.messages[n:])
		q.messages, q.first = q.messages[:n], 0
	}
	q.bytes -= len(message) + headerSize
	q.offset = 0
	return message
}
