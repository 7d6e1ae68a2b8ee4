package transfer

import (
	"encoding/binary"
	"fmt"
)

// What the other side says about transfers whose files this side has. A transfer that has just ended here may still
// be spoken of; that is ignored.

func (x *Exchange) outgoing(id uint32) *outgoing {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.out[id]
}

// tell changes what has come for a transfer and wakes its goroutine.
func (o *outgoing) tell(fn func()) {
	o.mu.Lock()
	fn()
	o.mu.Unlock()
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (x *Exchange) handleAnswer(m answerMessage) error {
	if o := x.outgoing(m.ID); o != nil {
		o.tell(func() {
			if o.answer == nil {
				o.answer = &m
			}
		})
	}
	return nil
}

func (x *Exchange) handlePlan(m planMessage) (err error) {
	o := x.outgoing(m.ID)
	if o == nil {
		return nil
	}
	o.tell(func() {
		if o.asked[m.First] != m.Count {
			err = fmt.Errorf("%w: a plan that was not asked for", ErrProtocol)
			return
		}
		delete(o.asked, m.First)
		o.plans[m.First] = m
	})
	return err
}

func (x *Exchange) handleClosed(m closedMessage) error {
	o := x.outgoing(m.ID)
	if o == nil {
		return nil
	}
	o.tell(func() {
		if o.closed == nil {
			o.closed = &m
		}
	})
	return nil
}

func (x *Exchange) handleCancel(m cancelMessage) error {
	problem := known(m.Problem)
	if !m.Mine {
		if o := x.outgoing(m.ID); o != nil {
			o.mu.Lock()
			o.byPeer = true
			o.mu.Unlock()
			o.cancel(problem)
		}
		return nil
	}
	x.mu.Lock()
	in := x.in[m.ID]
	x.mu.Unlock()
	if in != nil {
		in.mu.Lock()
		in.byPeer = true
		in.mu.Unlock()
		in.cancel(problem)
	}
	return nil
}

func (x *Exchange) handleAck(data []byte) error {
	if len(data) != 17 {
		return fmt.Errorf("%w: acknowledgement of %d bytes", ErrProtocol, len(data))
	}
	arrived, processed := binary.BigEndian.Uint64(data[1:]), binary.BigEndian.Uint64(data[9:])
	if arrived > 1<<62 || processed > 1<<62 || !x.window.acknowledge(int64(arrived), int64(processed)) {
		return fmt.Errorf("%w: acknowledgement of what was not sent", ErrProtocol)
	}
	return nil
}
