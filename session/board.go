package session

import (
	"context"

	"handrail/screen"
	"handrail/session/mux"
	"handrail/whiteboard"
)

// BoardMonitors are a desktop's monitors as package whiteboard knows them; a desktop that names none is one.
func BoardMonitors(d screen.Desktop) []whiteboard.Monitor {
	list := make([]whiteboard.Monitor, 0, len(d.Monitors))
	for _, m := range d.Monitors {
		list = append(list, whiteboard.Monitor{Name: m.Name, Bounds: m.Bounds})
	}
	if len(list) == 0 && d.Width > 0 {
		list = append(list, whiteboard.Monitor{})
		list[0].Bounds.Max.X, list[0].Bounds.Max.Y = d.Width, d.Height
	}
	return list
}

// boardPacket is the most that one message on the whiteboard stream carries, where what is drawn can be cut so.
const boardPacket = 32 << 10

// SendBoard sends what waits at a link of a board, until ctx or the peer ends.
func SendBoard(ctx context.Context, peer *Peer, link *whiteboard.Link) error {
	for {
		waiting, err := link.Next(ctx)
		if err != nil {
			return err
		}
		for _, packet := range whiteboard.Split(waiting, boardPacket) {
			if err := peer.conn.Send(ctx, mux.Whiteboard, packet); err != nil {
				return err
			}
		}
	}
}

// ReceiveBoard waits for the next message on the whiteboard stream, for Link.Take.
func (p *Peer) ReceiveBoard(ctx context.Context) ([]byte, error) {
	return p.conn.Receive(ctx, mux.Whiteboard)
}
