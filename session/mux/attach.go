package mux

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Keep lets the Conn survive its channel from now on.
func (c *Conn) Keep() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep = true
}

// LetGo takes Keep back: a break of the channel ends the Conn from now on, or at once if it has happened.
func (c *Conn) LetGo() {
	c.mu.Lock()
	c.keep = false
	detached, cause := c.now == nil, c.cause
	c.mu.Unlock()
	if detached {
		c.fail(cause)
	}
}

// Break gives the present channel up, if there is one, as if it had failed.
func (c *Conn) Break(cause error) {
	c.mu.Lock()
	a := c.now
	c.mu.Unlock()
	if a != nil {
		c.broke(a, cause)
	}
}

// AwaitBreak waits until the Conn has no channel and returns why it broke. The error tells that the Conn or ctx
// has ended.
func (c *Conn) AwaitBreak(ctx context.Context) (cause, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waitLocked(ctx, &c.room, func() bool { return c.now == nil })
	if c.err != nil {
		return nil, c.err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return c.cause, nil
}

// Attach goes on over another channel. A present one is given up. The peer does the same with its end.
func (c *Conn) Attach(channel Channel) error {
	c.Break(ErrRenewed)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil || c.now != nil {
		channel.Close()
		return errors.Join(c.err, ErrClosed)
	}
	c.beginLocked(&attachment{channel: channel, again: true})
	return nil
}

// End ends the Conn for a reason of its user's. What has arrived can still be received.
func (c *Conn) End(reason error) { c.fail(reason) }

// Attached tells whether there is a channel.
func (c *Conn) Attached() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now != nil
}

// Use is how long the present channel has been in use, and for how many bytes.
func (c *Conn) Use() (since time.Time, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now == nil {
		return time.Now(), 0
	}
	return c.now.since, c.now.carried
}

// broke takes a channel away that has failed. Its loops end; nothing that they still do counts.
func (c *Conn) broke(a *attachment, err error) {
	c.mu.Lock()
	if c.now != a || c.err != nil {
		c.mu.Unlock()
		return
	}
	if !c.keep || errors.Is(err, ErrProtocol) {
		c.mu.Unlock()
		c.fail(err)
		return
	}
	c.now, c.cause = nil, err
	c.out[Screen].restart()
	c.in[Screen].restart()
	c.restart.send, c.restart.receive = true, true
	for i := range c.in { // what was acknowledged may not have arrived
		c.in[i].told = 0
	}
	c.wakeAllLocked()
	c.mu.Unlock()
	a.channel.Close()
}

// resumed takes over what the peer says has arrived.
func (c *Conn) resumed(a *attachment, counts [streamCount]uint64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now != a {
		return ErrClosed
	}
	if !a.again || a.ready {
		return fmt.Errorf("%w: resumes what was not interrupted", ErrProtocol)
	}
	for i := range c.out {
		if err := c.out[i].resume(counts[i]); err != nil {
			return err
		}
	}
	a.ready, c.ackNow = true, true
	c.output.Broadcast()
	c.room.Broadcast()
	return nil
}
