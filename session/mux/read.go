package mux

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// readLoop puts fragments together and queues whole messages. It alone touches the unfinished ones.
func (c *Conn) readLoop() {
	defer c.wg.Done()
	reader := bufio.NewReaderSize(c.channel, 64<<10)
	var unfinished [streamCount][]byte
	for {
		if err := c.readFragment(reader, &unfinished); err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = io.EOF
			}
			c.fail(err)
			return
		}
	}
}

func (c *Conn) readFragment(reader io.Reader, unfinished *[streamCount][]byte) error {
	var header [headerSize]byte
	if _, err := io.ReadFull(reader, header[:]); err != nil {
		return err
	}
	more := header[0]&moreFlag != 0
	stream := Stream(header[0] &^ moreFlag)
	header[0] = 0
	length := int(binary.BigEndian.Uint32(header[:]))
	if stream >= streamCount {
		return fmt.Errorf("%w: unknown %v", ErrProtocol, stream)
	}
	if length > maxFragment || more && length == 0 {
		return fmt.Errorf("%w: fragment of %d bytes on %v", ErrProtocol, length, stream)
	}
	have := unfinished[stream]
	total := len(have) + length
	if total > limits[stream].message {
		return fmt.Errorf("%w: message of more than %d bytes on %v", ErrProtocol, limits[stream].message, stream)
	}
	message := grow(have, total)
	if _, err := io.ReadFull(reader, message[len(have):]); err != nil {
		return err
	}
	if more {
		unfinished[stream] = message
		return nil
	}
	unfinished[stream] = nil
	return c.deliver(stream, message)
}

// deliver queues a message for Receive and waits while the stream's queue is full.
func (c *Conn) deliver(stream Stream, message []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	q := &c.in[stream]
	for c.err == nil && q.bytes > 0 && q.bytes+len(message) > limits[stream].queue {
		c.changed.Wait()
	}
	if c.err != nil {
		return c.err
	}
	q.push(message)
	c.received[stream] += int64(len(message))
	c.changed.Broadcast()
	return nil
}
