package transfer

import "fmt"

// maxRefusals is how many refusals may wait to be sent. No honest peer waits for more answers than that: those to its
// lists, orders and puts, of which it has maxOffers and one more, and to what it offers at once. Whoever asks on
// without taking the answers breaks the protocol.
const maxRefusals = maxOffers + 1 + maxIncoming

// refuse says no to a request of the other side. It waits for nobody.
func (x *Exchange) refuse(k kind, m any) error {
	select {
	case x.refusals <- marshal(k, m):
		return nil
	default:
		return fmt.Errorf("%w: %d answers have not been taken", ErrProtocol, maxRefusals)
	}
}

// sendRefusals sends them one after the other until the session ends.
func (x *Exchange) sendRefusals() {
	for {
		select {
		case m := <-x.refusals:
			_ = x.conn.SendFile(x.ctx, m)
		case <-x.ctx.Done():
			return
		}
	}
}
