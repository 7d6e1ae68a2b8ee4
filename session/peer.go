package session

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"handrail/session/link"
	"handrail/session/mux"
	"handrail/session/wire"
)

// goodbye is how long ending a session may take to tell the other side.
const goodbye = 2 * time.Second

// Peer is the other side of an established channel, as a sender and receiver of messages. Methods are safe
// for concurrent use; each kind of message has one receiver.
type Peer struct {
	conn  *mux.Conn
	leave atomic.Pointer[Rejoin]    // how to tell the relay that the session is over when the other side does not hear it; may be nil
	told  atomic.Bool               // the other side has said that the session is over
	link  atomic.Pointer[link.Link] // the present one, for Leave; nil: none, or none that is known
	chat  chatPace
}

// NewPeer takes over a channel.
func NewPeer(channel mux.Channel) *Peer { return &Peer{conn: mux.New(channel), chat: newChatPace()} }

// Greet sends this side's hello, waits for the other's and checks that both speak the same version. From then on the
// peer survives breaks of its channel; see KeepAttached.
func (p *Peer) Greet(ctx context.Context, hello ControlMessage) (ControlMessage, error) {
	hello.Type, hello.Version = MsgHello, PeerVersion
	if err := p.SendControl(ctx, hello); err != nil {
		return ControlMessage{}, err
	}
	answer, err := p.ReceiveControl(ctx)
	switch {
	case err != nil:
		return answer, err
	case answer.Type == MsgEnd:
		return answer, wire.Fail(wire.Reason(answer.Reason), nil)
	case answer.Type != MsgHello || answer.Party == nil:
		return answer, fmt.Errorf("%w: %q instead of hello", ErrMessage, answer.Type)
	case answer.Version != PeerVersion:
		return answer, wire.Fail(wire.ReasonPeerVersion, fmt.Errorf("the peer speaks version %d, this program %d", answer.Version, PeerVersion))
	}
	p.conn.Keep() // from here on there is something to come back to
	return answer, nil
}

// SendControl sends a control message.
func (p *Peer) SendControl(ctx context.Context, m ControlMessage) error {
	return p.conn.Send(ctx, mux.Control, m.Marshal())
}

// ReceiveControl waits for the next control message.
func (p *Peer) ReceiveControl(ctx context.Context) (ControlMessage, error) {
	data, err := p.conn.Receive(ctx, mux.Control)
	if err != nil {
		return ControlMessage{}, err
	}
	defer mux.Recycle(data)
	m, err := ParseControl(data)
	if err == nil && m.Type == MsgEnd {
		p.told.Store(true)
	}
	return m, err
}

// How much chat is taken of the other side: far more than people write, and little enough for whoever shows it or writes it
// down. More waits on the way, and in the end in the other side's program.
const (
	chatRate       = 200 // lines a second
	chatBurst      = 500
	chatBytes      = 64 << 10 // a second
	chatBytesBurst = 1 << 20
)

// chatPace holds chat back that comes faster.
type chatPace struct{ lines, bytes *rate.Limiter }

func newChatPace() chatPace {
	return chatPace{rate.NewLimiter(chatRate, chatBurst), rate.NewLimiter(chatBytes, chatBytesBurst)}
}

func (p chatPace) wait(ctx context.Context, message []byte) error {
	if err := p.lines.Wait(ctx); err != nil {
		return err
	}
	return p.bytes.WaitN(ctx, len(message))
}

// SendChat sends a line of chat. It waits while the other side takes no more.
func (p *Peer) SendChat(ctx context.Context, text string) error {
	return p.conn.Send(ctx, mux.Chat, ChatMessage{Text: text}.Marshal())
}

// ReceiveChat waits for the next line of chat, and as long as what comes is more than people write.
func (p *Peer) ReceiveChat(ctx context.Context) (string, error) {
	data, err := p.conn.Receive(ctx, mux.Chat)
	if err != nil {
		return "", err
	}
	defer mux.Recycle(data)
	m, err := ParseChat(data)
	if err == nil {
		err = p.chat.wait(ctx, data)
	}
	return m.Text, err
}

// SendInput sends what an operator's hands did.
func (p *Peer) SendInput(ctx context.Context, in Input) error {
	return p.conn.Send(ctx, mux.Input, in.AppendTo(make([]byte, 0, 8+len(in.Text))))
}

// ReceiveInput waits for the next input.
func (p *Peer) ReceiveInput(ctx context.Context) (Input, error) {
	data, err := p.conn.Receive(ctx, mux.Input)
	if err != nil {
		return Input{}, err
	}
	defer mux.Recycle(data)
	return ParseInput(data)
}

// InputWaiting tells whether the next input is there already.
func (p *Peer) InputWaiting() bool { return p.conn.Waiting(mux.Input) }

// SendPart sends a part of an update, or whatever else goes on the screen stream.
func (p *Peer) SendPart(ctx context.Context, part []byte) error {
	return p.conn.Send(ctx, mux.Screen, part)
}

// ReceivePart waits for the next message on the screen stream. Give it to mux.Recycle when done.
func (p *Peer) ReceivePart(ctx context.Context) ([]byte, error) {
	return p.conn.Receive(ctx, mux.Screen)
}

// Done is closed when the channel is gone; Err then says why.
func (p *Peer) Done() <-chan struct{} { return p.conn.Done() }

// Err is why the channel is gone, or nil.
func (p *Peer) Err() error { return p.conn.Err() }

// End tells the other side why the session is over and closes when it knows, or after a moment. A side that was
// told itself just closes: that is the answer which the other one waits for.
func (p *Peer) End(reason wire.Reason) {
	defer p.Close()
	if p.told.Load() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), goodbye)
	defer cancel()
	p.conn.LetGo() // from here on a broken channel is the end
	if !p.sayEnd(ctx, reason) {
		if r := p.leave.Load(); r != nil {
			p.Close() // the relay may still take the link for a good one
			r.leave()
		}
	}
}

// sayEnd tells the other side; false when it may not have heard.
func (p *Peer) sayEnd(ctx context.Context, reason wire.Reason) bool {
	if p.SendControl(ctx, ControlMessage{Type: MsgEnd, Reason: string(reason)}) != nil || p.conn.Drain(ctx) != nil {
		return false
	}
	if l := p.link.Load(); l != nil {
		_ = l.Leave(ctx) // in case the other side does not get the message
	}
	for !p.told.Load() {
		if _, err := p.ReceiveControl(ctx); err != nil && !errors.Is(err, ErrMessage) {
			return ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) // the other side has closed, or takes too long
		}
	}
	return true
}

// Silence stops all streams but control, and drops what waits on them.
func (p *Peer) Silence() { p.conn.Silence() }

// Close closes the channel at once.
func (p *Peer) Close() { p.conn.Close() }

// ReasonOf is the reason that people are told for an error of a link, channel or peer.
func ReasonOf(err error) wire.Reason {
	var known *wire.Error
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &known):
		return known.Reason
	case errors.Is(err, ErrMessage), errors.Is(err, mux.ErrProtocol):
		return wire.ReasonProtocol
	case errors.As(err, &record), errors.As(err, &alert):
		return wire.ReasonIntercepted
	case errors.Is(err, io.EOF):
		return wire.ReasonPeerLeft
	case errors.Is(err, mux.ErrClosed), errors.Is(err, mux.ErrRenewed):
		return wire.ReasonClosed
	case errors.Is(err, context.DeadlineExceeded):
		return wire.ReasonTimeout
	case errors.Is(err, context.Canceled):
		return wire.ReasonCancelled
	}
	return wire.ReasonRelayLost
}
