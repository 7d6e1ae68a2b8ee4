// Package secure makes the end-to-end channel between the customer's and the operator's program: the path
// that the relay forwards and cannot read. Both sides know a short secret, the last digits of the code.
//
//	ch, err := secure.Join(ctx, link, secure.Params{Routing: "4821", Secret: "739205"})   // customer
//	ch, err := secure.Accept(ctx, link, secure.Params{Routing: "4821", Secret: "739205"}) // operator
//	…
//	ch.Write(message)
//	ch.Flush()
//
// A Channel is only ever returned when both sides have proved that they know the secret, and that it is the
// very same TLS connection in which they did so. There is no path without encryption and none that goes on
// after a failed check.
//
// # Flow
//
// The bytes of one TLS 1.3 connection run inside packets, cut anywhere; a packet has 1 to wire.MaxPacket
// bytes. The joiner (customer) is TLS client and CPace initiator A, the operator TLS server and responder B.
//
//	joiner                                    operator
//	  TLS 1.3, ALPN "handrail/1", a fresh self-signed ed25519 certificate from each side,
//	  no tickets, no resumption, no early data
//	  share    Ya (32)  commitment (32)   →
//	                                      ←   answer   Yb (32)
//	  confirm  Ta (64)  nonce (32)        →   checks Ta: the joiner knows the secret
//	  checks Tb                           ←   accept   Tb (64)       or   wrong (no body)
//	  any messages                        ↔   any messages
//
// The four steps are frames inside TLS: length of the body (2 bytes, big endian), kind (1 byte), body. Each
// kind has one permitted length and one permitted place, so nothing is read or allocated on a peer's word.
//
// CPace is draft-irtf-cfrg-cpace-21 with the suite CPACE-RISTR255-SHA512 in the initiator-responder setting
// (cpace.go). lv_cat is the draft's concatenation of length-prefixed strings. Its inputs are:
//
//	PRS   the secret digits, as ASCII
//	sid   TLS exporter (RFC 8446 section 7.5), label "EXPORTER-handrail-cpace", no context, 32 bytes
//	CI    lv_cat("handrail/1", "customer", SHA-256(joiner's certificate),
//	             "operator", SHA-256(operator's certificate), routing digits)
//	ADa   lv_cat("customer", commitment)
//	ADb   lv_cat("operator")
//
// What both sides know beforehand is in CI, as section "Party identifiers" of the draft recommends, with the
// role beside each identity; of ADa only the commitment is sent, the rest is fixed. The two AD differ, so one
// side's tag is never the other's, even if somebody plays Ya back as Yb (which is refused besides). The tags
// are those of the draft's section "Key confirmation". An exporter is the same at both ends only if the whole
// TLS handshake was, therefore somebody who ends TLS in the middle and passes the frames on fails as well.
//
// # Verifier
//
// The four words that people may compare are for the case that the secret itself was overheard. They take in
// the joiner's nonce, which was fixed by commitment = SHA-256("handrail verifier" || nonce) before the answer
// was known and is shown after it. So neither side, and nobody between, can search for inputs that give
// wanted words: an attacker has one chance in 2^32.
//
// # What people are told
//
// An attacker who ends TLS in the middle without knowing the secret looks, to either side, exactly like a peer
// that has a wrong one: CPace must not tell more. Therefore wire.ReasonWrongCode means "the code is not right, or
// something interferes", and its sentence should say both. The reasons that Join and Accept give:
//
//	wrong_code   the secrets differ, or the channel is not the same at both ends
//	intercepted  bytes were changed, TLS failed, an invalid share, a tag of the operator's that is not right:
//	             no honest peer does any of these, whatever code was typed
//	version      the other program speaks another version of the channel
//	timeout      the whole took longer than HandshakeTimeout
//	cancelled    the caller's context was cancelled
//	others       what the PacketConn reported, such as peer_left or relay_lost
//
// The joiner learns "wrong" from one frame without a body: yes or no, and nothing that depends on the secret.
package secure

import (
	"context"
	"errors"
	"time"

	"handrail/session/wire"
)

const (
	// Protocol names the channel and its version; it is the ALPN name and part of CPace's CI. Programs of
	// different versions refuse each other.
	Protocol = "handrail/1"

	// HandshakeTimeout is how long Join and Accept take at most; a nearer deadline of the context wins.
	HandshakeTimeout = 10 * time.Second

	// closeGrace is how long a farewell to the peer may hold up closing when the link does not take it.
	closeGrace = time.Second

	maxSecret  = 1024 // bytes; a password, at the most
	maxRouting = 64   // bytes
)

// PacketConn carries packets in order between two peers. It is expected to be in the hands of an adversary:
// whatever it changes, drops, repeats or invents is found out by the channel.
//
// One goroutine may send while another receives; Close may be called at any time, more than once, and ends
// calls in progress. All three return promptly once ctx is done. Errors that are a *wire.Error reach the
// channel's user as they are; io.EOF means that the peer has left.
type PacketConn interface {
	// SendPacket sends p, 1 to wire.MaxPacket bytes, and waits while the link is full. It does not keep p.
	SendPacket(ctx context.Context, p []byte) error
	// ReceivePacket waits for the next packet. The caller may use it until the next call.
	ReceivePacket(ctx context.Context) ([]byte, error)
	// Close ends the link.
	Close() error
}

// Params is what both sides must agree on beforehand. Neither field is ever sent over the channel or the link.
type Params struct {
	// Routing is the number under which the relay paired the peers, digits only.
	Routing string
	// Secret is the part of the code that the relay does not know: digits only, or a password that is
	// already normalised (RFC 8265). At least 1 byte. Low entropy is what CPace is for.
	Secret string
}

func (p Params) check() error {
	switch {
	case p.Secret == "" || len(p.Secret) > maxSecret:
		return errors.New("secure: the secret is empty or too long")
	case p.Routing == "" || len(p.Routing) > maxRouting:
		return errors.New("secure: the routing number is empty or too long")
	}
	return nil
}

// Join makes the customer's end of the channel over conn. The context governs the handshake only, not the
// channel. Errors are *wire.Error with a reason from the package comment. Join takes conn over: it is closed
// by Channel.Close, or here when Join fails.
func Join(ctx context.Context, conn PacketConn, params Params) (*Channel, error) {
	return open(ctx, conn, params, wire.Customer)
}

// Accept makes the operator's end of the channel over conn, as Join does the customer's. Every call is one
// chance for whoever is at the other end to guess the secret: callers count calls, failed in any way, against
// wire.MaxTries, and do not call it again for the same secret after that.
func Accept(ctx context.Context, conn PacketConn, params Params) (*Channel, error) {
	return open(ctx, conn, params, wire.Operator)
}

func open(ctx context.Context, conn PacketConn, params Params, role wire.Role) (*Channel, error) {
	if err := params.check(); err != nil {
		_ = conn.Close()
		return nil, wire.Fail(wire.ReasonProtocol, err)
	}
	ctx, cancel := context.WithTimeout(ctx, HandshakeTimeout)
	defer cancel()
	s := newStream(ctx, conn)
	ch, err := establish(s, params, role)
	if err != nil {
		s.shut()
		return nil, err
	}
	return ch, nil
}
