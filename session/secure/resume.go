package secure

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"io"

	"handrail/session/wire"
)

// ResumeProtocol is the ALPN name of a further channel of a session.
const ResumeProtocol = "handrail-resume/1"

const (
	exporterResume = "EXPORTER-handrail-resume" // what the tags of a further channel are about
	resumeKeySize  = 32
	resumeTagSize  = sha256.Size
)

var (
	errPinned    = errors.New("the peer's certificate is not the one of this session")
	errResumeTag = errors.New("the peer does not know the session's key")
)

// Rejoin makes a further channel of this session over another link, after this one broke or has been in use for
// long. Both ends call it on their present Channel, broken or not, in the same role as before. There is no code this
// time and nothing to guess: each side shows the very certificate of the first channel, and proves with a tag over
// the new TLS connection's exporter that it knows a key which only the two ends of the first channel have:
//
//	joiner                                        operator
//	  TLS 1.3 as before, ALPN "handrail-resume/1", with the certificates of the first channel
//	  resume   HMAC(K, lv_cat("customer", E))  →
//	                                           ←  resume   HMAC(K, lv_cat("operator", E))
//	  any messages                             ↔  any messages
//
// K is ExportKey("resume", 32) of the first channel and E the exporter "EXPORTER-handrail-resume" of the new one.
// The new channel has keys of its own, by a fresh TLS key exchange, but the verifier of the first. Errors and
// ownership of conn are as in Join.
func (c *Channel) Rejoin(ctx context.Context, conn PacketConn) (*Channel, error) {
	ctx, cancel := context.WithTimeout(ctx, HandshakeTimeout)
	defer cancel()
	s := newStream(ctx, conn)
	config := tlsConfig(c.own)
	config.NextProtos = []string{ResumeProtocol}
	config.VerifyConnection = func(state tls.ConnectionState) error {
		if err := verifyForm(state); err != nil {
			return err
		}
		if shown := sha256.Sum256(state.PeerCertificates[0].Raw); subtle.ConstantTimeCompare(shown[:], c.peer[:]) != 1 {
			return errPinned
		}
		return nil
	}
	next, err := negotiate(s, config, c.role, func(conn *tls.Conn) (*Channel, error) { return c.reconfirm(s, conn) })
	if err != nil {
		s.shut()
		return nil, err
	}
	return next, nil
}

// reconfirm binds a new TLS connection to the session's first channel.
func (c *Channel) reconfirm(s *stream, conn *tls.Conn) (*Channel, error) {
	state := conn.ConnectionState()
	exported, err := state.ExportKeyingMaterial(exporterResume, nil, exporterSize)
	if err != nil {
		return nil, err
	}
	salt, err := state.ExportKeyingMaterial(exporterKeys, nil, exporterSize)
	if err != nil {
		return nil, err
	}
	other := wire.Operator
	if c.role == wire.Operator {
		other = wire.Customer
	}
	steps := []func() error{
		func() error { return writeFrame(conn, frameResume, resumeTag(c.resume, c.role, exported)) },
		func() error { return checkResume(conn, resumeTag(c.resume, other, exported)) },
	}
	if c.role == wire.Operator { // the joiner shows its tag first, as it did the first time
		steps[0], steps[1] = steps[1], steps[0]
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	next, err := newChannel(s, conn, proved{isk: c.resume}, salt, ends{c.role, c.own, c.peer})
	if err != nil {
		return nil, err
	}
	next.words, next.resume = c.words, c.resume
	return next, nil
}

func resumeTag(key []byte, role wire.Role, exported []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(lvCat([]byte(role), exported))
	return mac.Sum(nil)
}

func checkResume(r io.Reader, want []byte) error {
	_, tag, err := readFrame(r, frameResume)
	if err != nil {
		return err
	}
	if !hmac.Equal(tag, want) {
		return wire.Fail(wire.ReasonIntercepted, errResumeTag)
	}
	return nil
}
