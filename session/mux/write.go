package mux

import "encoding/binary"

// writeLoop hands fragments to the channel, always of the most urgent stream that has any, and flushes when
// there is nothing more to send.
func (c *Conn) writeLoop(a *attachment) {
	frame := make([]byte, headerSize+maxFragment)
	for {
		n, ok := c.nextFragment(a, frame)
		if !ok {
			return
		}
		var err error
		if n == 0 {
			err = c.flush(a)
			if err == nil && !c.awaitOutput(a) {
				return
			}
		} else {
			_, err = a.channel.Write(frame[:n])
		}
		if err != nil {
			c.broke(a, err)
			return
		}
	}
}

// nextFragment writes the next fragment into frame and returns its length, 0 when nothing waits, and false
// when the channel is given up.
func (c *Conn) nextFragment(a *attachment, frame []byte) (int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now != a {
		return 0, false
	}
	n := 0
	switch {
	case a.again && !a.said:
		a.said = true
		n = c.putResumeLocked(frame)
	case !a.ready:
	case c.ackNow || !a.held && c.ackSoon && c.unsentLocked(): // with what is sent anyway, they cost next to nothing
		n = c.putAcksLocked(frame)
	}
	if n == 0 && a.ready {
		n = c.putFragmentLocked(frame)
	}
	if n > 0 {
		a.held = true
		a.carried += int64(n)
	}
	return n, true
}

func (c *Conn) putFragmentLocked(frame []byte) int {
	for stream := range c.out {
		q := &c.out[stream]
		if q.next == len(q.messages) {
			continue
		}
		rest := q.messages[q.next][q.offset:]
		part := rest[:min(len(rest), maxFragment)]
		binary.BigEndian.PutUint32(frame, uint32(stream)<<24|uint32(len(part)))
		copy(frame[headerSize:], part)
		c.sent[stream] += int64(len(part))
		q.unsent -= len(part)
		if len(part) < len(rest) {
			frame[0] |= moreFlag
			q.offset += len(part)
		} else {
			q.next, q.offset = q.next+1, 0
		}
		return headerSize + len(part)
	}
	return 0
}

// putAcksLocked writes what was taken since the peer was last told; nothing when there is nothing new.
func (c *Conn) putAcksLocked(frame []byte) int {
	c.ackNow = false
	if c.ackSoon {
		c.ackTimer.Stop()
		c.ackSoon = false
	}
	n := headerSize
	for stream := range c.in {
		q := &c.in[stream]
		if q.taken == q.told {
			continue
		}
		q.told, q.unacked = q.taken, 0
		frame[n] = byte(stream)
		binary.BigEndian.PutUint64(frame[n+1:], q.taken)
		n += ackSize
	}
	if n == headerSize {
		return 0
	}
	binary.BigEndian.PutUint32(frame, ackFrame<<24|uint32(n-headerSize))
	return n
}

func (c *Conn) putResumeLocked(frame []byte) int {
	binary.BigEndian.PutUint32(frame, resumeFrame<<24|uint32(resumeSize))
	for i := range c.in {
		binary.BigEndian.PutUint64(frame[headerSize+8*i:], c.in[i].arrived)
	}
	return headerSize + resumeSize
}

// flush lets the channel send what it holds, and tells Drain.
func (c *Conn) flush(a *attachment) error {
	if err := a.channel.Flush(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	a.held = false // only this goroutine sets it
	c.room.Broadcast()
	return nil
}

// awaitOutput waits until something is to be sent; false says that the channel is given up.
func (c *Conn) awaitOutput(a *attachment) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.now == a && !(a.again && !a.said) && !(a.ready && (c.ackNow || c.unsentLocked())) {
		c.output.Wait()
	}
	return c.now == a
}
