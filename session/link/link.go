// Package link is a peer's way to the relay: the WebSocket that carries packets, and the HTTP calls with
// which operators sign in and start sessions.
//
// All errors are *wire.Error: a reason that people can be told, with the technical cause for logs. An address
// without TLS is refused unless it is this computer's own.
package link

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"handrail/session/wire"
)

const (
	// connectTimeout bounds reaching the relay and its answer to the Hello.
	connectTimeout = 8 * time.Second
	// silence is how long a link may be silent before it is asked for a sign of life, and how long the
	// answer may take.
	silence = 4 * time.Second
	// writeTimeout is how long the relay may take no packet. It stops reading while the other peer is slow.
	writeTimeout = 60 * time.Second
	// slowWrite is how long a packet takes at least that had to wait for the network: that it was taken in the end is a
	// sign of life.
	slowWrite = 100 * time.Millisecond
	// heldUp is how long a packet may wait before the relay is asked for another sign of life. It could not see the
	// question: it reads nothing more while the other peer is slow.
	heldUp = 16 * time.Second
	// maxAfter bounds how long a relay may ask a peer to stay away, in milliseconds.
	maxAfter = 30_000
)

// Link is a WebSocket to the relay. One goroutine may send while another receives; Close may come from
// anywhere. It is a secure.PacketConn.
type Link struct {
	conn    *websocket.Conn
	client  *http.Client
	session string
	welcome wire.Notice
	at      *url.URL // the relay, which may be another than the one dialled

	reading atomic.Bool  // a receiver waits: answers to pings are seen
	heard   atomic.Int64 // when the relay last gave a sign of life, in Unix nanoseconds
	writing atomic.Int64 // since when a packet is being handed to the relay, likewise; 0: none is
	silent  atomic.Bool  // the watchdog closed the link

	in bytes.Buffer // the receiver's: the message read last

	receives, sends tether

	stop context.CancelFunc
	wg   sync.WaitGroup
}

// Dial connects to a relay, says hello and waits for the welcome. Where several relays work together, it may be another
// of them that answers in the end.
func Dial(ctx context.Context, relay *url.URL, hello wire.Hello) (*Link, error) {
	if err := CheckSecure(relay); err != nil {
		return nil, err
	}
	var l *Link
	err := known.each(relay, func(at *url.URL, limit time.Duration) (err error) {
		l, err = dialFrom(ctx, at, hello, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	known.learn(relay, l.at, l.welcome.Relays)
	return l, nil
}

// dialFrom dials the relay at this address, or the one that it says has the session. When that one is gone, the first
// will know better in a moment.
func dialFrom(ctx context.Context, at *url.URL, hello wire.Hello, limit time.Duration) (*Link, error) {
	for end := time.Now().Add(limit); ; {
		l, err := follow(ctx, at, hello, time.Until(end))
		if !errors.Is(err, errSentOn) || time.Until(end) < 2*sentOnPause {
			return l, err
		}
		select {
		case <-time.After(sentOnPause):
		case <-ctx.Done():
			return nil, wire.Fail(wire.ReasonCancelled, ctx.Err())
		}
	}
}

// errSentOn marks that a relay could not be reached to which another one had sent the peer.
var errSentOn = errors.New("another relay has sent us there")

const sentOnPause = 500 * time.Millisecond

// follow dials the relay at this address, and where that one sends the peer.
func follow(ctx context.Context, at *url.URL, hello wire.Hello, limit time.Duration) (*Link, error) {
	for hop := 0; ; hop++ {
		l, err := dial(ctx, at, hello, limit)
		if err == nil {
			l.at = at
			return l, nil
		}
		next := elsewhere(at, err)
		if hop > 0 && next == nil && absent(err) {
			return nil, wire.Fail(wire.ReasonUnreachable, fmt.Errorf("%w: %w", errSentOn, err))
		}
		if next == nil || hop == maxHops {
			return nil, err
		}
		at = next
	}
}

// dial connects to the relay at this very address.
func dial(ctx context.Context, relay *url.URL, hello wire.Hello, limit time.Duration) (*Link, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	client, err := newHTTPClient(relay)
	if err != nil {
		return nil, err
	}
	conn, response, err := websocket.Dial(ctx, endpoint(relay, wire.LinkPath), &websocket.DialOptions{
		HTTPClient: client, Subprotocols: []string{wire.Subprotocol},
	})
	if err != nil {
		client.CloseIdleConnections()
		return nil, dialError(ctx, response, err)
	}
	conn.SetReadLimit(wire.MaxPacket)
	background, stop := context.WithCancel(context.Background())
	l := &Link{conn: conn, client: client, stop: stop}
	l.receives.end, l.sends.end = conn.CloseNow, conn.CloseNow
	if err := l.greet(ctx, hello); err != nil {
		l.Close()
		return nil, err
	}
	l.heardNow()
	l.wg.Go(func() { l.watch(background) })
	return l, nil
}

// greet says hello and reads the answer.
func (l *Link) greet(ctx context.Context, hello wire.Hello) error {
	if l.conn.Subprotocol() != wire.Subprotocol {
		return wire.Fail(wire.ReasonNotARelay, errors.New("no subprotocol "+wire.Subprotocol))
	}
	if hello.Version == 0 {
		hello.Version = wire.Version
	}
	if err := l.writeJSON(ctx, hello); err != nil {
		return wire.Fail(wire.ReasonUnreachable, err)
	}
	notice, err := l.readNotice(ctx)
	if errors.Is(err, wire.Fail(wire.ReasonTimeout, nil)) {
		return wire.Fail(wire.ReasonUnreachable, err)
	}
	if err != nil {
		return err
	}
	if notice.Version != wire.Version {
		return wire.Fail(wire.ReasonVersion, fmt.Errorf("the relay speaks version %d, this program %d", notice.Version, wire.Version))
	}
	if notice.Type != wire.Welcome {
		return wire.Fail(wire.ReasonNotARelay, fmt.Errorf("%q instead of a welcome", notice.Type))
	}
	l.session, l.welcome = notice.Session, notice
	return nil
}

// Session is the id of the session that the relay welcomed this peer to.
func (l *Link) Session() string { return l.session }

// Welcome is what the relay has answered to the Hello.
func (l *Link) Welcome() wire.Notice { return l.welcome }

// WaitPaired waits for the other peer.
func (l *Link) WaitPaired(ctx context.Context) (wire.Notice, error) {
	notice, err := l.readNotice(ctx)
	if err == nil && notice.Type != wire.Paired {
		err = wire.Fail(wire.ReasonProtocol, fmt.Errorf("relay: %q instead of paired", notice.Type))
	}
	if l.session == "" {
		l.session = notice.Session
	}
	return notice, err
}

// Accepted tells the relay that the customer has proved the code.
func (l *Link) Accepted(ctx context.Context) error {
	if err := l.writeJSON(ctx, wire.Notice{Type: wire.Accepted}); err != nil {
		return wire.Fail(wire.ReasonRelayLost, err)
	}
	return nil
}

// Leave tells the relay that this peer's person has ended the active session. The other peer hears it even if
// its own link is broken.
func (l *Link) Leave(ctx context.Context) error {
	if err := l.writeJSON(ctx, wire.Notice{Type: wire.Ended}); err != nil {
		return wire.Fail(wire.ReasonRelayLost, err)
	}
	return nil
}

// SendPacket hands a packet to the relay. It waits while the other peer does not read.
func (l *Link) SendPacket(ctx context.Context, packet []byte) error {
	if err := l.sends.hold(ctx); err != nil {
		return wire.Fail(wire.ReasonRelayLost, err)
	}
	defer l.sends.letGo()
	began := time.Now()
	l.writing.Store(began.UnixNano()) // for watch
	defer l.writing.Store(0)
	if err := l.conn.Write(context.Background(), websocket.MessageBinary, packet); err != nil {
		return wire.Fail(wire.ReasonRelayLost, err)
	}
	if time.Since(began) >= slowWrite {
		l.heardNow()
	}
	return nil
}

// ReceivePacket waits for the next packet, which may be used until the next call. After the relay has ended the link,
// the error has its reason.
func (l *Link) ReceivePacket(ctx context.Context) ([]byte, error) {
	kind, data, err := l.read(ctx)
	if err != nil {
		return nil, err
	}
	if kind == websocket.MessageBinary {
		return data, nil
	}
	notice, err := parseNotice(data)
	if err != nil {
		return nil, err
	}
	return nil, wire.Fail(wire.ReasonProtocol, fmt.Errorf("relay: %q instead of a packet", notice.Type))
}

// Close ends the link at once.
func (l *Link) Close() error {
	l.stop()
	l.receives.cut()
	l.sends.cut()
	err := l.conn.CloseNow()
	l.wg.Wait()
	l.client.CloseIdleConnections()
	if errors.Is(err, net.ErrClosed) { // already
		return nil
	}
	return err
}

// read waits for the next message, and has it in a buffer that is used again: a large file is many packets.
func (l *Link) read(ctx context.Context) (websocket.MessageType, []byte, error) {
	l.reading.Store(true)
	l.in.Reset()
	var kind websocket.MessageType
	err := l.receives.hold(ctx)
	if err == nil {
		var message io.Reader
		if kind, message, err = l.conn.Reader(context.Background()); err == nil {
			_, err = l.in.ReadFrom(message)
		}
		l.receives.letGo()
	}
	l.reading.Store(false)
	l.heardNow()
	if err == nil {
		return kind, l.in.Bytes(), nil
	}
	switch {
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return 0, nil, wire.Fail(wire.ReasonTimeout, err)
	case ctx.Err() != nil:
		return 0, nil, wire.Fail(wire.ReasonCancelled, ctx.Err())
	case websocket.CloseStatus(err) == websocket.StatusMessageTooBig || errors.Is(err, websocket.ErrMessageTooBig):
		return 0, nil, wire.Fail(wire.ReasonTooLarge, err)
	case l.silent.Load():
		err = errors.New("the relay has gone silent")
	}
	return 0, nil, wire.Fail(wire.ReasonRelayLost, err)
}

func (l *Link) readNotice(ctx context.Context) (wire.Notice, error) {
	kind, data, err := l.read(ctx)
	if err != nil {
		return wire.Notice{}, err
	}
	if kind != websocket.MessageText {
		return wire.Notice{}, wire.Fail(wire.ReasonProtocol, errors.New("relay: a packet before pairing"))
	}
	return parseNotice(data)
}

// parseNotice turns refusals and ends into errors.
func parseNotice(data []byte) (wire.Notice, error) {
	var notice wire.Notice
	if len(data) > wire.MaxText {
		return notice, wire.Fail(wire.ReasonTooLarge, fmt.Errorf("a notice of %d bytes", len(data)))
	}
	if err := json.Unmarshal(data, &notice); err != nil {
		return notice, wire.Fail(wire.ReasonNotARelay, err)
	}
	if notice.Type == wire.Refused || notice.Type == wire.Ended {
		failure := wire.Fail(notice.Reason, fmt.Errorf("relay: %s", notice.Type))
		failure.Relay = notice.Relay
		failure.After = time.Duration(max(0, min(notice.After, maxAfter))) * time.Millisecond
		return notice, failure
	}
	return notice, nil
}

func (l *Link) writeJSON(ctx context.Context, message any) error {
	data, err := json.Marshal(message)
	if err != nil {
		return err
	}
	return l.conn.Write(ctx, websocket.MessageText, data)
}

func (l *Link) heardNow() { l.heard.Store(time.Now().UnixNano()) }

// quiet tells whether the relay owes a sign of life. While nobody reads (a slow receiver holds the reader up) no answer
// could be seen, and while a packet waits the relay could not see the question.
func (l *Link) quiet() bool {
	if !l.reading.Load() {
		return false
	}
	now := time.Now()
	if since := l.writing.Load(); since != 0 {
		if held := now.Sub(time.Unix(0, since)); held >= slowWrite && held < heldUp {
			return false
		}
	}
	return now.Sub(time.Unix(0, l.heard.Load())) >= silence
}

// stuck tells whether the relay has not taken a packet for so long that it never will.
func (l *Link) stuck() bool {
	since := l.writing.Load()
	return since != 0 && time.Since(time.Unix(0, since)) >= writeTimeout
}

// watch closes a link on which the relay gives no sign of life, or takes nothing.
func (l *Link) watch(ctx context.Context) {
	ticker := time.NewTicker(silence / 2)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if l.stuck() {
			l.conn.CloseNow()
			return
		}
		if !l.quiet() {
			continue
		}
		asked, cancel := context.WithTimeout(ctx, silence)
		err := l.conn.Ping(asked)
		cancel()
		if err == nil {
			l.heardNow()
		} else if l.quiet() {
			l.silent.Store(true)
			l.conn.CloseNow()
			return
		}
	}
}

// CheckSecure refuses relay addresses that would be spoken to without TLS, except on this computer.
func CheckSecure(relay *url.URL) error {
	switch {
	case relay == nil || relay.Host == "":
		return wire.Fail(wire.ReasonUnreachable, errors.New("no relay address"))
	case relay.Scheme == "https":
		return nil
	case relay.Scheme == "http" && isLoopback(relay.Hostname()):
		return nil
	}
	return wire.Fail(wire.ReasonInsecure, fmt.Errorf("%s is not https", relay.Redacted()))
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func endpoint(relay *url.URL, path string) string {
	return strings.TrimSuffix(relay.String(), "/") + path
}

// newHTTPClient makes a client whose connections end with the link. HTTP/2 cannot carry WebSockets here. It follows no
// redirect: that would say the password or the token again wherever somebody on the way points to, without TLS too. A relay
// sends peers on by ReasonElsewhere, to what trusted allows.
func newHTTPClient(relay *url.URL) (*http.Client, error) {
	proxy, _, err := proxyFor(relay)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ForceAttemptHTTP2 = false
	transport.TLSHandshakeTimeout = connectTimeout
	transport.Proxy = nil
	transport.DialContext = (&net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second, Control: wire.ShortQueue}).DialContext
	if proxy != nil {
		transport.DialContext = func(ctx context.Context, _, target string) (net.Conn, error) { return dialVia(ctx, proxy, target) }
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &http.Client{Transport: transport, CheckRedirect: stay}, nil
}

func dialError(ctx context.Context, response *http.Response, err error) error {
	if response != nil {
		return refusal(response, err)
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return wire.Fail(wire.ReasonCancelled, err)
	}
	var known *wire.Error
	if errors.As(err, &known) { // from dialVia
		return known
	}
	return wire.Fail(wire.ReasonUnreachable, err)
}

// refusal is the error of a server that answers, but does not take the link.
func refusal(response *http.Response, cause error) error {
	var data []byte
	if response.Body != nil {
		data, _ = io.ReadAll(io.LimitReader(response.Body, wire.MaxText)) // what is missing is no Failure
	}
	if err := readAnswer(response, data, nil); err != nil {
		return err
	}
	return wire.Fail(wire.ReasonNotARelay, cause)
}

// redirected is the error of an answer that leads elsewhere, which no relay gives.
func redirected(response *http.Response) error {
	if response.StatusCode < 300 || response.StatusCode > 399 {
		return nil
	}
	to := "nowhere"
	if at, err := response.Location(); err == nil {
		to = shortText(at.Redacted())
	}
	return wire.Fail(wire.ReasonNotARelay, fmt.Errorf("it answers %d and leads to %s, which is not followed; name the relay's own address",
		response.StatusCode, to))
}
