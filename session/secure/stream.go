package secure

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"handrail/session/wire"
)

// errEmptyPacket is a packet that no peer sends: a flow of them would keep a reader busy for nothing.
var errEmptyPacket = errors.New("empty packet")

// stream is the net.Conn on which TLS runs: a byte stream over packets. Its errors are *wire.Error, or
// net.ErrClosed after its own Close. Deadlines are those of the context; the net.Conn ones do nothing.
type stream struct {
	conn PacketConn

	// ctx governs every packet: the handshake's first, then one that lives until Close. It is exchanged by
	// live, while nobody reads or writes.
	ctx    context.Context
	cancel context.CancelFunc

	rest []byte // the reader's: not yet read bytes of the last packet

	// corked makes Write gather until a packet is full. It is set by the channel's writer between flushes.
	corked atomic.Bool

	mu  sync.Mutex
	out []byte // gathered, less than wire.MaxPacket
	err error  // the first failed send; after it the byte stream has a hole

	closing  sync.Once
	closed   atomic.Bool
	closeErr error
}

func newStream(ctx context.Context, conn PacketConn) *stream {
	ctx, cancel := context.WithCancel(ctx)
	return &stream{conn: conn, ctx: ctx, cancel: cancel}
}

// live ends the reign of the handshake's context: from here on only Close ends the stream.
func (s *stream) live() {
	s.cancel()
	s.ctx, s.cancel = context.WithCancel(context.Background())
}

// Read is for one goroutine at a time.
func (s *stream) Read(b []byte) (int, error) {
	if len(s.rest) == 0 {
		p, err := s.conn.ReceivePacket(s.ctx)
		if err != nil {
			return 0, s.reason(err)
		}
		if len(p) == 0 {
			return 0, wire.Fail(wire.ReasonIntercepted, errEmptyPacket)
		}
		if len(p) > wire.MaxPacket {
			return 0, wire.Fail(wire.ReasonTooLarge, nil)
		}
		s.rest = p
	}
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// Write may be called by the writer and, for TLS alerts, by the reader.
func (s *stream) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for rest := b; len(rest) > 0; {
		n := min(len(rest), wire.MaxPacket-len(s.out))
		s.out = append(s.out, rest[:n]...)
		rest = rest[n:]
		if len(s.out) == wire.MaxPacket {
			if err := s.sendLocked(); err != nil {
				return len(b) - len(rest), err
			}
		}
	}
	if s.corked.Load() {
		return len(b), nil
	}
	return len(b), s.sendLocked()
}

// flush sends what corked has gathered.
func (s *stream) flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sendLocked()
}

func (s *stream) sendLocked() error {
	if s.err == nil && len(s.out) > 0 {
		if err := s.conn.SendPacket(s.ctx, s.out); err != nil {
			s.err = s.reason(err)
		}
		s.out = s.out[:0]
	}
	return s.err
}

// reason turns what the PacketConn reported into what the channel's user gets.
func (s *stream) reason(err error) error {
	var known *wire.Error
	switch {
	case s.closed.Load():
		return net.ErrClosed
	case errors.As(err, &known):
		return known
	case errors.Is(s.ctx.Err(), context.DeadlineExceeded):
		return wire.Fail(wire.ReasonTimeout, err)
	case s.ctx.Err() != nil:
		return wire.Fail(wire.ReasonCancelled, err)
	case errors.Is(err, io.EOF):
		return wire.Fail(wire.ReasonPeerLeft, err)
	default:
		return wire.Fail(wire.ReasonRelayLost, err)
	}
}

// Close ends calls in progress and closes the PacketConn. It may be called at any time.
func (s *stream) Close() error {
	s.shut()
	return s.closeErr
}

func (s *stream) shut() {
	s.closing.Do(func() {
		s.closed.Store(true)
		s.cancel()
		s.closeErr = s.conn.Close()
	})
}

func (s *stream) LocalAddr() net.Addr              { return address{} }
func (s *stream) RemoteAddr() net.Addr             { return address{} }
func (s *stream) SetDeadline(time.Time) error      { return nil }
func (s *stream) SetReadDeadline(time.Time) error  { return nil }
func (s *stream) SetWriteDeadline(time.Time) error { return nil }

// address stands for the peer: where it is, only the relay knows.
type address struct{}

func (address) Network() string { return "handrail" }
func (address) String() string  { return "peer" }
