package mux

import "encoding/binary"

// writeLoop hands fragments to the channel, always of the most urgent stream that has any, and flushes when
// there is nothing more to send.
func (c *Conn) writeLoop() {
	defer c.wg.Done()
	frame := make([]byte, headerSize+maxFragment)
	for {
		n, ok := c.nextFragment(frame)
		if !ok {
			return
		}
		var err error
		if n == 0 {
			err = c.flush()
			if err == nil && !c.awaitOutput() {
				return
			}
		} else {
			_, err = c.channel.Write(frame[:n])
		}
		if err != nil {
			c.fail(err)
			return
		}
	}
}

// nextFragment writes the next fragment into frame and returns its length, 0 when nothing waits, and false
// when the Conn has ended.
func (c *Conn) nextFragment(frame []byte) (int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0, false
	}
	for stream := range c.out {
		q := &c.out[stream]
		if q.empty() {
			continue
		}
		message := q.messages[q.first]
		rest := message[q.offset:]
		part := rest[:min(len(rest), maxFragment)]
		binary.BigEndian.PutUint32(frame, uint32(stream)<<24|uint32(len(part)))
		copy(frame[headerSize:], part)
		c.sent[stream] += int64(len(part))
		c.held = true
		if len(part) < len(rest) {
			frame[0] |= moreFlag
			q.offset += len(part)
		} else {
			Recycle(q.pop())
			c.changed.Broadcast()
		}
		return headerSize + len(part), true
	}
	return 0, true
}

// flush lets the channel send what it holds, and tells Drain.
func (c *Conn) flush() error {
	if err := c.channel.Flush(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = false // only this goroutine sets it
	c.changed.Broadcast()
	return nil
}

// awaitOutput waits until something is queued; false says that the Conn has ended.
func (c *Conn) awaitOutput() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.err == nil && c.queuedLocked() == 0 {
		c.changed.Wait()
	}
	return c.err == nil
}
