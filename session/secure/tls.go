package secure

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"slices"
	"time"

	"handrail/session/wire"
)

const (
	exporterCPace = "EXPORTER-handrail-cpace" // sid
	exporterKeys  = "EXPORTER-handrail-keys"  // salt of ExportKey
	exporterSize  = 32

	// noApplicationProtocol is the alert of RFC 7301 section 3.2.
	noApplicationProtocol = tls.AlertError(120)
)

var (
	errProtocol    = errors.New("the peers have no version of the channel in common")
	errCertificate = errors.New("the peer's certificate is not one ed25519 certificate")
)

// newCertificate makes the certificate of one end of one session. It names nobody: the name would be worth
// nothing, and the times would only show this computer's clock.
func newCertificate() (tls.Certificate, error) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make a key: %w", err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Unix(0, 0),
		NotAfter:     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), // "none", RFC 5280 section 4.1.2.5
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, public, private)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make a certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, nil
}

// tlsConfig is the same for both roles, as far as they have the field in common.
func tlsConfig(own tls.Certificate) *tls.Config {
	return &tls.Config{
		MinVersion:       tls.VersionTLS13,
		MaxVersion:       tls.VersionTLS13,
		CurvePreferences: []tls.CurveID{tls.X25519MLKEM768, tls.X25519},
		Certificates:     []tls.Certificate{own},
		NextProtos:       []string{Protocol},
		// There is no authority that could vouch for a customer's computer, and no name to vouch for. The
		// peer is authenticated by CPace over the secret digits, bound to this very TLS connection and to
		// both certificates; no Channel exists before that has succeeded.
		InsecureSkipVerify: true,
		// Both ends present a certificate, so that both can be pinned for the rest of the session.
		ClientAuth:       tls.RequireAnyClientCert,
		VerifyConnection: verifyForm,
		// A resumed connection would have no certificates of its own.
		SessionTicketsDisabled: true,
		// Small records are for reading early from TCP; here a packet arrives whole.
		DynamicRecordSizingDisabled: true,
	}
}

// verifyForm refuses what no Handrail program presents. Trust does not come from here; see tlsConfig.
func verifyForm(state tls.ConnectionState) error {
	if len(state.PeerCertificates) != 1 {
		return errCertificate
	}
	if _, ok := state.PeerCertificates[0].PublicKey.(ed25519.PublicKey); !ok {
		return errCertificate
	}
	return nil
}

// establish does the whole handshake over s. It leaves closing s after a failure to the caller, but sends its
// farewell.
func establish(s *stream, params Params, role wire.Role) (*Channel, error) {
	own, err := newCertificate()
	if err != nil {
		return nil, wire.Fail(wire.ReasonProtocol, err)
	}
	return negotiate(s, tlsConfig(own), role, func(conn *tls.Conn) (*Channel, error) {
		return authenticate(s, conn, own, params, role)
	})
}

// negotiate does TLS and then what proves who is there.
func negotiate(s *stream, config *tls.Config, role wire.Role, prove func(*tls.Conn) (*Channel, error)) (*Channel, error) {
	var conn *tls.Conn
	otherVersion := false
	if role == wire.Customer {
		conn = tls.Client(s, config)
	} else {
		config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			otherVersion = !slices.Contains(hello.SupportedProtos, config.NextProtos[0])
			return nil, nil // crypto/tls refuses by itself, with the alert that tells the joiner why
		}
		conn = tls.Server(s, config)
	}
	if err := conn.Handshake(); err != nil {
		if otherVersion {
			return nil, wire.Fail(wire.ReasonVersion, err)
		}
		return nil, handshakeError(err)
	}
	if conn.ConnectionState().NegotiatedProtocol != config.NextProtos[0] {
		return nil, wire.Fail(wire.ReasonVersion, errProtocol)
	}
	ch, err := prove(conn)
	if err != nil {
		// Only with the farewell can the peer tell an end that was meant from one that the relay made.
		farewell(s, conn)
		return nil, handshakeError(err)
	}
	return ch, nil
}

// authenticate proves the secret over a fresh TLS connection.
func authenticate(s *stream, conn *tls.Conn, own tls.Certificate, params Params, role wire.Role) (*Channel, error) {
	state := conn.ConnectionState()
	sid, err := state.ExportKeyingMaterial(exporterCPace, nil, exporterSize)
	if err != nil {
		return nil, err
	}
	salt, err := state.ExportKeyingMaterial(exporterKeys, nil, exporterSize)
	if err != nil {
		return nil, err
	}
	peer := sha256.Sum256(state.PeerCertificates[0].Raw)
	mine := sha256.Sum256(own.Certificate[0])
	var keys proved
	if role == wire.Customer {
		b := binding{sid: sid, ci: channelID(mine, peer, params.Routing)}
		keys, err = confirmJoiner(conn, []byte(params.Secret), b)
	} else {
		b := binding{sid: sid, ci: channelID(peer, mine, params.Routing)}
		keys, err = confirmOperator(conn, []byte(params.Secret), b)
	}
	if err != nil {
		return nil, err
	}
	return newChannel(s, conn, keys, salt, ends{role, own, peer})
}

// channelID is CPace's CI.
func channelID(customer, operator [sha256.Size]byte, routing string) []byte {
	return lvCat([]byte(Protocol),
		[]byte(wire.Customer), customer[:],
		[]byte(wire.Operator), operator[:],
		[]byte(routing))
}

// handshakeError gives every failure of a handshake its reason.
func handshakeError(err error) error {
	var known *wire.Error
	var remote *net.OpError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &remote) && remote.Err.Error() == noApplicationProtocol.Error():
		// crypto/tls does not export the type of an alert that came over a net.Conn, only its text.
		return wire.Fail(wire.ReasonVersion, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return wire.Fail(wire.ReasonPeerLeft, err)
	default:
		return wire.Fail(wire.ReasonIntercepted, err)
	}
}

// farewell closes conn, and s with it, with TLS's close_notify. A link that does not take it in closeGrace is
// closed without.
func farewell(s *stream, conn *tls.Conn) {
	s.corked.Store(false)
	timer := time.AfterFunc(closeGrace, s.shut)
	defer timer.Stop()
	_ = conn.Close() // a peer that does not hear the farewell sees the link end
}
