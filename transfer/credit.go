package transfer

import (
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
	if data[1]&flagAck != 0 && !over {
		x.ackLocked()
	}
	x.ackMu.Unlock()
	if over {
		return false, fmt.Errorf("%w: more than was agreed is on its way", ErrProtocol)
	}
	x.mu.Lock()
	in := x.in[binary.BigEndian.Uint32(data[2:])]
	x.mu.Unlock()
	if in == nil { // it has been cancelled here
		x.count(cost)
		return false, nil
	}
	return true, in.add(work{data: data})
}

// ackLocked sends an acknowledgement; those of one exchange are in order.
func (x *Exchange) ackLocked() {
	m := make([]byte, 0, 17)
	m = append(m, byte(kindAck))
	m = binary.BigEndian.AppendUint64(m, uint64(x.arrived))
	m = binary.BigEndian.AppendUint64(m, uint64(x.processed))
	x.told = x.processed
	_ = x.conn.SendFile(x.ctx, m)
}

// count counts what has been dealt with, and tells the other side from time to time.
func (x *Exchange) count(cost int64) {
	x.ackMu.Lock()
	defer x.ackMu.Unlock()
	x.processed += cost
	if x.processed-x.told >= credit/4 {
		x.ackLocked()
	}
}
