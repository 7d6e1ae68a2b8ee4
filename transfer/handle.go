package transfer

import (
	"context"
	"fmt"
)

// receive reads messages. It never waits for disks or people.
func (x *Exchange) receive(ctx context.Context, conn Conn) error {
	for {
		data, err := conn.ReceiveFile(ctx)
		if err != nil {
			return err
		}
		if len(data) == 0 {
			return fmt.Errorf("%w: empty message", ErrProtocol)
		}
		kept, err := x.handle(data)
		if err != nil {
			return err
		}
		if !kept {
			x.recycle(data)
		}
	}
}

func (x *Exchange) recycle(data []byte) {
	if x.config.Recycle != nil {
		x.config.Recycle(data)
	}
}

// handle takes one message; kept tells that its bytes are still in use.
func (x *Exchange) handle(data []byte) (kept bool, err error) {
	body := data[1:]
	switch kind(data[0]) {
	case kindChunk, kindMore, kindEnd:
		return x.handleData(data)
	case kindAck:
		return false, x.handleAck(data)
	case kindOffer:
		return false, dispatch(body, x.handleOffer)
	case kindEntries:
		m, err := parseEntries(body)
		if err == nil {
			err = x.queue(m.ID, work{entries: &m})
		}
		return false, err
	case kindFinish:
		return false, dispatch(body, func(m finishMessage) error { return x.queue(m.ID, work{finish: &m}) })
	case kindAnswer:
		return false, dispatch(body, x.handleAnswer)
	case kindPlan:
		m, err := parsePlan(body)
		if err == nil {
			err = x.handlePlan(m)
		}
		return false, err
	case kindClosed:
		return false, dispatch(body, x.handleClosed)
	case kindCancel:
		return false, dispatch(body, x.handleCancel)
	case kindList:
		return false, dispatch(body, x.handleList)
	case kindListing:
		return false, dispatch(body, x.handleListing)
	case kindFetch:
		return false, dispatch(body, x.handleFetch)
	case kindFetched:
		return false, dispatch(body, x.handleFetched)
	case kindCopied:
		return false, dispatch(body, x.handleCopied)
	case kindPut:
		return false, dispatch(body, x.handlePut)
	case kindPutDone:
		return false, dispatch(body, x.handlePutDone)
	}
	return false, nil // of a newer version
}

func dispatch[T any](body []byte, handle func(T) error) error {
	m, err := parse[T](body)
	if err != nil {
		return err
	}
	return handle(m)
}

// send sends a message while the session runs; errors show in Run.
func (x *Exchange) send(k kind, m any) { x.sendWhile(x.ctx, k, m) }

// sendWhile sends a message that means nothing any more when ctx has ended, as that of a transfer does with it.
func (x *Exchange) sendWhile(ctx context.Context, k kind, m any) {
	_ = x.conn.SendFile(ctx, marshal(k, m))
}
