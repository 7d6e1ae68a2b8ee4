package session

import (
	"context"

	"handrail/session/mux"
)

// SendFile sends a message of package transfer.
func (p *Peer) SendFile(ctx context.Context, message []byte) error {
	return p.conn.Send(ctx, mux.Files, message)
}

// ReceiveFile waits for the next message of package transfer. Give it to mux.Recycle when done.
func (p *Peer) ReceiveFile(ctx context.Context) ([]byte, error) {
	return p.conn.Receive(ctx, mux.Files)
}
