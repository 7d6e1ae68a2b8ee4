package secure

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/session/secure/securetest"
	"handrail/session/wire"
)

// refusals are the reasons for which tampering may be noticed; wrong_code is none of them, because nothing on
// the way may make an honest person's right code look wrong without ending TLS.
var refusals = []wire.Reason{
	wire.ReasonIntercepted, wire.ReasonTimeout, wire.ReasonPeerLeft, wire.ReasonVersion,
}

// middle is a relay that sits between two pipes: the customer's link ends at one, the operator's at the other.
type middle struct {
	customer, toCustomer, toOperator, operator *securetest.Conn
}

func newMiddle() middle {
	var m middle
	m.customer, m.toCustomer = securetest.Pipe()
	m.toOperator, m.operator = securetest.Pipe()
	return m
}

// TestRelayEndsTheChannel is the relay that runs the whole protocol with both sides and guesses the secret.
func TestRelayEndsTheChannel(t *testing.T) {
	for _, guess := range []string{"000000", "739204", "839205", "7392", "4821739205", "x"} {
		t.Run(guess, func(t *testing.T) {
			m := newMiddle()
			var wg sync.WaitGroup
			var asOperator, asCustomer end
			wg.Go(func() { asOperator.ch, asOperator.err = Accept(t.Context(), m.toCustomer, withSecret(guess)) })
			wg.Go(func() { asCustomer.ch, asCustomer.err = Join(t.Context(), m.toOperator, withSecret(guess)) })
			joined, accepted := meet(t, m.customer, m.operator, right, right, HandshakeTimeout)
			wg.Wait()
			wantReason(t, "customer", joined, wire.ReasonWrongCode)
			wantReason(t, "operator", accepted, wire.ReasonWrongCode)
			wantReason(t, "relay as operator", asOperator, wire.ReasonWrongCode)
			wantReason(t, "relay as customer", asCustomer, wire.ReasonWrongCode)
		})
	}
}

// TestRelayKnowsTheSecret is beyond what the code can do; then the verifier differs.
func TestRelayKnowsTheSecret(t *testing.T) {
	m := newMiddle()
	var wg sync.WaitGroup
	var asOperator, asCustomer end
	wg.Go(func() { asOperator.ch, asOperator.err = Accept(t.Context(), m.toCustomer, right) })
	wg.Go(func() { asCustomer.ch, asCustomer.err = Join(t.Context(), m.toOperator, right) })
	customer, operator := pair(t, m.customer, m.operator)
	wg.Wait()
	_, _ = asOperator.ch.Close(), asCustomer.ch.Close()
	if customer.Verifier() == operator.Verifier() {
		t.Error("the words are the same with somebody between")
	}
}

// rawTLS is an adversary's end of TLS: everything as it should be, but no CPace.
func rawTLS(t *testing.T, conn PacketConn, client bool, change func(*tls.Config)) *tls.Conn {
	t.Helper()
	own, err := newCertificate()
	if err != nil {
		t.Fatal(err)
	}
	config := tlsConfig(own)
	if change != nil {
		change(config)
	}
	s := newStream(t.Context(), conn)
	t.Cleanup(s.shut)
	if client {
		return tls.Client(s, config)
	}
	return tls.Server(s, config)
}

// TestRelayForwardsFrames ends TLS on both sides and passes the frames on, between ends with the right code.
func TestRelayForwardsFrames(t *testing.T) {
	m := newMiddle()
	near := rawTLS(t, m.toCustomer, false, nil)
	far := rawTLS(t, m.toOperator, true, nil)
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = io.Copy(near, far); _ = near.Close() })
	wg.Go(func() { _, _ = io.Copy(far, near); _ = far.Close() })
	joined, accepted := meet(t, m.customer, m.operator, right, right, HandshakeTimeout)
	_, _ = m.customer.Close(), m.operator.Close()
	wg.Wait()
	wantReason(t, "customer", joined, wire.ReasonWrongCode)
	wantReason(t, "operator", accepted, wire.ReasonWrongCode)
}

// TestOperatorWithoutTheSecret says "accept" with a tag of its own making.
func TestOperatorWithoutTheSecret(t *testing.T) {
	a, b := securetest.Pipe()
	conn := rawTLS(t, b, false, nil)
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _, _ = readFrame(conn, frameShare)
		_ = writeFrame(conn, frameAnswer, startPAKE([]byte("0"), nil, nil).share)
		_, ta, _ := readFrame(conn, frameConfirm)
		if len(ta) > 0 {
			_ = writeFrame(conn, frameAccept, ta[:tagSize]) // the joiner's own tag, played back
		}
	})
	ch, err := Join(t.Context(), a, right)
	wg.Wait()
	wantReason(t, "customer", end{ch, err}, wire.ReasonIntercepted)
}

// TestFramesNobodySends checks every step of both sides against bytes that no honest peer sends.
func TestFramesNobodySends(t *testing.T) {
	share := startPAKE([]byte("0"), nil, nil).share
	neutral, noElement := make([]byte, shareSize), bytes.Repeat([]byte{0xff}, shareSize)
	commitment := make([]byte, commitmentSize)
	frame := func(k kind, parts ...[]byte) []byte {
		var b bytes.Buffer
		_ = writeFrame(&b, k, parts...)
		return b.Bytes()
	}
	for _, c := range []struct {
		name   string
		joiner bool // who is attacked
		bytes  []byte
	}{
		{"neutral share", true, frame(frameAnswer, neutral)},
		{"no group element", true, frame(frameAnswer, noElement)},
		{"neutral share", false, frame(frameShare, neutral, commitment)},
		{"no group element", false, frame(frameShare, noElement, commitment)},
		{"accept at once", true, frame(frameAccept, make([]byte, tagSize))},
		{"confirm at once", false, frame(frameConfirm, make([]byte, tagSize+nonceSize))},
		{"unknown kind", false, []byte{0, 0, 99}},
		{"oversized length", false, []byte{0xff, 0xff, byte(frameShare)}},
		{"oversized length", true, []byte{0xff, 0xff, byte(frameAnswer)}},
		{"too short", true, []byte{0, shareSize - 1, byte(frameAnswer)}},
		{"operator's share back", false, frame(frameAnswer, share)},
		{"application data at once", false, []byte("GET / HTTP/1.1\r\n\r\n")},
	} {
		t.Run(fmt.Sprintf("%s to joiner %v", c.name, c.joiner), func(t *testing.T) {
			a, b := securetest.Pipe()
			var e end
			if c.joiner {
				conn := rawTLS(t, b, false, nil)
				var wg sync.WaitGroup
				wg.Go(func() { _, _ = conn.Write(c.bytes) })
				e.ch, e.err = Join(t.Context(), a, right)
				wg.Wait()
			} else {
				conn := rawTLS(t, a, true, nil)
				var wg sync.WaitGroup
				wg.Go(func() { _, _ = conn.Write(c.bytes) })
				e.ch, e.err = Accept(t.Context(), b, right)
				wg.Wait()
			}
			wantReason(t, "attacked", e, wire.ReasonIntercepted)
		})
	}
}

// rw joins a reader and a writer.
type rw struct {
	io.Reader
	io.Writer
}

func TestShareReflected(t *testing.T) {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	var wg sync.WaitGroup
	wg.Go(func() {
		_, body, _ := readFrame(outR, frameShare)
		_ = writeFrame(inW, frameAnswer, body[:shareSize])
		_, _ = inW.Close(), outR.Close()
	})
	_, err := confirmJoiner(rw{inR, outW}, []byte("739205"), binding{})
	wg.Wait()
	wantReason(t, "customer", end{nil, err}, wire.ReasonIntercepted)
}

func TestNonceThatWasNotCommittedTo(t *testing.T) {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	var wg sync.WaitGroup
	wg.Go(func() { // a joiner that knows the secret and would like to choose the words
		run := startPAKE([]byte("739205"), nil, nil)
		commitment := commit(make([]byte, nonceSize))
		_ = writeFrame(inW, frameShare, run.share, commitment)
		_, yb, _ := readFrame(outR, frameAnswer)
		keys, _ := run.finish(yb, run.share, joinerAD(commitment), yb, operatorAD())
		_ = writeFrame(inW, frameConfirm, keys.ta, bytes.Repeat([]byte{1}, nonceSize))
		_, _ = inW.Close(), outR.Close()
	})
	_, err := confirmOperator(rw{inR, outW}, []byte("739205"), binding{})
	wg.Wait()
	wantReason(t, "operator", end{nil, err}, wire.ReasonIntercepted)
}

// TestReflection plays everything that one side sends back to it.
func TestReflection(t *testing.T) {
	for _, role := range []wire.Role{wire.Customer, wire.Operator} {
		a, b := securetest.Pipe()
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				p, err := b.ReceivePacket(t.Context())
				if err != nil || b.SendPacket(t.Context(), p) != nil {
					return
				}
			}
		})
		if role == wire.Operator { // it waits for somebody to speak: let that be a customer's first packet
			c, d := securetest.Pipe()
			ctx, cancel := context.WithCancel(t.Context())
			wg.Go(func() { _, _ = Join(ctx, c, right) })
			hello, err := d.ReceivePacket(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			_ = b.SendPacket(t.Context(), hello)
			cancel()
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		ch, err := open(ctx, a, right, role)
		cancel()
		wg.Wait()
		wantReason(t, string(role), end{ch, err}, wire.ReasonIntercepted)
	}
}

func ecdsaCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// TestPeersThatAreNotOurs checks each demand on TLS, towards both roles.
func TestPeersThatAreNotOurs(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*tls.Config)
		want   wire.Reason
	}{
		{"TLS 1.2", func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12 }, wire.ReasonIntercepted},
		{"no certificate", func(c *tls.Config) { c.Certificates = nil }, wire.ReasonIntercepted},
		{"another kind of certificate", func(c *tls.Config) { c.Certificates = []tls.Certificate{ecdsaCertificate(t)} }, wire.ReasonIntercepted},
		{"two certificates", func(c *tls.Config) {
			own := &c.Certificates[0]
			own.Certificate = append(own.Certificate, own.Certificate[0])
		}, wire.ReasonIntercepted},
		{"older version", func(c *tls.Config) { c.NextProtos = []string{"handrail/0"} }, wire.ReasonVersion},
		{"no version", func(c *tls.Config) { c.NextProtos = nil }, wire.ReasonVersion},
		{"web browser", func(c *tls.Config) { c.NextProtos = []string{"h2", "http/1.1"} }, wire.ReasonVersion},
	} {
		for _, role := range []wire.Role{wire.Customer, wire.Operator} {
			t.Run(c.name+" meets "+string(role), func(t *testing.T) {
				a, b := securetest.Pipe()
				conn := rawTLS(t, b, role == wire.Operator, c.change)
				var wg sync.WaitGroup
				wg.Go(func() {
					if conn.Handshake() == nil {
						_, _ = io.Copy(io.Discard, conn)
					}
					_ = conn.Close()
				})
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				ch, err := open(ctx, a, right, role)
				wg.Wait()
				wantReason(t, string(role), end{ch, err}, c.want)
			})
		}
	}
}

// handshakePackets is how many packets each side sends until both have the channel.
func handshakePackets(t *testing.T) (fromJoiner, fromOperator int) {
	t.Helper()
	a, b := securetest.Pipe()
	count := func(n *int) func(int, []byte) [][]byte {
		return func(_ int, p []byte) [][]byte { *n++; return [][]byte{p} }
	}
	a.Tamper, b.Tamper = count(&fromJoiner), count(&fromOperator)
	pair(t, a, b)
	return fromJoiner, fromOperator
}

// TestTampering puts one fault at each packet of the handshake, from either side, and at the first after it.
func TestTampering(t *testing.T) {
	fromJoiner, fromOperator := handshakePackets(t)
	faults := map[string]func(n int) func(int, []byte) [][]byte{
		"first bit":    func(n int) func(int, []byte) [][]byte { return securetest.At(n, securetest.Flip(0, 1)) },
		"length":       func(n int) func(int, []byte) [][]byte { return securetest.At(n, securetest.Flip(4, 1)) },
		"first of it":  func(n int) func(int, []byte) [][]byte { return securetest.At(n, securetest.Flip(5, 1)) },
		"in it":        func(n int) func(int, []byte) [][]byte { return securetest.At(n, securetest.Flip(60, 0x80)) },
		"last bit":     func(n int) func(int, []byte) [][]byte { return securetest.At(n, securetest.Flip(-1, 1)) },
		"without last": func(n int) func(int, []byte) [][]byte { return securetest.At(n, securetest.Truncate(1)) },
		"empty":        func(n int) func(int, []byte) [][]byte { return securetest.At(n, securetest.Truncate(1<<20)) },
		"dropped":      func(n int) func(int, []byte) [][]byte { return securetest.At(n, securetest.Drop) },
		"repeated":     func(n int) func(int, []byte) [][]byte { return securetest.At(n, securetest.Repeat) },
		"reordered":    securetest.Swap,
	}
	for name, fault := range faults {
		for n := range fromJoiner + 1 {
			t.Run(fmt.Sprintf("%s, packet %d of the joiner", name, n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { // time-outs take no time here
					a, b := securetest.Pipe()
					a.Tamper = fault(n)
					refusedOrUseless(t, a, b, true)
				})
			})
		}
		for n := range fromOperator + 1 {
			t.Run(fmt.Sprintf("%s, packet %d of the operator", name, n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { // time-outs take no time here
					a, b := securetest.Pipe()
					b.Tamper = fault(n)
					refusedOrUseless(t, a, b, false)
				})
			})
		}
	}
}

// refusedOrUseless wants that with a fault from the joiner's or the operator's side nobody reads a byte that
// was not written, and that the side at which the fault arrives, if it has a channel at all, fails when more
// comes. It may be the last frame, after which the operator has its channel already.
func refusedOrUseless(t *testing.T, a, b *securetest.Conn, fromJoiner bool) {
	joined, accepted := meet(t, a, b, right, right, HandshakeTimeout)
	for who, e := range map[string]end{"customer": joined, "operator": accepted} {
		if e.err != nil {
			wantReason(t, who, e, refusals...)
		}
	}
	from, to := joined.ch, accepted.ch
	if !fromJoiner {
		from, to = to, from
	}
	if from == nil || to == nil {
		if joined.ch != nil {
			t.Error("the customer has a channel that the operator does not have")
		}
		return
	}
	// The fault came, or will come, after the handshake.
	messages := [][]byte{[]byte("first message"), []byte("second message"), []byte("third message")}
	for _, m := range messages {
		_, _ = from.Write(m)
		_ = from.Flush()
	}
	time.AfterFunc(time.Second, func() { _ = from.Close() }) // ends the wait where the fault made a record longer
	got, err := io.ReadAll(to)
	if !bytes.HasPrefix(bytes.Join(messages, nil), got) {
		t.Errorf("read what was not written: %q", got)
	}
	if err == nil {
		t.Errorf("read %q without an error", got)
	} else if !errors.Is(err, wire.Fail(wire.ReasonIntercepted, nil)) && !errors.Is(err, wire.Fail(wire.ReasonPeerLeft, nil)) {
		t.Errorf("read %q, then %v", got, err)
	}
}

func TestPacketsThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		size int
		want wire.Reason
	}{{0, wire.ReasonIntercepted}, {wire.MaxPacket + 1, wire.ReasonTooLarge}} {
		a, b := securetest.Pipe()
		customer, _ := pair(t, a, b)
		_ = b.SendPacket(t.Context(), make([]byte, c.size))
		if _, err := customer.Read(make([]byte, 1)); !errors.Is(err, wire.Fail(c.want, nil)) {
			t.Errorf("%d bytes: %v", c.size, err)
		}
	}
}

// TestRelaySeesNothing records every packet and looks for what must not be in them.
func TestRelaySeesNothing(t *testing.T) {
	a, b := securetest.Pipe()
	var mu sync.Mutex
	var seen bytes.Buffer
	record := func(_ int, p []byte) [][]byte {
		mu.Lock()
		defer mu.Unlock()
		seen.Write(p)
		return [][]byte{p}
	}
	a.Tamper, b.Tamper = record, record
	customer, operator := pair(t, a, b)
	say(t, customer, "a sentence that is between the two")
	hear(t, operator, "a sentence that is between the two")
	for _, secret := range []string{right.Secret, "a sentence", customer.Verifier()[0] + " "} {
		if bytes.Contains(seen.Bytes(), []byte(secret)) {
			t.Errorf("the relay saw %q", secret)
		}
	}
}
