package transfer

import (
	"context"
	"encoding/binary"
	"fmt"
)

// handleData counts a chunk, more or end message and hands it to its transfer.
func (x *Exchange) handleData(data []byte) (kept bool, err error) {
	if len(data) < moreHeader || len(data) > chunkHeader+ChunkSize {
		return false, fmt.Errorf("%w: data of %d bytes", ErrProtocol, len(data))
	}
	cost := int64(len(data) + overhead)
	x.ackMu.Lock()
	x.arrived += cost
	over := x.arrived-x.processed > credit
	x.ackMu.Unlock()
	if over {
		return false, fmt.Errorf("%w: more than was agreed is on its way", ErrProtocol)
	}
	if data[1]&flagAck != 0 {
		x.ack(x.ctx)
	}
	x.mu.Lock()
	in := x.in[binary.BigEndian.Uint32(data[2:])]
	x.mu.Unlock()
	taken := false
	if in != nil {
		taken, err = in.add(work{data: data})
	}
	if !taken { // it has ended here
		x.count(x.ctx, cost)
	}
	return taken, err
}

// ack sends an acknowledgement; those of one exchange are in order. What ctx breaks off counts as not told.
func (x *Exchange) ack(ctx context.Context) {
	select {
	case x.acking <- struct{}{}:
	case <-ctx.Done():
		return
	}
	defer func() { <-x.acking }()
	m := make([]byte, 0, 17)
	m = append(m, byte(kindAck))
	x.ackMu.Lock()
	m = binary.BigEndian.AppendUint64(m, uint64(x.arrived))
	m = binary.BigEndian.AppendUint64(m, uint64(x.processed))
	before := x.told
	x.told = x.processed
	x.ackMu.Unlock()
	if x.conn.SendFile(ctx, m) != nil {
		x.ackMu.Lock()
		x.told = before
		x.ackMu.Unlock()
	}
}

// count counts what has been dealt with, and tells the other side from time to time, while ctx lasts.
func (x *Exchange) count(ctx context.Context, cost int64) {
	x.ackMu.Lock()
	x.processed += cost
	due := x.processed-x.told >= credit/4
	x.ackMu.Unlock()
	if due {
		x.ack(ctx)
	}
}
