package mux

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// incoming is what readLoop reads with, and has read so far.
type incoming struct {
	*bufio.Reader
	header     [headerSize]byte
	acks       [ackSize * int(streamCount)]byte
	unfinished [streamCount][]byte
}

// readLoop puts fragments together and queues whole messages.
func (c *Conn) readLoop(a *attachment) {
	in := &incoming{Reader: bufio.NewReaderSize(a.channel, 64<<10)}
	for {
		if err := c.readFragment(a, in); err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = io.EOF
			}
			c.broke(a, err)
			return
		}
	}
}

func (c *Conn) readFragment(a *attachment, in *incoming) error {
	if _, err := io.ReadFull(in, in.header[:]); err != nil {
		return err
	}
	first := in.header[0]
	in.header[0] = 0
	length := int(binary.BigEndian.Uint32(in.header[:]))
	switch first {
	case ackFrame:
		return c.readAcks(a, in, length)
	case resumeFrame:
		return c.readResume(a, in, length)
	}
	more := first&moreFlag != 0
	stream := Stream(first &^ moreFlag)
	if stream >= streamCount {
		return fmt.Errorf("%w: unknown %v", ErrProtocol, stream)
	}
	if length > maxFragment || more && length == 0 {
		return fmt.Errorf("%w: fragment of %d bytes on %v", ErrProtocol, length, stream)
	}
	have := in.unfinished[stream]
	total := len(have) + length
	if total > limits[stream].message {
		return fmt.Errorf("%w: message of more than %d bytes on %v", ErrProtocol, limits[stream].message, stream)
	}
	message := grow(have, total)
	if _, err := io.ReadFull(in, message[len(have):]); err != nil {
		return err
	}
	if more {
		in.unfinished[stream] = message
		return nil
	}
	in.unfinished[stream] = nil
	return c.deliver(a, stream, message)
}

// deliver queues a message for Receive. The peer knows how much of each stream is unacknowledged, so a queue that
// overflows is its fault.
func (c *Conn) deliver(a *attachment, stream Stream, message []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now != a {
		return ErrClosed
	}
	if a.again && !a.ready {
		return fmt.Errorf("%w: a message before the resume frame", ErrProtocol)
	}
	q := &c.in[stream]
	if q.bytes > 0 && q.bytes+cost(message) > limits[stream].queue {
		return fmt.Errorf("%w: more than %d bytes unacknowledged on %v", ErrProtocol, limits[stream].queue, stream)
	}
	q.push(message)
	c.received[stream] += int64(len(message))
	a.carried += int64(len(message))
	c.arrived[stream].Broadcast()
	return nil
}

const (
	ackSize    = 1 + 8
	resumeSize = 8 * int(streamCount)
)

func (c *Conn) readAcks(a *attachment, in *incoming, length int) error {
	if length == 0 || length%ackSize != 0 || length > ackSize*int(streamCount) {
		return fmt.Errorf("%w: acknowledgements of %d bytes", ErrProtocol, length)
	}
	acks := in.acks[:length]
	if _, err := io.ReadFull(in, acks); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now != a {
		return ErrClosed
	}
	if !a.ready {
		return fmt.Errorf("%w: acknowledgements before the resume frame", ErrProtocol)
	}
	for at := 0; at < length; at += ackSize {
		stream := Stream(acks[at])
		if stream >= streamCount {
			return fmt.Errorf("%w: acknowledges unknown %v", ErrProtocol, stream)
		}
		if err := c.out[stream].acknowledged(binary.BigEndian.Uint64(acks[at+1:])); err != nil {
			return err
		}
	}
	c.room.Broadcast()
	return nil
}

func (c *Conn) readResume(a *attachment, reader io.Reader, length int) error {
	if length != resumeSize {
		return fmt.Errorf("%w: a resume frame of %d bytes", ErrProtocol, length)
	}
	var data [resumeSize]byte
	if _, err := io.ReadFull(reader, data[:]); err != nil {
		return err
	}
	var counts [streamCount]uint64
	for i := range counts {
		counts[i] = binary.BigEndian.Uint64(data[8*i:])
	}
	return c.resumed(a, counts)
}
