package secure

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"handrail/session/secure/securetest"
	"handrail/session/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var right = Params{Routing: "4821", Secret: "739205"}

func withSecret(s string) Params { return Params{Routing: right.Routing, Secret: s} }

// end is what one side got.
type end struct {
	ch  *Channel
	err error
}

// meet runs Join over a and Accept over b.
func meet(t testing.TB, a, b PacketConn, customer, operator Params, limit time.Duration) (joined, accepted end) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() { joined.ch, joined.err = Join(ctx, a, customer) })
	wg.Go(func() { accepted.ch, accepted.err = Accept(ctx, b, operator) })
	wg.Wait()
	t.Cleanup(func() {
		for _, e := range []end{joined, accepted} {
			if e.ch != nil {
				_ = e.ch.Close()
			}
		}
	})
	return joined, accepted
}

// pair makes a channel with nobody between, or with the given ends of a pipe.
func pair(t testing.TB, a, b PacketConn) (customer, operator *Channel) {
	t.Helper()
	joined, accepted := meet(t, a, b, right, right, HandshakeTimeout)
	if joined.err != nil || accepted.err != nil {
		t.Fatalf("customer %v, operator %v", joined.err, accepted.err)
	}
	return joined.ch, accepted.ch
}

func wantReason(t *testing.T, who string, e end, reasons ...wire.Reason) {
	t.Helper()
	if e.ch != nil {
		t.Fatalf("%s has a channel", who)
	}
	for _, r := range reasons {
		if errors.Is(e.err, wire.Fail(r, nil)) {
			return
		}
	}
	t.Errorf("%s: %v, not one of %v", who, e.err, reasons)
}

func say(t *testing.T, ch *Channel, text string) {
	t.Helper()
	if _, err := ch.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := ch.Flush(); err != nil {
		t.Fatal(err)
	}
}

func hear(t *testing.T, ch *Channel, text string) {
	t.Helper()
	got := make([]byte, len(text))
	if _, err := io.ReadFull(ch, got); err != nil || string(got) != text {
		t.Fatalf("heard %q, %v instead of %q", got, err, text)
	}
}

func TestRightCode(t *testing.T) {
	a, b := securetest.Pipe()
	customer, operator := pair(t, a, b)
	if customer.Verifier() != operator.Verifier() {
		t.Errorf("verifiers %v and %v", customer.Verifier(), operator.Verifier())
	}
	if k := customer.ExportKey("x", 32); !bytes.Equal(k, operator.ExportKey("x", 32)) ||
		bytes.Equal(k, operator.ExportKey("y", 32)) {
		t.Error("exported keys")
	}
	if customer.PeerCertificate() == operator.PeerCertificate() {
		t.Error("both certificates are the same")
	}
	say(t, customer, "Hello")
	hear(t, operator, "Hello")
	say(t, operator, "Dober dan")
	hear(t, customer, "Dober dan")
	if err := customer.Close(); err != nil {
		t.Error(err)
	}
	if n, err := operator.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("after the peer's Close: %d, %v", n, err)
	}
	if _, err := customer.Write([]byte("x")); err == nil {
		err = customer.Flush()
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("after own Close: %v", err)
		}
	}
	if _, err := customer.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after own Close: %v", err)
	}
}

func TestEverySessionIsItsOwn(t *testing.T) {
	a, b := securetest.Pipe()
	one, _ := pair(t, a, b)
	a, b = securetest.Pipe()
	two, _ := pair(t, a, b)
	if one.PeerCertificate() == two.PeerCertificate() || one.Verifier() == two.Verifier() {
		t.Error("two sessions share a certificate or a verifier")
	}
}

func TestParametersThatDiffer(t *testing.T) {
	for name, c := range map[string]Params{
		"one digit":     withSecret("739204"),
		"longer":        withSecret("7392050"),
		"shorter":       withSecret("73920"),
		"password":      withSecret("correct horse battery staple"),
		"other routing": {Routing: "4822", Secret: right.Secret},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := securetest.Pipe()
			joined, accepted := meet(t, a, b, c, right, HandshakeTimeout)
			wantReason(t, "customer", joined, wire.ReasonWrongCode)
			wantReason(t, "operator", accepted, wire.ReasonWrongCode)
		})
	}
}

func TestParametersThatCannotBe(t *testing.T) {
	for _, p := range []Params{{}, {Routing: "4821"}, {Secret: "739205"}, withSecret(string(make([]byte, maxSecret+1)))} {
		a, _ := securetest.Pipe()
		ch, err := Join(t.Context(), a, p)
		wantReason(t, "customer", end{ch, err}, wire.ReasonProtocol)
		if _, err := a.ReceivePacket(t.Context()); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the link is not closed: %v", err)
		}
	}
}

func TestNobodyAnswers(t *testing.T) {
	a, b := securetest.Pipe()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	ch, err := Join(ctx, a, right)
	wantReason(t, "customer", end{ch, err}, wire.ReasonTimeout)
	ch, err = Accept(ctx, b, right)
	wantReason(t, "operator", end{ch, err}, wire.ReasonTimeout)

	a, _ = securetest.Pipe()
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	ch, err = Join(ctx, a, right)
	wantReason(t, "customer", end{ch, err}, wire.ReasonCancelled)

	a, b = securetest.Pipe()
	_ = b.Close()
	ch, err = Join(t.Context(), a, right)
	wantReason(t, "customer", end{ch, err}, wire.ReasonPeerLeft)
}

// broken is a link whose own report must reach the person.
type broken struct{ securetest.Conn }

func (*broken) SendPacket(context.Context, []byte) error {
	return wire.Fail(wire.ReasonReplaced, nil)
}
func (*broken) Close() error { return nil }

func TestLinkReportIsPassedOn(t *testing.T) {
	ch, err := Join(t.Context(), &broken{}, right)
	wantReason(t, "customer", end{ch, err}, wire.ReasonReplaced)
}

// TestAnyWrites checks that what is written in any pieces arrives in order, in full packets where there is much.
func TestAnyWrites(t *testing.T) {
	a, b := securetest.Pipe()
	var largest, packets int
	a.Tamper = func(_ int, p []byte) [][]byte {
		largest, packets = max(largest, len(p)), packets+1
		return [][]byte{p}
	}
	customer, operator := pair(t, a, b)
	before := packets
	rng := rand.New(rand.NewPCG(1, 2))
	want := make([]byte, 3<<20)
	for i := range want {
		want[i] = byte(rng.Uint32())
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for rest := want; len(rest) > 0; {
			n := min(len(rest), 1+int(rng.Uint32()>>(12+rng.Uint32N(20))))
			if _, err := customer.Write(rest[:n]); err != nil {
				t.Error(err)
				return
			}
			rest = rest[n:]
		}
		if err := customer.Flush(); err != nil {
			t.Error(err)
		}
	})
	got := make([]byte, len(want))
	_, err := io.ReadFull(operator, got)
	wg.Wait()
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("not what was written: %v", err)
	}
	if largest != wire.MaxPacket || packets-before > len(want)/wire.MaxPacket+2 {
		t.Errorf("%d packets, the largest of %d bytes", packets-before, largest)
	}
}

func TestBothWaysAtOnceAndClose(t *testing.T) {
	a, b := securetest.Pipe()
	customer, operator := pair(t, a, b)
	var wg sync.WaitGroup
	for _, ch := range []*Channel{customer, operator} {
		wg.Go(func() {
			for {
				if _, err := ch.Write(make([]byte, 5000)); err != nil {
					return
				}
				if err := ch.Flush(); err != nil {
					return
				}
			}
		})
		wg.Go(func() {
			buf := make([]byte, 1000)
			for {
				if _, err := ch.Read(buf); err != nil {
					return
				}
			}
		})
	}
	time.Sleep(30 * time.Millisecond)
	wg.Go(func() { _ = customer.Close() })
	_ = operator.Close()
	wg.Wait()
}

func TestCloseWithAStuckLink(t *testing.T) {
	a, b := securetest.Pipe()
	customer, _ := pair(t, a, b)
	for range 8 { // the pipe is full now, and nobody reads
		say(t, customer, "x")
	}
	start := time.Now()
	_ = customer.Close()
	if d := time.Since(start); d > closeGrace+10*time.Second {
		t.Errorf("closing took %v", d)
	}
	var wg sync.WaitGroup
	a, b = securetest.Pipe()
	customer, _ = pair(t, a, b)
	wg.Go(func() { // a writer in the middle of a call
		_, err := customer.Write(make([]byte, 2<<20))
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("writer: %v", err)
		}
	})
	time.Sleep(20 * time.Millisecond)
	_ = customer.Close()
	wg.Wait()
}

func TestLinkThatEndsIsNotAFarewell(t *testing.T) {
	a, b := securetest.Pipe()
	customer, _ := pair(t, a, b)
	_ = b.Close() // the relay cuts the link: no close_notify
	if _, err := customer.Read(make([]byte, 1)); !errors.Is(err, wire.Fail(wire.ReasonPeerLeft, nil)) {
		t.Errorf("got %v", err)
	}
}

func TestSteadyStateAllocatesLittle(t *testing.T) {
	a, b := securetest.Pipe()
	customer, operator := pair(t, a, b)
	msg, buf := make([]byte, 200), make([]byte, 200)
	n := testing.AllocsPerRun(200, func() {
		if _, err := customer.Write(msg); err != nil {
			t.Fatal(err)
		}
		if err := customer.Flush(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(operator, buf); err != nil {
			t.Fatal(err)
		}
	})
	if n > 8 { // crypto/tls's own, of 48 bytes together; the race detector adds one
		t.Errorf("%v allocations for one small message", n)
	}
}
