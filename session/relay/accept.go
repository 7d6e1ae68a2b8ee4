package relay

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/coder/websocket"

	"handrail/session/wire"
)

// serveLink serves one link from its opening to its end.
func (s *Server) serveLink(w http.ResponseWriter, r *http.Request) {
	// Peers are programs. A page in somebody's browser has no business here, whatever its origin.
	if r.Header.Get("Origin") != "" {
		s.fail(w, r, wire.ReasonMalformed, http.StatusForbidden)
		return
	}
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		s.fail(w, r, wire.ReasonMalformed, http.StatusUpgradeRequired)
		return
	}
	if !s.enter() {
		s.fail(w, r, wire.ReasonTooManyTries, http.StatusServiceUnavailable)
		return
	}
	l, err := s.accept(w, r)
	defer s.leave(l)
	if err != nil {
		s.log.Info("link was not opened", "address", r.RemoteAddr, "error", err)
		return
	}
	s.metrics.links.Add(1)
	go l.keep()
	defer l.end()
	s.opened(l)

	if l.conn.Subprotocol() == "" {
		l.finish(wire.Refused, wire.ReasonMalformed)
		return
	}
	if !s.limits.opens.take(addressKey(r.RemoteAddr)) {
		l.finish(wire.Refused, wire.ReasonTooManyTries)
		return
	}
	if reason := s.greet(l); reason != "" {
		l.finish(wire.Refused, reason)
		return
	}
	defer s.dir.leave(l)
	l.run(s.dir)
}

// accept opens the WebSocket.
func (s *Server) accept(w http.ResponseWriter, r *http.Request) (*link, error) {
	l := &link{
		times: s.cfg.Times, metrics: s.metrics, record: s.cfg.Record, others: s.nodes.told, address: r.RemoteAddr,
		notices: make(chan wire.Notice, noticeQueue),
		ready:   make(chan struct{}), gone: make(chan struct{}), kept: make(chan struct{}),
	}
	l.identity.Store(&identity{log: s.log.With("address", r.RemoteAddr)})
	h := &hijacked{ResponseWriter: w}
	options := &websocket.AcceptOptions{
		Subprotocols:    []string{wire.Subprotocol},
		CompressionMode: websocket.CompressionDisabled, // what is sealed does not get smaller
	}
	if l.record != nil {
		options.OnPingReceived = func(_ context.Context, payload []byte) bool {
			l.recorded(false, RecordControl, payload)
			return true
		}
		options.OnPongReceived = func(_ context.Context, payload []byte) { l.recorded(false, RecordControl, payload) }
	}
	conn, err := websocket.Accept(h, r, options)
	if err != nil {
		return nil, err
	}
	l.conn, l.socket = conn, h.socket
	// The reader checks sizes itself, because the peer gets a notice before the link closes.
	conn.SetReadLimit(-1)
	return l, nil
}

// hijacked keeps hold of the connection below a WebSocket.
type hijacked struct {
	http.ResponseWriter
	socket *socket
}

// Hijack is called by websocket.Accept.
func (h *hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.socket = &socket{Conn: conn}
	h.socket.heard.Store(ticks())
	return h.socket, rw, nil
}

// socket is a connection that knows when something last came in, which shows a peer to be alive in the middle of a
// large packet too, when no pong can come.
type socket struct {
	net.Conn
	heard atomic.Int64 // ticks
}

func (s *socket) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	if n > 0 {
		s.heard.Store(ticks())
	}
	return n, err
}
