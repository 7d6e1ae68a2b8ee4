// Package mux carries messages of several streams over one channel, the more urgent first.
//
// A message is a slice of bytes with a meaning of its own; it arrives whole, once, and in the order in which
// its stream sent it. Long messages travel in fragments, so that an urgent message never waits for more than
// what has already been handed to the channel (64 KiB).
//
//	fragment   stream u8 (bit 7: more fragments of this message follow) · length u24 big endian · payload
//	ack        127 · length u24 · (stream u8 · u64 big endian: messages that were received from Receive)…
//	resume     126 · length u24 · u64 big endian for each stream: messages that have arrived whole
//
// The messages of a stream are numbered from 1 by counting. Each side keeps what it has sent until the other
// acknowledges that it was taken from Receive. What happens when a queue is full: a sender may have only so much
// unacknowledged, sent or not, and beyond that Send waits. So a receiver that does not keep up holds its own
// stream back and no other, and neither side keeps more than the limits below. Nothing is ever left out.
//
// # When the channel breaks
//
// A Conn that Keep was called on survives its channel:
//
//	attached ──the channel fails, Break──▶ detached ──Attach──▶ attached
//	    └──────── Close, or the peer breaks the protocol ────────▶ ended
//
// While it is detached, Send goes on queueing as far as there is room. On the next channel both sides first
// say what has arrived (resume), then send again what has not: once, whole and in order, as if nothing had been.
// Only the stream Screen is not repeated, because old pictures are worth nothing: its queues are emptied, and its
// sender and its receiver each get ErrRestarted once, to begin afresh.
package mux

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Stream is one flow of messages in a channel. Lower numbers are more urgent.
type Stream uint8

// The streams, the most urgent first.
const (
	Control Stream = iota
	Input
	Chat
	Whiteboard
	Clipboard
	Screen
	Files
	streamCount
)

var names = [streamCount]string{"control", "input", "chat", "whiteboard", "clipboard", "screen", "files"}

func (s Stream) String() string {
	if s < streamCount {
		return names[s]
	}
	return fmt.Sprintf("stream %d", uint8(s))
}

// limits of the streams: the largest message, and how many bytes may wait at either end, by cost.
var limits = [streamCount]struct{ message, queue int }{
	Control:    {64 << 10, 1 << 20},
	Input:      {64 << 10, 1 << 20},
	Chat:       {64 << 10, 1 << 20},
	Whiteboard: {256 << 10, 2 << 20},
	Clipboard:  {9 << 20, 18 << 20},
	Screen:     {2 << 20, 8 << 20},
	Files:      {512 << 10, 8 << 20},
}

// MaxMessage is the largest message in bytes that a stream carries.
func MaxMessage(s Stream) int { return limits[s].message }

const (
	headerSize  = 4
	maxFragment = 16<<10 - headerSize // a fragment fills one TLS record
	moreFlag    = 0x80

	ackFrame    = 0x7F
	resumeFrame = 0x7E

	// ackDelay is how long an acknowledgement may wait for a message that it can travel with.
	ackDelay = time.Second
)

// cost is what a message counts for in a queue: what keeping it takes, so that many small ones are bounded too.
func cost(message []byte) int { return len(message) + 64 }

// Errors that callers test for.
var (
	// ErrClosed says that this side has closed the connection.
	ErrClosed = errors.New("mux: closed")
	// ErrProtocol says that the peer sent something which the format forbids.
	ErrProtocol = errors.New("mux: the peer broke the protocol")
	// ErrTooLarge says that a message is larger than its stream allows.
	ErrTooLarge = errors.New("mux: message too large")
	// ErrRestarted says, once to its sender and once to its receiver, that the stream Screen begins afresh.
	ErrRestarted = errors.New("mux: the stream begins afresh on another channel")
	// ErrRenewed is a reason for Break: nothing is wrong, the keys have served long enough.
	ErrRenewed = errors.New("mux: time for another channel")
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
	mu       sync.Mutex
	output   sync.Cond              // there is something to write, or the channel is another
	room     condition              // somebody who waits to send, for Drain or for a break may go on
	arrived  [streamCount]condition // there is something to receive
	out      [streamCount]sendQueue
	in       [streamCount]receiveQueue
	sent     [streamCount]int64 // bytes handed to a channel, of messages
	received [streamCount]int64
	silent   bool        // only control messages are sent; see Silence
	ackNow   bool        // acknowledgements must go out
	ackSoon  bool        // ackTimer runs
	ackTimer *time.Timer // sets ackNow; nil: was never needed
	restart  struct{ send, receive bool }
	now      *attachment // nil: detached
	keep     bool        // a broken channel detaches
	cause    error       // why the last channel broke
	err      error

	done chan struct{} // closed with err
	wg   sync.WaitGroup
}

// condition is what goroutines wait for until their context ends. A context that was waited with stays hooked up, because
// nearly all waits come with the same one; others are hooked up for one wait.
type condition struct {
	sync.Cond
	ctx    context.Context
	unhook func() bool
}

// attachment is a Conn's use of one channel. Its fields are guarded by the Conn's lock.
type attachment struct {
	channel Channel
	again   bool // not the first: it begins with the resume frames
	said    bool // ours is out
	ready   bool // messages may be sent: the peer's resume frame is here, or none is needed
	held    bool // the channel has been given bytes that it has not been told to flush
	since   time.Time
	carried int64 // bytes handed to and received from this channel
}

// New begins to read and write. The caller closes the Conn, which closes the channel.
func New(channel Channel) *Conn {
	c := &Conn{done: make(chan struct{})}
	c.prepare()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.beginLocked(&attachment{channel: channel, ready: true})
	return c
}

// prepare lets goroutines wait for the Conn.
func (c *Conn) prepare() {
	c.output.L, c.room.L = &c.mu, &c.mu
	for i := range c.arrived {
		c.arrived[i].L = &c.mu
	}
}

// wakeAllLocked is for what concerns whoever waits for anything.
func (c *Conn) wakeAllLocked() {
	c.output.Broadcast()
	c.room.Broadcast()
	for i := range c.arrived {
		c.arrived[i].Broadcast()
	}
}

// wakeFrom is called when a context ends: whoever waits for this looks again.
func (c *Conn) wakeFrom(waiting *condition) func() {
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		waiting.Broadcast()
	}
}

func (c *Conn) beginLocked(a *attachment) {
	a.since = time.Now()
	c.now = a
	for _, loop := range []func(*attachment){c.writeLoop, c.readLoop} {
		c.wg.Go(func() { loop(a) })
	}
	c.room.Broadcast()
}

// Send queues a copy of message. It waits while too much of the stream is unacknowledged, until ctx ends or the
// Conn does. When it returns nil the message will arrive, unless the Conn ends before that. On Screen it also
// waits while there is no channel, and returns ErrRestarted once after a break.
func (c *Conn) Send(ctx context.Context, stream Stream, message []byte) error {
	if len(message) > limits[stream].message {
		return fmt.Errorf("%w: %d bytes on %v", ErrTooLarge, len(message), stream)
	}
	buffer := getBuffer(len(message))
	copy(buffer, message)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waitLocked(ctx, &c.room, func() bool { return c.mayQueueLocked(stream, buffer) })
	if c.err != nil {
		return c.err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.silent && stream != Control {
		return ErrClosed
	}
	if stream == Screen && c.restart.send {
		c.restart.send = false
		return ErrRestarted
	}
	c.out[stream].push(buffer)
	c.output.Signal()
	return nil
}

// waitLocked waits until done says so, ctx ends, or the Conn does.
func (c *Conn) waitLocked(ctx context.Context, on *condition, done func() bool) {
	if c.err != nil || ctx.Err() != nil || done() {
		return
	}
	if on.ctx != ctx && ctx.Done() != nil {
		unhook := context.AfterFunc(ctx, c.wakeFrom(on))
		if on.ctx == nil || on.ctx.Err() != nil { // an ended one has woken all, or is about to
			on.ctx, on.unhook = ctx, unhook
		} else {
			defer unhook()
		}
	}
	for c.err == nil && ctx.Err() == nil && !done() {
		on.Wait()
	}
}

func (c *Conn) mayQueueLocked(stream Stream, message []byte) bool {
	if stream == Screen {
		if c.restart.send {
			return true
		}
		if c.now == nil || !c.now.ready {
			return false
		}
	}
	q := &c.out[stream]
	return q.bytes == 0 || q.bytes+cost(message) <= limits[stream].queue
}

// Receive waits for the next message of a stream, until ctx ends or the Conn does. What has arrived before
// the end is still given. On Screen it returns ErrRestarted once after a break. The slice is the caller's, who
// may hand it to Recycle when done.
func (c *Conn) Receive(ctx context.Context, stream Stream) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	q := &c.in[stream]
	restarted := func() bool { return stream == Screen && c.restart.receive }
	c.waitLocked(ctx, &c.arrived[stream], func() bool { return restarted() || !q.empty() })
	switch {
	case restarted():
		c.restart.receive = false
		return nil, ErrRestarted
	case q.empty() && c.err != nil:
		return nil, c.err
	case q.empty():
		return nil, ctx.Err()
	}
	message := q.pop()
	c.acknowledgeLocked(stream)
	return message, nil
}

// Waiting tells whether Receive would give a message of this stream at once.
func (c *Conn) Waiting(stream Stream) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.in[stream].empty()
}

// acknowledgeLocked sees to it that the peer hears of what was taken: soon, or at once when it may be waiting.
func (c *Conn) acknowledgeLocked(stream Stream) {
	if c.err != nil {
		return
	}
	switch {
	case c.in[stream].unacked >= limits[stream].queue/4:
		c.ackNow = true
		c.output.Signal()
	case c.ackSoon:
	case c.ackTimer == nil:
		c.ackSoon, c.ackTimer = true, time.AfterFunc(ackDelay, c.acknowledgeNow)
	default:
		c.ackSoon = true
		c.ackTimer.Reset(ackDelay)
	}
}

func (c *Conn) acknowledgeNow() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ackSoon {
		c.ackSoon, c.ackNow = false, true
		c.output.Signal()
	}
}

// Queued is how many bytes of a stream wait to be handed to the channel.
func (c *Conn) Queued(stream Stream) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out[stream].unsent
}

// Traffic is how many bytes of messages a stream has handed to channels and received from them.
func (c *Conn) Traffic(stream Stream) (sent, received int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent[stream], c.received[stream]
}

// Drain waits until everything queued has been handed to the network, ctx ends, or the Conn or its channel does.
func (c *Conn) Drain(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waitLocked(ctx, &c.room, func() bool { return c.now == nil || !c.now.held && !c.unsentLocked() })
	switch {
	case c.err != nil:
		return c.err
	case ctx.Err() != nil:
		return ctx.Err()
	case c.now == nil:
		return c.cause
	}
	return nil
}

func (c *Conn) unsentLocked() bool {
	for i := range c.out {
		if c.out[i].unsent > 0 || c.out[i].next < len(c.out[i].messages) {
			return true
		}
	}
	return false
}

// Done is closed when the Conn has ended; Err then says why.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Err is why the Conn has ended, or nil.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// unhookLocked is for when nobody will wait any more.
func (c *Conn) unhookLocked() {
	if c.room.unhook != nil {
		c.room.unhook()
	}
	for i := range c.arrived {
		if c.arrived[i].unhook != nil {
			c.arrived[i].unhook()
		}
	}
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
	var last *attachment
	if c.err == nil {
		c.err = err
		last, c.now = c.now, nil
		if c.ackTimer != nil {
			c.ackTimer.Stop()
		}
		c.unhookLocked()
		close(c.done)
	}
	c.wakeAllLocked()
	c.mu.Unlock()
	if last != nil {
		last.channel.Close()
	}
}
